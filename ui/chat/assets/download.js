// Saves an export, which the server sends as text and never writes to its disk.
watch('value', () => {
  const file = element.querySelector('pre');
  if (!file) return;
  const { name, media } = file.dataset;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([file.textContent], { type: `${media};charset=utf-8` }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
});
