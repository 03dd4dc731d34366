// The source pane: brings the cited span into view, hands over the focus and gives it back.
let shown = '';
let height = 0;
let side = '';
let turned = false;
let isLarge = false; // as the reader has chosen, also for the next pages
const article = () => element.querySelector('.lc-source');
const keyOf = (data) => [data.doc, data.start, data.end].join(':');

const reveal = () => {
  const mark = element.querySelector('#lc-cited');
  const body = element.querySelector('.lc-source-body');
  if (!mark || !body) return;
  const third = body.clientHeight / 3;
  body.scrollTop += mark.getBoundingClientRect().top - body.getBoundingClientRect().top - third;
  if (isLarge) body.scrollLeft += mark.getBoundingClientRect().left - body.getBoundingClientRect().left - 24;
  mark.focus({ preventScroll: true });
};

// Another page, or the text in place of the page, of the same citation.
const turnTo = (change) => {
  const { doc, start, end, spans = '' } = article().dataset;
  const also = spans.split(' ').filter(Boolean).map((span) => span.split('-'));
  turned = true;
  trigger('extend', { where: { doc, start, end, also, ...change } });
};

const zoom = () => {
  element.querySelector('.lc-source-body')?.classList.toggle('lc-large', isLarge);
  element.querySelector('.lc-zoom')?.setAttribute('aria-pressed', String(isLarge));
};

const close = () => {
  if (!article()) return;
  shown = '';
  trigger('shut');
  document.querySelector('#lc-conversation [aria-current]')?.focus();
};

// A second press on the same mark changes nothing on the server, and must still show the span.
document.addEventListener('loccit:cite', (event) => {
  if (article() && shown === keyOf(event.detail)) reveal();
});

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  if (button.classList.contains('lc-close')) close();
  if (button.classList.contains('lc-zoom')) {
    isLarge = !isLarge;
    zoom();
    reveal();
  }
  if (button.dataset.step) walk(Number(button.dataset.step));
  if (button.dataset.view) turnTo({ view: button.dataset.view });
  if (button.dataset.page) turnTo({ page: button.dataset.page });
  if (button.classList.contains('lc-more')) {
    height = element.querySelector('.lc-source-body').scrollHeight;
    side = button.dataset.side;
    trigger('extend', { where: { ...article().dataset, side } });
  }
});

const walk = (step) => document.dispatchEvent(new CustomEvent('loccit:walk', { detail: { step } }));
const tellPlace = () => {
  const nav = element.querySelector('.lc-walk');
  const tell = (number, count) => {
    nav.hidden = false;
    const at = nav.querySelector('.lc-walk-at');
    at.textContent = at.dataset.words.replace('{number}', number).replace('{count}', count);
  };
  document.dispatchEvent(new CustomEvent('loccit:where', { detail: { tell } }));
};

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close();
  // Letters walk only where no one is writing.
  if (!article() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, [contenteditable]')) return;
  if (event.key === 'n') walk(1);
  if (event.key === 'p') walk(-1);
});

watch('value', () => {
  const data = article()?.dataset;
  if (!data) return;
  tellPlace();
  zoom();
  if (keyOf(data) !== shown || turned) {
    shown = keyOf(data);
    turned = false;
    if (element.querySelector('#lc-cited')) reveal();
    else element.querySelector('.lc-source-body').scrollTop = 0;
  } else if (side === 'earlier') {
    // Text was put above: what the reader was looking at stays where it was.
    const body = element.querySelector('.lc-source-body');
    body.scrollTop += body.scrollHeight - height;
    body.focus({ preventScroll: true });
  }
  side = '';
});
