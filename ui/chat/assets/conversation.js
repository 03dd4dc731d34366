// A press on a mark, on a quote's place or on an example question; previews of the marks. The text
// itself is never read here: the server slices it, since JavaScript would count UTF-16 units.
const setCurrent = (button) => {
  element.querySelectorAll('[aria-current]').forEach((old) => old.removeAttribute('aria-current'));
  button.setAttribute('aria-current', 'true');
};

// What else the answer cites of the same document is marked faintly beside it.
const alsoCited = (button) => {
  const turn = button.closest('.lc-turn');
  const spans = [...turn.querySelectorAll('button[data-doc]')]
    .filter((other) => other.dataset.doc === button.dataset.doc)
    .map((other) => [other.dataset.start, other.dataset.end])
    .filter(([start, end]) => start !== button.dataset.start || end !== button.dataset.end);
  return [...new Map(spans.map((span) => [span.join(), span])).values()];
};

const open = (button) => {
  setCurrent(button);
  document.dispatchEvent(new CustomEvent('loccit:cite', { detail: { ...button.dataset } }));
  trigger('cite', { where: { ...button.dataset, also: alsoCited(button) } });
};

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button) return;
  hidePreview();
  const data = button.dataset;
  const turn = Number(button.closest('.lc-turn')?.dataset.turn);
  if (data.question) trigger('example', { question: data.question, typed: 'typed' in data });
  else if (data.doc) open(button);
  else if (data.rate) trigger('rate', { turn, rating: data.rate, note: null });
  else if (data.note) trigger('rate', { turn, rating: data.note, note: noteOf(button) });
  else if (data.export) trigger('export', { id: conversation(), turn, form: data.export });
  else if ('link' in data) copyLink(button, turn);
});
const noteOf = (button) => button.parentNode.querySelector('input').value;

// The page's address is that of the conversation; a turn and a citation of it can be named as well.
const conversation = () => element.querySelector('.lc-talk')?.dataset.conversation ?? '';
const address = (values) => {
  const url = new URL(location.href);
  for (const name of ['c', 't', 'm']) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(values)) if (value) url.searchParams.set(name, value);
  return url.href;
};
const copyLink = async (button, t) => {
  const m = element.querySelector(`[data-turn="${t}"] .lc-mark[aria-current]`)?.dataset.marker;
  await navigator.clipboard?.writeText(address({ c: conversation(), t, m }));
  button.textContent = tr('Copied');
  setTimeout(() => { button.textContent = tr('Copy link'); }, 2_000);
};
let wanted = new URLSearchParams(location.search);
let shown = null;
const followLink = () => {
  const id = conversation();
  if (wanted.get('c') === id && wanted.has('t')) {
    const turn = element.querySelector(`[data-turn="${Number(wanted.get('t'))}"]`);
    if (turn) scrollTo(turn);
    const mark = turn?.querySelector(`.lc-mark[data-marker="${Number(wanted.get('m'))}"]`);
    if (mark) open(mark);
  }
  if (id !== shown) {
    if (shown !== null) {
      window.history.replaceState(null, '', address({ c: id }));
      if (id) trigger('kept');
    }
    shown = id;
  }
  wanted = new URLSearchParams();
};

// The source pane's buttons walk the citations of the answer that is open.
const citations = () => {
  const turn = element.querySelector('[aria-current]')?.closest('.lc-turn');
  return turn ? [...turn.querySelectorAll('.lc-quotes .lc-open')] : [];
};
const place = (all) => {
  const { doc, start, end } = element.querySelector('[aria-current]').dataset;
  return all.findIndex(({ dataset: d }) => d.doc === doc && d.start === start && d.end === end);
};
document.addEventListener('loccit:walk', (event) => {
  const all = citations();
  if (all.length < 2) return;
  open(all[(place(all) + event.detail.step + all.length) % all.length]);
});
document.addEventListener('loccit:where', (event) => {
  const all = citations();
  if (all.length > 1) event.detail.tell(place(all) + 1, all.length);
});

// A mark shows the quote it stands for within its passage, to the pointer and to the keyboard.
const preview = document.createElement('div');
preview.className = 'lc-preview';
preview.id = 'lc-preview';
preview.setAttribute('role', 'tooltip');
preview.hidden = true;
element.closest('.gradio-container').append(preview); // where the colours are defined
const hidePreview = () => {
  preview.hidden = true;
  element.querySelector('[aria-describedby]')?.removeAttribute('aria-describedby');
};
const showPreview = (mark) => {
  const turn = mark.closest('.lc-turn');
  const quote = turn?.querySelector(`.lc-quote[value="${mark.dataset.marker}"]`);
  if (!quote) return;
  const words = document.createElement('p');
  const cited = document.createElement('mark');
  cited.textContent = quote.querySelector('blockquote').textContent;
  words.lang = '';
  words.append(quote.dataset.before, cited, quote.dataset.after);
  const where = document.createElement('p');
  where.className = 'lc-preview-where';
  where.textContent = quote.querySelector('.lc-open').textContent;
  preview.replaceChildren(words, where);
  preview.hidden = false;
  mark.setAttribute('aria-describedby', preview.id);
  const at = mark.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = preview;
  const left = Math.max(8, Math.min(at.left - 16, innerWidth - width - 8));
  const above = at.top - height - 8;
  preview.style.left = `${left}px`;
  preview.style.top = `${above > 8 ? above : at.bottom + 8}px`;
};
const overMark = (event) => event.target.closest?.('.lc-mark');
for (const name of ['mouseover', 'focusin']) {
  element.addEventListener(name, (event) => overMark(event) && showPreview(overMark(event)));
}
for (const name of ['mouseout', 'focusout']) {
  element.addEventListener(name, (event) => overMark(event) && hidePreview());
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') hidePreview();
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

// Not scrollIntoView, which would move the page around the conversation as well.
const scrollTo = (turn) => {
  const scroller = element.closest('#lc-conversation');
  const above = parseFloat(getComputedStyle(scroller).paddingTop);
  scroller.scrollTop += turn.getBoundingClientRect().top - scroller.getBoundingClientRect().top - above;
};
let seen = '';
watch('value', () => {
  hidePreview();
  const turns = element.querySelectorAll('.lc-turn');
  // A rating changes nothing that one would have to be shown.
  const state = `${conversation()} ${turns.length} ${turns.length && turns[turns.length - 1].children.length}`;
  if (turns.length && state !== seen) scrollTo(turns[turns.length - 1]);
  seen = state;
  followLink();
});
