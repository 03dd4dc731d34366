// The list of documents: which are asked, and removal with a confirmation.
const boxes = () => [...element.querySelectorAll('input[data-doc]')];
const report = () => {
  const excluded = boxes().filter((box) => !box.checked).map((box) => box.dataset.doc);
  trigger('scope', { excluded });
};

// Gradio's button that folds the list away has no name; and on a telephone the list would cover
// the conversation, so it starts folded there.
const toggle = element.closest('.sidebar')?.querySelector('.toggle-button');
toggle?.setAttribute('aria-label', 'Show or hide the documents');
if (window.matchMedia('(max-width: 768px)').matches) {
  requestAnimationFrame(() => toggle?.click());
}

// The dialogue for files offers those that can be read; a person may still choose others, and is
// then told why they can't be.
const input = () => document.querySelector('#lc-sidebar input[type=file]');
document.addEventListener('click', (event) => {
  // Just before Gradio opens it: what is written earlier, Gradio overwrites.
  if (event.target.closest('#lc-upload')) input()?.setAttribute('accept', ACCEPT);
}, true);

// Files dropped anywhere on the page are added; a browser would open them in place of the chat.
const carriesFiles = (event) => event.dataTransfer?.types.includes('Files');
const showDropping = (shown) => document.body.classList.toggle('lc-dropping', shown);

document.addEventListener('dragover', (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  showDropping(true);
});

document.addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) showDropping(false);
});

document.addEventListener('drop', (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  showDropping(false);
  if (!input() || event.dataTransfer.files.length === 0) return;
  const sidebar = element.closest('.sidebar');
  if (!sidebar?.classList.contains('open')) toggle?.click(); // the report is in it
  input().files = event.dataTransfer.files;
  input().dispatchEvent(new Event('change', { bubbles: true }));
});

element.addEventListener('change', (event) => {
  if (event.target.matches('input[data-doc]')) report();
});

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.all) {
    boxes().forEach((box) => { box.checked = button.dataset.all === 'all'; });
    report();
  } else if (button.dataset.remove) {
    trigger('remove', { doc: button.dataset.remove });
  } else if ('keep' in button.dataset) {
    const details = button.closest('details');
    details.open = false;
    details.querySelector('summary').focus();
  }
});

// Rows move when a document comes or goes, and a box that was pressed once no longer follows its
// attribute.
watch('value', () => {
  boxes().forEach((box) => { box.checked = box.hasAttribute('checked'); });
});
