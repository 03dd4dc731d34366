// The list of conversations: opens, renames, exports, deletes and restores one.
const open = document.createElement('div');
open.className = 'lc-confirm';
const button = (words, name, act) => {
  const made = document.createElement('button');
  made.type = 'button';
  made.textContent = words;
  made.className = name;
  made.addEventListener('click', act);
  return made;
};

const showChanges = (row) => {
  const { id } = row.dataset;
  const title = document.createElement('input');
  title.type = 'text';
  title.value = row.querySelector('bdi').textContent;
  title.setAttribute('aria-label', tr('Title of the conversation'));
  const rename = () => trigger('alter', { do: 'rename', id, title: title.value });
  title.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') rename();
  });
  const save = (form) => () => trigger('export', { id, turn: null, form });
  open.replaceChildren(
    title,
    button(tr('Rename'), '', rename),
    ...Object.entries(FORMS).map(([form, label]) => button(tr(label), '', save(form))),
    button(tr('Delete'), 'lc-danger', () => trigger('alter', { do: 'delete', id })),
  );
  row.append(open);
  title.focus();
};

element.addEventListener('click', (event) => {
  const pressed = event.target.closest('button');
  if (pressed?.dataset.undo) {
    const { undo: id, wasOpen } = pressed.dataset;
    trigger('alter', { do: 'restore', id, open: wasOpen !== undefined });
  }
  const row = pressed?.closest('.lc-past-row');
  if (!row) return;
  if (pressed.classList.contains('lc-past-open')) trigger('reopen', { id: row.dataset.id });
  if (!pressed.classList.contains('lc-past-more')) return;
  if (open.parentNode === row) open.remove();
  else showChanges(row);
});
watch('value', () => open.remove());
