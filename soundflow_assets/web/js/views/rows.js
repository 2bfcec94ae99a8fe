// Tracks as a list by days, long lists a page at a time.

import { artOf } from '../art.js';
import { h, icon, setIcon } from '../dom.js';
import { clock, dayName, genreName, keyName, slugOf, tempo, words } from '../format.js';

const PAGE = 40;

/** @returns {HTMLElement} with `refresh()`; `further()` is called when its end comes into view */
export function rowsOf(entries, context, further = () => {}) {
  const list = h('div', { class: 'rows' });
  const end = h('div', { class: 'rows-end' });
  const rows = [];
  let shown = 0;
  let day = null;
  const more = () => {
    for (const entry of entries.slice(shown, shown + PAGE)) {
      if (entry.date !== day?.date) {
        day = { date: entry.date, list: h('ul', { 'aria-label': dayName(entry.date) }) };
        list.append(h('h3', { class: 'rows-day' }, dayName(entry.date)), day.list);
      }
      rows.push(rowOf(entry, entries, context));
      day.list.append(rows.at(-1));
    }
    shown = Math.min(shown + PAGE, entries.length);
  };
  const seen = new IntersectionObserver(
    (changes) => {
      if (!changes.some((change) => change.isIntersecting) || !scrolled()) return;
      if (shown < entries.length) more();
      else further();
    },
    { rootMargin: '600px' },
  );
  more();
  seen.observe(end);
  const element = h('div', {}, list, end);
  element.refresh = () => rows.forEach((row) => row.refresh());
  return element;
}

/** Nobody has looked further before the page was scrolled: the first view stays small. */
const scrolled = () => globalThis.scrollY > 40;

function rowOf(entry, queue, { player, sources }) {
  const button = h('button', { class: 'row-play', onclick: () => press() }, artOf(entry), h('span', { class: 'row-sign' }, icon('play')));
  const element = h(
    'li',
    { class: 'row', 'data-category': slugOf(entry.category) },
    button,
    h(
      'div',
      { class: 'row-name' },
      h('a', { class: 'row-title', href: `#/t/${entry.id}` }, entry.title),
      h('span', { class: 'row-sub' }, `${entry.category} · ${genreName(entry.genre)}`),
    ),
    h('ul', { class: 'row-tags', 'aria-label': 'Tags' }, tagsOf(entry).map((tag) => h('li', {}, tag))),
    energyMeter(entry),
    h('span', { class: 'row-fact row-bpm number' }, tempo(entry.bpm)),
    h('span', { class: 'row-fact row-key' }, keyName(entry.key)),
    h('span', { class: 'row-fact number' }, clock(entry.durationSec)),
  );
  const press = () => (player.entry?.id === entry.id ? player.toggle() : player.play(entry, queue));
  element.refresh = () => {
    const locked = !sources.playable(entry);
    const here = player.entry?.id === entry.id;
    const sounding = here && player.state !== 'paused';
    element.toggleAttribute('data-here', here);
    element.toggleAttribute('data-sounding', sounding);
    element.toggleAttribute('data-locked', locked);
    setIcon(button, locked ? 'lock' : sounding ? 'pause' : 'play');
    button.setAttribute('aria-label', locked ? `${entry.title}: premium, locked` : `${sounding ? 'Pause' : 'Play'} ${entry.title}`);
  };
  element.refresh();
  return element;
}

function tagsOf(entry) {
  const premium = entry.tier === 'premium' ? ['Premium'] : [];
  return [...premium, ...entry.natureTags.slice(0, 2).map(words)];
}

/** Five steps; the range of the track's energy is filled. */
function energyMeter({ energyMin, energyMax }) {
  const steps = [0, 1, 2, 3, 4].map((step) => {
    const on = energyMax > step * 20 && energyMin < (step + 1) * 20;
    return h('i', { 'data-on': on });
  });
  return h('span', { class: 'energy', role: 'img', 'aria-label': `Energy ${energyMin} to ${energyMax} of 100` }, steps);
}
