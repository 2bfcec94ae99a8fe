// One track: its cover, its form, what is known of it, and what can be taken home.

import { h, icon, say, style } from '../dom.js';
import { clock, dayName, genreName, keyName, longDay, slugOf, tempo, words } from '../format.js';
import { catalogOf } from '../library.js';
import { showCover } from '../player/bar.js';
import { rowsOf } from './rows.js';

const ALIKE = 5;

/** @returns {Promise<HTMLElement>} with `refresh()` */
export async function trackView(route, context) {
  const { library } = context;
  await style('css/track.css');
  // A link may name any day: what is not among the newest tracks is in the whole catalog.
  if (!library.entry(route.name)) await library.whole().catch((error) => say(error.message));
  const entry = library.entry(route.name);
  if (!entry) return h('section', {}, h('h1', {}, 'No such track'), h('p', { class: 'lead' }, 'It may have been withdrawn. ', h('a', { href: '#/' }, h('u', {}, 'Back to the music'))));
  document.title = `${entry.title} · SoundFlow`;
  const cover = h('div', { class: 'track-cover' });
  showCover(cover, entry, context.sources);
  const actions = new Actions(entry, context);
  const more = h('section', { class: 'track-alike' });
  let rows = null;
  const showMore = () => {
    const alike = alikeOf(entry, library).slice(0, ALIKE);
    if (!alike.length) return;
    rows = rowsOf(alike, context);
    more.replaceChildren(h('h2', {}, `More ${entry.category}`), rows);
  };
  showMore();
  library.whole(catalogOf(slugOf(entry.category))).then(showMore, (error) => say(error.message));
  const element = h(
    'article',
    { class: 'track' },
    h(
      'div',
      { class: 'track-top', 'data-category': slugOf(entry.category) },
      cover,
      h(
        'div',
        {},
        h('p', { class: 'track-category' }, h('a', { href: `#/c/${slugOf(entry.category)}` }, entry.category), entry.tier === 'premium' ? ' · Premium' : ''),
        h('h1', {}, entry.title),
        h('p', { class: 'lead' }, `${genreName(entry.genre)} · ${tempo(entry.bpm)} · ${keyName(entry.key)} · ${clock(entry.durationSec)}`),
        actions.element,
        formOf(entry, context),
        factsOf(entry),
      ),
    ),
    more,
  );
  element.refresh = () => {
    actions.refresh();
    rows?.refresh();
  };
  return element;
}

function alikeOf(entry, library) {
  return library.entries.filter((one) => one.category === entry.category && one.id !== entry.id);
}

class Actions {
  #entry;
  #context;
  #play;
  #endless;

  constructor(entry, context) {
    this.#entry = entry;
    this.#context = context;
    const { library, player, playEndless, sources } = context;
    const queue = () => [entry, ...alikeOf(entry, library)];
    const press = () => (player.entry?.id === entry.id ? player.toggle() : player.play(entry, queue()));
    const free = entry.tier === 'free';
    this.#play = h('button', { class: 'pill solid', onclick: press });
    this.#endless = h('button', { class: 'pill', onclick: () => playEndless(entry) }, icon('endless'), 'Endless');
    this.element = h(
      'div',
      { class: 'actions' },
      this.#play,
      this.#endless,
      h('button', { class: 'pill', onclick: () => share(entry) }, icon('share'), 'Copy link'),
      free ? saver('MP3', sources.file(entry.objectKey)) : null,
      free && entry.midiKey ? saver('MIDI', sources.file(entry.midiKey)) : null,
    );
    this.refresh();
  }

  refresh() {
    const { player, sources } = this.#context;
    const here = player.entry?.id === this.#entry.id;
    const sounding = here && player.state !== 'paused';
    const locked = !sources.playable(this.#entry);
    this.#play.replaceChildren(icon(locked ? 'lock' : sounding ? 'pause' : 'play'), locked ? 'Premium' : sounding ? 'Pause' : 'Play');
    this.#endless.setAttribute('aria-pressed', Boolean(here && player.endless));
  }
}

function saver(name, url) {
  return h('a', { class: 'pill', href: url, download: '' }, icon('download'), name);
}

async function share(entry) {
  const address = new URL(`#/t/${entry.id}`, location.href).href;
  try {
    await navigator.clipboard.writeText(address);
    say('The link is copied.');
  } catch {
    say(address);
  }
}

/** The sections as steps; a tap begins there. */
function formOf(entry, { player }) {
  if (!entry.sections?.length) return null;
  const step = (section) => {
    const bar = h(
      'button',
      {
        class: 'form-step', title: `${words(section.name)}, ${clock(section.startSec)}`,
        'aria-label': `Play from ${words(section.name)}, ${clock(section.startSec)}`,
        onclick: () => (player.entry?.id === entry.id ? player.seek(section.startSec) : player.play(entry, [entry], { at: section.startSec })),
      },
      h('i', {}),
      h('span', { 'aria-hidden': 'true' }, words(section.name)),
    );
    bar.style.flexGrow = section.endSec - section.startSec;
    bar.style.setProperty('--energy', section.energy);
    return bar;
  };
  return h('div', { class: 'form', role: 'group', 'aria-label': 'Form' }, entry.sections.map(step));
}

function factsOf(entry) {
  const facts = {
    Made: `${dayName(entry.date)}, ${longDay(entry.date, true)}`,
    'Good for': entry.goalTags.map(words).join(', '),
    Sounds: entry.natureTags.map(words).join(', '),
    Loudness: `${entry.loudnessLufs.toFixed(1)} LUFS, peak ${entry.truePeakDbtp.toFixed(1)} dBTP`,
    Loop: entry.loop ? `${entry.loop.bars ? `${entry.loop.bars} bars, ` : ''}${clock(entry.loop.durationSec)}, without a seam` : '',
    Seed: entry.seed,
    Licence: entry.license,
  };
  return h('dl', { class: 'facts' }, Object.entries(facts).filter(([, text]) => text).flatMap(([name, text]) => [h('dt', {}, name), h('dd', {}, text)]));
}
