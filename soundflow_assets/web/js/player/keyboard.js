// Keys that work anywhere on the page, except while something is typed. They can be switched off.

import { h, icon } from '../dom.js';
import { pref, setPref } from '../prefs.js';
import { sleepMenu } from './sleep.js';

export const KEYS = [
  ['K', 'Play or pause'],
  ['J', 'Back 10 seconds'],
  ['L', 'On 10 seconds'],
  ['N', 'Next track'],
  ['P', 'Previous track'],
  ['E', 'Endless on or off'],
  ['S', 'Sleep timer'],
  ['M', 'Mute'],
  ['+', 'Louder'],
  ['-', 'Softer'],
  ['F', 'Large view'],
  ['/', 'Search'],
  ['?', 'These keys'],
];

export function keyboard({ player, sleep, playEndless }, bar) {
  const louder = (step) => {
    setPref('volume', Math.min(1, Math.max(0, pref('volume') + step)));
    setPref('muted', false);
  };
  const acts = {
    ' ': () => player.toggle(),
    k: () => player.toggle(),
    j: () => player.seek(player.position - 10),
    l: () => player.seek(player.position + 10),
    n: () => player.next(),
    p: () => player.previous(),
    e: () => playEndless(player.entry),
    s: () => sleepMenu(sleep, bar.element),
    m: () => setPref('muted', !pref('muted')),
    '+': () => louder(0.05),
    '-': () => louder(-0.05),
    f: () => bar.openSheet(),
    '/': () => document.querySelector('#search')?.focus(),
    '?': () => keysDialog(),
  };
  addEventListener('keydown', (event) => {
    if (!pref('shortcuts') || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const act = acts[event.key.toLowerCase()];
    if (!act || isTaken(event)) return;
    event.preventDefault();
    act();
  });
}

/** Whether the key means something to what has the focus. */
function isTaken({ key, target }) {
  if (target.closest('input:not([type="range"]), select, textarea, [contenteditable]')) return true;
  if (target.closest('dialog[open]:not(.sheet)')) return true;
  return key === ' ' && Boolean(target.closest('button, a, summary, input'));
}

export function keysDialog() {
  const dialog = h(
    'dialog',
    { class: 'panel', 'aria-label': 'Keys', onclose: () => dialog.remove(), onclick: (event) => event.target === dialog && dialog.close() },
    h('div', { class: 'panel-head' }, h('h2', {}, 'Keys'), h('button', { class: 'round', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
    h('dl', { class: 'keys' }, KEYS.flatMap(([key, does]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, does)])),
  );
  document.body.append(dialog);
  dialog.showModal();
}
