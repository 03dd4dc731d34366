// The list of documents: which ones are asked, opening one, and removal after a confirmation.
const rows = () => [...element.querySelectorAll('.lc-doc')];
const boxes = () => [...element.querySelectorAll('input[data-doc]')];
const folders = () => [...element.querySelectorAll('input[data-folder]')];
const boxesOf = (folder) =>
  [...folder.closest('.lc-folder').nextElementSibling.querySelectorAll('input[data-doc]')];

const tell = () => {
  const all = boxes();
  const asked = all.filter((box) => box.checked).length;
  const words = element.querySelector('.lc-docs-asked');
  const count = asked === all.length ? asked : tr('{part} of {total}').replace('{part}', asked).replace('{total}', all.length);
  if (words) words.textContent = tr('{count} selected').replace('{count}', count);
  folders().forEach((folder) => {
    const ticked = boxesOf(folder).filter((box) => box.checked).length;
    folder.checked = ticked > 0;
    folder.indeterminate = ticked > 0 && ticked < boxesOf(folder).length;
  });
};
const report = () => {
  tell();
  const excluded = boxes().filter((box) => !box.checked).map((box) => box.dataset.doc);
  trigger('scope', { excluded });
};

// The words to find stay while documents come and go.
let wanted = '';
const find = () => {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  rows().forEach((row) => {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
  });
  element.querySelectorAll('ul').forEach((list) => {
    const empty = ![...list.children].some((row) => !row.hidden);
    list.hidden = empty;
    const folder = list.previousElementSibling;
    if (folder?.classList.contains('lc-folder')) folder.hidden = empty;
  });
};
element.addEventListener('input', (event) => {
  if (!event.target.matches('.lc-find')) return;
  wanted = event.target.value;
  find();
});

// Gradio's button that folds the list away has no name. On a phone the list would cover the
// conversation, so it starts folded there.
const toggle = element.closest('.sidebar')?.querySelector('.toggle-button');
toggle?.setAttribute('aria-label', tr('Show or hide the documents'));
const narrow = window.matchMedia('(max-width: 768px)');
const fold = () => {
  if (narrow.matches && element.closest('.sidebar')?.classList.contains('open')) toggle?.click();
};
requestAnimationFrame(fold);
narrow.addEventListener('change', fold);
if (toggle) toggle.dataset.words = tr('Documents');
// Gradio names the browser's language, even where the page is in English.
document.documentElement.lang = words ? tag : 'en';
document.body.dataset.drop = tr('Drop files to add them');

// The file dialogue offers the files that can be read. Others can still be chosen, and the report
// then says why they can't be read.
const input = () => document.querySelector('#lc-sidebar input[type=file]');
document.addEventListener('click', (event) => {
  // Just before Gradio opens the dialogue; earlier, Gradio would overwrite it.
  if (event.target.closest('#lc-upload')) input()?.setAttribute('accept', ACCEPT);
}, true);

// Files dropped anywhere on the page are added; without this, a browser would open them.
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

// Of a dropped folder, the files that can be read and are not hidden are added. Their new names
// include their folders, because uploads of one name replace each other.
const suffixes = ACCEPT.split(',');
const isWanted = (file) =>
  !file.name.startsWith('.') && suffixes.some((suffix) => file.name.toLowerCase().endsWith(suffix));
const filesIn = async (entry, isNamed) => {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
    if (isNamed) return [file];
    return isWanted(file) ? [new File([file], entry.fullPath.slice(1).replaceAll('/', ' - '))] : [];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) { // the entries come in parts
    const part = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (part.length === 0) break;
    for (const inner of part) {
      if (!inner.name.startsWith('.')) found.push(...await filesIn(inner, false));
    }
  }
  return found;
};

document.addEventListener('drop', async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  showDropping(false);
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
  const carried = new DataTransfer();
  if (entries.some((entry) => entry?.isDirectory)) {
    const files = await Promise.all(entries.filter(Boolean).map((entry) => filesIn(entry, true)));
    files.flat().forEach((file) => carried.items.add(file));
  } else {
    [...event.dataTransfer.files].forEach((file) => carried.items.add(file));
  }
  if (!input() || carried.files.length === 0) return;
  const sidebar = element.closest('.sidebar');
  if (!sidebar?.classList.contains('open')) toggle?.click(); // the report is in it
  input().files = carried.files;
  input().dispatchEvent(new Event('change', { bubbles: true }));
});

element.addEventListener('change', (event) => {
  if (event.target.matches('input[data-folder]')) {
    boxesOf(event.target).forEach((box) => { box.checked = event.target.checked; });
  }
  if (event.target.matches('input[type=checkbox]')) report();
});

// One row at a time asks whether to remove its document.
const confirmation = document.createElement('div');
confirmation.className = 'lc-confirm';
const button = (words, name) => {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = words;
  made.className = name;
  return made;
};
const ask = (row) => {
  const question = document.createElement('p');
  const title = document.createElement('bdi');
  title.textContent = row.querySelector('.lc-doc-title').textContent;
  const [before, after] = tr('Remove {title} from the index?').split('{title}');
  question.append(before, title, after);
  const keep = button(tr('Cancel'), 'lc-keep');
  confirmation.replaceChildren(question, button(tr('Remove'), 'lc-danger'), keep);
  row.append(confirmation);
  keep.focus();
};

element.addEventListener('click', (event) => {
  const pressed = event.target.closest('button');
  if (!pressed) return;
  const row = pressed.closest('.lc-doc');
  if (pressed.dataset.job) {
    trigger('job', { job: pressed.dataset.job });
  } else if (pressed.dataset.open) {
    document.querySelector('#lc-conversation [aria-current]')?.removeAttribute('aria-current');
    document.dispatchEvent(new CustomEvent('loccit:cite', { detail: { doc: pressed.dataset.open } }));
    trigger('open', { where: { doc: pressed.dataset.open } });
  } else if (pressed.dataset.all) {
    rows().filter((shown) => !shown.hidden).forEach((shown) => {
      shown.querySelector('input').checked = pressed.dataset.all === 'all';
    });
    report();
  } else if (pressed.classList.contains('lc-remove')) {
    ask(row);
  } else if (pressed.classList.contains('lc-danger')) {
    trigger('remove', { doc: row.querySelector('input').dataset.doc });
  } else if (pressed.classList.contains('lc-keep')) {
    confirmation.remove();
    row.querySelector('.lc-remove').focus();
  }
});

// A refusal leads to the files that could not be read.
document.addEventListener('loccit:unread', () => {
  const sidebar = element.closest('.sidebar');
  if (!sidebar?.classList.contains('open')) toggle?.click();
  document.querySelector('#lc-tabs [role=tab]')?.click();
  const unread = element.querySelector('.lc-unread');
  if (!unread) return;
  unread.open = true;
  requestAnimationFrame(() => { // when its tab is shown
    unread.scrollIntoView({ block: 'nearest' });
    unread.querySelector('summary').focus();
  });
});

// Rows move when a document comes or goes, and a box that was clicked once no longer follows its
// attribute.
const refresh = () => {
  confirmation.remove();
  boxes().forEach((box) => { box.checked = box.hasAttribute('checked'); });
  const box = element.querySelector('.lc-find');
  if (box) box.value = wanted;
  else wanted = '';
  find();
  tell();
};
watch('value', refresh);
