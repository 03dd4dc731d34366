// The conversation: its buttons, the page's address, previews of the marks, and copying. The server
// slices all texts, because JavaScript counts UTF-16 units and Python code points.
const turnsNow = () => [...element.querySelectorAll('.lc-turn')];
const opening = (turn) => [...turn?.querySelectorAll('button[data-doc]') ?? []];
let current = null; // the pressed button, by its turn and its place in it
const setCurrent = (button) => {
  element.querySelectorAll('[aria-current]').forEach((old) => old.removeAttribute('aria-current'));
  button.setAttribute('aria-current', 'true');
  const turn = button.closest('.lc-turn');
  current = { turn: turnsNow().indexOf(turn), place: opening(turn).indexOf(button) };
};
// The buttons are new ones each time that the conversation is drawn: after a rating, for one.
const keepCurrent = () => {
  if (!current || element.querySelector('[aria-current]')) return;
  opening(turnsNow()[current.turn])[current.place]?.setAttribute('aria-current', 'true');
};
document.addEventListener('loccit:cite', (event) => {
  if (!event.detail.start) current = null; // a document of the list is shown now
});

// The answer's other citations of the same document are marked faintly.
const alsoCited = (button) => {
  const turn = button.closest('.lc-turn');
  const spans = opening(turn)
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
  else if (data.copy) copyText(button, data.copy === 'quote' ? quoteText(button) : answerText(button));
  else if ('unread' in data) document.dispatchEvent(new CustomEvent('loccit:unread'));
});
const noteOf = (button) => button.parentNode.querySelector('input').value;

// The page's address names the conversation, and may name a turn and a citation of it.
const conversation = () => element.querySelector('.lc-talk')?.dataset.conversation ?? '';
const address = (values) => {
  const url = new URL(location.href);
  for (const name of ['c', 't', 'm']) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(values)) if (value) url.searchParams.set(name, value);
  return url.href;
};
const copyLink = (button, t) => {
  const m = element.querySelector(`[data-turn="${t}"] .lc-mark[aria-current]`)?.dataset.marker;
  copyText(button, address({ c: conversation(), t, m }));
};
const copyText = async (button, text) => {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else writeByCommand(text);
  button.dataset.words ??= button.textContent;
  button.textContent = tr('Copied');
  setTimeout(() => { button.textContent = button.dataset.words; }, 2_000);
};
// Browsers give a page without HTTPS no clipboard, but still this old command.
const writeByCommand = (text) => {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
};

// What is copied of an answer: its sentences once, with their numbers, and where they are written.
const placeText = (quote) =>
  [...quote.querySelectorAll('.lc-open, .lc-file')].map((part) => part.textContent).join(', ');
const quoteText = (button) => {
  const quote = button.closest('.lc-quote');
  return `“${quote.querySelector('blockquote').textContent}” (${placeText(quote)})`;
};
const sentencesText = (sentences) => {
  const copy = sentences.cloneNode(true);
  copy.querySelectorAll('.lc-mark').forEach((mark) => mark.replaceWith(` [${mark.dataset.marker}]`));
  return copy.textContent;
};
const answerText = (button) => {
  const turn = button.closest('.lc-turn');
  const quotes = [...turn.querySelectorAll('.lc-quote')];
  return [
    sentencesText(turn.querySelector('.lc-sentences')),
    '',
    ...quotes.map((quote) => `[${quote.value}] ${placeText(quote)}`),
  ].join('\n');
};
// A selection over a whole answer holds each sentence twice: in the answer and as its quote. The
// copy leaves out the quotes that say nothing else, and the words on buttons.
element.addEventListener('copy', (event) => {
  const selection = getSelection();
  if (!selection.rangeCount) return;
  const box = document.createElement('div');
  box.append(selection.getRangeAt(0).cloneContents());
  const said = [...box.querySelectorAll('.lc-sentences')].map(sentencesText).join(' ')
    .replace(/ \[\d+\]/g, '');
  if (!box.querySelector('.lc-mark, .lc-sentences')) return;
  box.querySelectorAll('blockquote').forEach((quote) => {
    if (quote.textContent && said.includes(quote.textContent)) quote.remove();
  });
  box.querySelectorAll('.lc-mark').forEach((mark) => mark.replaceWith(` [${mark.dataset.marker}]`));
  box.querySelectorAll('.lc-open').forEach((place) => place.replaceWith(place.textContent));
  box.querySelectorAll('.lc-quote').forEach((quote) => {
    quote.querySelector('.lc-where')?.prepend(`[${quote.value}] `);
  });
  box.querySelectorAll('button, .lc-tools, .lc-why, .lc-support').forEach((tool) => tool.remove());
  box.className = 'lc-copied';
  element.append(box); // laid out, so that its lines are those that one sees
  event.clipboardData.setData('text/plain', box.innerText.trim());
  box.remove();
  event.preventDefault();
});

let wanted = new URLSearchParams(location.search);
let shown = null;
let hadTurns = false;
const followLink = () => {
  const id = conversation();
  if (wanted.get('c') === id && wanted.has('t')) {
    const turn = element.querySelector(`[data-turn="${Number(wanted.get('t'))}"]`);
    if (turn) scrollTo(turn);
    const mark = turn?.querySelector(`.lc-mark[data-marker="${Number(wanted.get('m'))}"]`);
    if (mark) open(mark);
  }
  if (id !== shown) {
    if (shown !== null && id !== addressed()) {
      // A first answer gives this conversation its address; another conversation is another page,
      // from which the Back button leads here.
      const isSame = shown === '' && hadTurns;
      window.history[isSame ? 'replaceState' : 'pushState'](null, '', address({ c: id }));
    }
    if (shown !== null && id) trigger('kept');
    shown = id;
  }
  hadTurns = element.querySelector('.lc-turn') !== null;
  wanted = new URLSearchParams();
};
const addressed = () => new URLSearchParams(location.search).get('c') ?? '';
window.addEventListener('popstate', () => {
  if (addressed() !== conversation()) trigger('visit', { id: addressed() });
});

// The source pane's buttons go through the citations of the open answer.
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

// At the pointer or the keyboard's focus, a mark shows its quote within the passage.
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

// Beside a source the conversation is narrower: keep the pressed button in view.
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
let isAsking = false;
watch('value', () => {
  hidePreview();
  const wasAsking = isAsking;
  isAsking = element.querySelector('.lc-pending') !== null;
  const isAsked = isAsking && !wasAsking;
  if (isAsked) document.dispatchEvent(new CustomEvent('loccit:asked'));
  if (isAsked || conversation() !== shown) current = null;
  keepCurrent();
  const turns = turnsNow();
  // A rating needs no scrolling.
  const state = `${conversation()} ${turns.length} ${turns.length && turns[turns.length - 1].children.length}`;
  if (turns.length && state !== seen) scrollTo(turns[turns.length - 1]);
  seen = state;
  followLink();
});
