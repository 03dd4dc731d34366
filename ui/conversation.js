// A press on a mark, on a quote's place or on an example question. The text itself is never read
// here: the server slices it, since JavaScript would count UTF-16 units.
const setCurrent = (button) => {
  element.querySelectorAll('[aria-current]').forEach((old) => old.removeAttribute('aria-current'));
  button.setAttribute('aria-current', 'true');
};

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.dataset.question) {
    trigger('example', { question: button.dataset.question });
  } else if (button.dataset.doc) {
    setCurrent(button);
    document.dispatchEvent(new CustomEvent('loccit:cite', { detail: { ...button.dataset } }));
    trigger('cite', { where: { ...button.dataset } });
  }
});

// Beside a source the conversation is narrower, and what was pressed would move out of sight.
const keepInView = () => {
  const button = element.querySelector('[aria-current]')?.getBoundingClientRect();
  const scroller = element.closest('#lc-conversation');
  const view = scroller.getBoundingClientRect();
  if (!button || (button.top >= view.top && button.bottom <= view.bottom)) return;
  scroller.scrollTop += button.top - view.top - scroller.clientHeight / 3;
};
let width = 0;
new ResizeObserver(([entry]) => {
  if (entry.contentRect.width !== width) keepInView();
  width = entry.contentRect.width;
}).observe(element);

watch('value', () => {
  const last = element.querySelector('.lc-turn:last-of-type');
  if (!last) return;
  // Not scrollIntoView, which would move the page around the conversation as well.
  const scroller = element.closest('#lc-conversation');
  const above = parseFloat(getComputedStyle(scroller).paddingTop);
  scroller.scrollTop += last.getBoundingClientRect().top - scroller.getBoundingClientRect().top - above;
});
