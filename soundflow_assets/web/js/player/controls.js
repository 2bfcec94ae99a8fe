// Controls that the bar and the large view share. Each has `refresh()`.

import { h, icon, say, setIcon } from '../dom.js';
import { onPref, pref, setPref } from '../prefs.js';
import { sleepMenu } from './sleep.js';

function button(name, label, onclick, look = 'round') {
  return h('button', { class: look, 'aria-label': label, title: label, onclick }, icon(name));
}

/** Previous, play or pause, next. */
export function transport({ player }) {
  const previous = button('previous', 'Previous track', () => player.previous());
  const play = button('play', 'Play', () => player.toggle(), 'round solid play');
  const next = button('next', 'Next track', () => player.next());
  const element = h('div', { class: 'transport' }, previous, play, next);
  element.refresh = () => {
    const on = player.state === 'playing' || player.state === 'loading';
    setIcon(play, on ? 'pause' : 'play');
    play.setAttribute('aria-label', on ? 'Pause' : 'Play');
    play.title = on ? 'Pause (K)' : 'Play (K)';
    play.toggleAttribute('data-loading', player.state === 'loading');
    next.disabled = !player.endless && !player.neighbour(1);
  };
  return element;
}

export function endlessButton({ player, playEndless }) {
  const element = button('endless', 'Endless', () => {
    const on = !player.endless;
    playEndless(player.entry);
    say(on ? `Endless ${player.entry.category}: this goes on until you stop it.` : 'Endless is off.');
  });
  element.refresh = () => element.setAttribute('aria-pressed', player.endless);
  return element;
}

export function sleepButton({ sleep }) {
  const left = h('span', { class: 'sleep-left number' });
  const open = button('moon', 'Sleep timer', () => sleepMenu(sleep, open));
  open.append(left);
  open.refresh = () => {
    open.toggleAttribute('data-on', sleep.on);
    left.textContent = sleep.label;
    open.setAttribute('aria-label', sleep.on ? `Sleep timer, ${sleep.spoken}` : 'Sleep timer');
  };
  sleep.addEventListener('change', open.refresh);
  return open;
}

/** The nature bed's own volume, for tracks that have it apart; out of sight for all others. */
export function bedControl({ player }) {
  const slider = h('input', {
    type: 'range', min: 0, max: 2, step: 0.05, 'aria-label': 'Nature bed',
    oninput: () => setPref('bed', Number(slider.value)),
  });
  const element = h('div', { class: 'bed' }, h('span', { 'aria-hidden': 'true' }, 'Nature'), slider);
  element.refresh = () => {
    element.hidden = !player.entry?.stems || player.entry.tier !== 'free';
    slider.value = pref('bed');
    slider.setAttribute('aria-valuetext', `${Math.round(pref('bed') * 100)} percent of the mix`);
    slider.style.setProperty('--part', `${pref('bed') * 50}%`);
  };
  onPref((name) => name === 'bed' && element.refresh());
  return element;
}

export function volumeControl() {
  const mute = button('volume', 'Mute', () => setPref('muted', !pref('muted')));
  const slider = h('input', {
    type: 'range', min: 0, max: 1, step: 0.01, 'aria-label': 'Volume',
    oninput: () => {
      setPref('volume', Number(slider.value));
      if (pref('muted')) setPref('muted', false);
    },
  });
  const element = h('div', { class: 'volume' }, mute, slider);
  element.refresh = () => {
    const level = pref('muted') ? 0 : pref('volume');
    slider.value = level;
    slider.setAttribute('aria-valuetext', `${Math.round(level * 100)} percent`);
    slider.style.setProperty('--part', `${level * 100}%`);
    setIcon(mute, level ? 'volume' : 'muted');
    mute.setAttribute('aria-pressed', pref('muted'));
  };
  onPref((name) => (name === 'volume' || name === 'muted') && element.refresh());
  return element;
}
