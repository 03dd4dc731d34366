// The source pane: shows the cited span, takes the focus and gives it back, and can be widened.
let shown = '';
let height = 0;
let side = '';
let turned = false;
let isLarge = false; // the reader's choice, also for the next pages
let opener = null; // the button that has opened the source
const article = () => element.querySelector('.lc-source');
const pane = element.closest('#lc-pane');
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

// Shows another page for the same citation, or the text in place of the page.
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
  if (!element.querySelector('.lc-source, .lc-source-gone')) return;
  trigger('shut');
  (document.querySelector('#lc-conversation [aria-current]') ?? opener)?.focus();
};

// A second click on the same mark changes nothing on the server, and must still show the span.
document.addEventListener('loccit:cite', (event) => {
  opener = document.activeElement;
  if (article() && shown === keyOf(event.detail)) reveal();
});

// A new question closes what an earlier answer cites; a document that was opened to be read stays.
document.addEventListener('loccit:asked', () => {
  if (element.querySelector('.lc-source[data-start], .lc-source-gone')) trigger('shut');
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

// The pane's left edge is a handle: it is dragged, or moved by the arrow keys, and stays for the next
// visit. Widths are shares of the room beside the list of documents, in percent.
const LEAST = 25;
const MOST = 75;
const STEP = 4;
const KEPT = 'loccit:pane';
const room = pane.parentElement;
const handle = document.createElement('div');
handle.className = 'lc-handle';
handle.tabIndex = 0;
const describe = (share) => {
  const values = { role: 'separator', 'aria-orientation': 'vertical', 'aria-valuemin': LEAST,
    'aria-valuemax': MOST, 'aria-valuenow': Math.round(share), 'aria-label': tr('Width of the source') };
  Object.entries(values).forEach(([name, value]) => handle.setAttribute(name, value));
};
const shareNow = () => 100 * pane.offsetWidth / room.clientWidth;
const widen = (wish) => {
  const share = Math.min(MOST, Math.max(LEAST, wish));
  room.style.setProperty('--lc-pane', `${share}%`);
  describe(share);
  localStorage.setItem(KEPT, share);
};
describe(Number(localStorage.getItem(KEPT)) || 46);
if (localStorage.getItem(KEPT)) widen(Number(localStorage.getItem(KEPT)));
handle.addEventListener('pointerdown', (event) => {
  event.preventDefault();
  handle.setPointerCapture(event.pointerId);
});
handle.addEventListener('pointermove', (event) => {
  if (!handle.hasPointerCapture(event.pointerId)) return;
  const { right } = room.getBoundingClientRect();
  widen(100 * (right - event.clientX) / room.clientWidth);
});
handle.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
  if (!step) return;
  event.preventDefault();
  widen(shareNow() + step);
});
pane.prepend(handle);

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') close();
  // Letters are commands only where nobody is writing.
  if (!article() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, [contenteditable]')) return;
  if (event.key === 'n') walk(1);
  if (event.key === 'p') walk(-1);
});

watch('value', () => {
  const data = article()?.dataset;
  if (!data) {
    shown = '';
    return;
  }
  tellPlace();
  zoom();
  if (keyOf(data) !== shown || turned) {
    shown = keyOf(data);
    turned = false;
    if (element.querySelector('#lc-cited')) reveal();
    else {
      const body = element.querySelector('.lc-source-body');
      body.scrollTop = 0;
      body.focus({ preventScroll: true });
    }
  } else if (side === 'earlier') {
    // Text was added above: what the reader was looking at stays where it was.
    const body = element.querySelector('.lc-source-body');
    body.scrollTop += body.scrollHeight - height;
    body.focus({ preventScroll: true });
  }
  side = '';
});
