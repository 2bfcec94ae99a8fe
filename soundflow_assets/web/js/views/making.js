// A track while it is made: its stages as they come and go, then the track.

import { artOf } from '../art.js';
import { announce, h, icon, say } from '../dom.js';
import { clock, genreName, keyName, slugOf, tempo } from '../format.js';
import { isOver, STAGES } from '../generation.js';
import { showCover } from '../player/bar.js';
import { pref, setPref } from '../prefs.js';

const DOES = {
  plan: 'Choosing key, tempo and form',
  compose: 'Writing the notes',
  render: 'Playing the instruments',
  mix: 'Mixing',
  master: 'Setting the loudness',
  encode: 'Packing it as MP3',
  upload: 'Putting it on the shelf',
};

/** @returns {HTMLElement} with `refresh()` and `leave()` */
export function makingOf(project, generation, context) {
  const began = Date.now();
  const steps = new Map(STAGES.map((stage) => [stage, stepOf(stage)]));
  const time = h('span', { class: 'number' }, '0:00');
  const auto = h('input', { type: 'checkbox', id: 'make-play', checked: pref('playWhenMade'), onchange: () => setPref('playWhenMade', auto.checked) });
  const element = h(
    'div',
    { class: 'making-work' },
    h('div', { class: 'making-head' }, h('h2', {}, 'In the making'), time),
    h('ol', { class: 'stages' }, [...steps.values()].map((step) => step.element)),
    h('div', { class: 'making-auto' }, h('label', { htmlFor: 'make-play' }, 'Play it when it is there'), auto),
  );
  let made = null;
  let watched = false; // whether it was seen unfinished: what was made long ago does not start by itself
  const ticking = setInterval(() => (time.textContent = clock((Date.now() - began) / 1000)), 500);
  const over = () => clearInterval(ticking);
  const heard = (state) => {
    for (const stage of state.stages) steps.get(stage.stage)?.show(stage);
    if (!isOver(state)) {
      watched = true;
      return;
    }
    over();
    if (state.status === 'failed') element.replaceChildren(failure(state.error));
    else {
      made = resultOf(state.result, state.request.seed, context);
      element.replaceChildren(made);
      announce(`${state.result.title} is made.`);
      if (watched && pref('playWhenMade')) context.player.play(state.result, [state.result]);
    }
  };
  const failed = (error) => {
    over();
    element.replaceChildren(failure(error.message));
  };
  const stop = generation.follow(project, heard, failed);
  element.refresh = () => made?.refresh();
  element.leave = () => {
    over();
    stop();
  };
  return element;
}

function stepOf(stage) {
  const bar = h('i', {});
  const element = h('li', { class: 'stage', 'data-status': 'waiting' }, h('span', { class: 'stage-mark' }, icon('check')), h('span', { class: 'stage-does' }, DOES[stage]), h('span', { class: 'stage-way' }, bar));
  const show = ({ status, progress = 0 }) => {
    if (element.dataset.status !== status && status === 'running') announce(DOES[stage]);
    element.dataset.status = status;
    bar.style.width = `${Math.round(progress * 100)}%`;
  };
  return { element, show };
}

function failure(sentence) {
  return h('div', { class: 'making-failed' }, h('h2', {}, 'It did not work'), h('p', { class: 'lead' }, sentence ?? 'The service gave no reason.'));
}

function resultOf(entry, seed, context) {
  const { player } = context;
  const cover = h('div', { class: 'made-cover' });
  const play = h('button', { class: 'pill solid', onclick: () => (player.entry?.id === entry.id ? player.toggle() : player.play(entry, [entry])) });
  const link = async () => {
    await navigator.clipboard.writeText(location.href).then(() => say('The link is copied.'), () => say(location.href));
  };
  const element = h(
    'article',
    { class: 'made', 'data-category': slugOf(entry.category) },
    cover,
    h('div', {},
      h('h2', {}, entry.title),
      h('p', { class: 'lead' }, [entry.category, genreName(entry.genre), tempo(entry.bpm), keyName(entry.key), clock(entry.durationSec)].join(' · ')),
      h('div', { class: 'actions' }, play, h('a', { class: 'pill', href: context.sources.file(entry.objectKey), download: '' }, icon('download'), 'MP3'), h('button', { class: 'pill', onclick: link }, icon('share'), 'Copy link')),
      h('p', { class: 'making-idle' }, `Seed ${seed}: with it, the same wish makes the same track again that day.`),
    ),
  );
  cover.append(artOf(entry));
  showCover(cover, entry, context.sources);
  element.refresh = () => {
    const sounding = player.entry?.id === entry.id && player.state !== 'paused';
    play.replaceChildren(icon(sounding ? 'pause' : 'play'), sounding ? 'Pause' : 'Play');
  };
  element.refresh();
  return element;
}
