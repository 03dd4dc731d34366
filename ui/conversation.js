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

watch('value', () => {
  const last = element.querySelector('.lc-turn:last-of-type');
  if (!last) return;
  // Not scrollIntoView, which would move the page around the conversation as well.
  const scroller = element.closest('#lc-conversation');
  const above = parseFloat(getComputedStyle(scroller).paddingTop);
  scroller.scrollTop += last.getBoundingClientRect().top - scroller.getBoundingClientRect().top - above;
});
