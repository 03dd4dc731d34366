// After an @ in the question, lists the documents whose names begin with the letters behind it.
const MOST = 6;
const box = () => document.querySelector('#lc-question textarea');
const list = document.createElement('ul');
list.id = 'lc-names';
list.className = 'lc-names';
list.setAttribute('role', 'listbox');
list.setAttribute('aria-label', tr('Documents to choose from'));
list.hidden = true;
element.closest('.gradio-container').append(list);

const names = () => [...document.querySelectorAll('.lc-doc')].map((row) => ({
  name: row.querySelector('.lc-doc-detail bdi').textContent.split(', ')[0],
  title: row.querySelector('.lc-doc-title').textContent,
}));
const begun = () => box().value.slice(0, box().selectionStart).match(/(?:^|\s)@([^\s"]*)$/);
const chosen = () => list.querySelector('[aria-selected="true"]');

const close = () => {
  list.hidden = true;
  box()?.removeAttribute('aria-activedescendant');
};
const choose = (item) => {
  [...list.children].forEach((one) => one.setAttribute('aria-selected', String(one === item)));
  box().setAttribute('aria-activedescendant', item.id);
};
const take = (item) => {
  const area = box();
  const at = area.selectionStart - begun()[1].length;
  const name = item.dataset.name;
  const words = /[\s"]/.test(name) ? `"${name.replaceAll('"', '')}"` : name;
  const value = `${area.value.slice(0, at)}${words} ${area.value.slice(area.selectionStart)}`;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(area, value);
  area.dispatchEvent(new Event('input', { bubbles: true }));
  area.setSelectionRange(at + words.length + 1, at + words.length + 1);
  area.focus();
  close();
};
const show = () => {
  const found = begun();
  if (!found) return close();
  const start = found[1].toLowerCase();
  const fitting = names().filter(({ name, title }) =>
    name.toLowerCase().startsWith(start) || title.toLowerCase().startsWith(start));
  list.replaceChildren(...fitting.slice(0, MOST).map(({ name, title }, number) => {
    const item = document.createElement('li');
    item.id = `lc-name-${number}`;
    item.setAttribute('role', 'option');
    item.dataset.name = name;
    item.textContent = name === title ? name : `${name} · ${title}`;
    return item;
  }));
  if (!fitting.length) return close();
  const at = box().getBoundingClientRect();
  list.style.left = `${at.left}px`;
  list.style.bottom = `${innerHeight - at.top + 10}px`;
  list.hidden = false;
  return choose(list.firstElementChild);
};

document.addEventListener('input', (event) => {
  if (event.target === box()) show();
});
document.addEventListener('focusout', (event) => {
  if (event.target === box()) setTimeout(close, 150); // a click on a name comes first
});
list.addEventListener('mousedown', (event) => {
  event.preventDefault();
  const item = event.target.closest('li');
  if (item) take(item);
});
// In the capture phase, before Gradio sends the question at Enter.
document.addEventListener('keydown', (event) => {
  if (list.hidden || event.target !== box()) return;
  const items = [...list.children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(items[(items.indexOf(chosen()) + step + items.length) % items.length]);
  else if (event.key === 'Enter' || event.key === 'Tab') take(chosen());
  else if (event.key === 'Escape') close();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
