// The report on added files: its buttons stop, retry, or scan the folder again.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-job]');
  if (button) trigger('job', { job: button.dataset.job });
});
