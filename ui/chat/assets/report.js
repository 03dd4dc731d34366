// The report on what is being added: its buttons stop it, try again, or look again at the folder.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-job]');
  if (button) trigger('job', { job: button.dataset.job });
});
