// One of today's tracks, as a window one looks through.

import { artOf } from '../art.js';
import { h, icon, setIcon } from '../dom.js';
import { clock, genreName, keyName, slugOf, tempo } from '../format.js';

/** @returns {HTMLElement} with `refresh()`, to be called when the player has changed */
export function tileOf(entry, queue, { player, playEndless }) {
  const button = h('button', { class: 'tile-play round', onclick: () => press() }, icon('play'));
  const endless = h(
    'button',
    {
      class: 'tile-endless round', title: 'Endless', 'aria-label': `Play ${entry.category} endlessly`,
      onclick: () => playEndless(entry),
    },
    icon('endless'),
  );
  const element = h(
    'article',
    { class: 'tile', 'data-category': slugOf(entry.category) },
    artOf(entry),
    h('a', { class: 'tile-category', href: `#/c/${slugOf(entry.category)}` }, entry.category),
    button,
    h(
      'div',
      { class: 'tile-field' },
      h('h2', {}, h('a', { href: `#/t/${entry.id}` }, entry.title)),
      h('p', {}, `${genreName(entry.genre)} · ${tempo(entry.bpm)}`),
      h('p', { class: 'tile-last' }, `${keyName(entry.key)} · `, h('span', { class: 'number' }, clock(entry.durationSec))),
      endless,
    ),
  );
  const press = () => (player.entry?.id === entry.id ? player.toggle() : player.play(entry, queue));
  element.refresh = () => {
    const here = player.entry?.id === entry.id;
    const sounding = here && player.state !== 'paused';
    element.toggleAttribute('data-here', here);
    element.toggleAttribute('data-sounding', sounding);
    setIcon(button, sounding ? 'pause' : 'play');
    button.setAttribute('aria-label', `${sounding ? 'Pause' : 'Play'} ${entry.title}`);
    endless.setAttribute('aria-pressed', Boolean(here && player.endless));
  };
  element.refresh();
  return element;
}
