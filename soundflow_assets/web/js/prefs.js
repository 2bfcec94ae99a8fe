// What the listener has chosen, kept in this browser only. Nothing breaks where it cannot be kept.

const NAME = 'soundflow.prefs';
const DEFAULTS = {
  volume: 0.9,
  muted: false,
  crossfadeS: 6, // 0: one track ends, the next begins
  level: true, // play all tracks equally loud
  endlessMinutes: 15, // how long one track repeats before the next of its category; 0: for ever
  bed: 1, // of the nature bed, where a track has it apart; 1: as mixed
  theme: 'auto',
  shortcuts: true,
  token: '', // opens premium tracks
  playWhenMade: true,
};

const changes = new EventTarget();
let values = { ...DEFAULTS, ...read() };

export function pref(name) {
  return values[name];
}

export function setPref(name, value) {
  values = { ...values, [name]: value };
  try {
    localStorage.setItem(NAME, JSON.stringify(values));
  } catch {
    // Private windows may refuse; the choice holds until the page is left.
  }
  changes.dispatchEvent(new CustomEvent('change', { detail: name }));
}

/** Calls `heard(name)` after every change. */
export function onPref(heard) {
  changes.addEventListener('change', (event) => heard(event.detail));
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(NAME) ?? '{}');
  } catch {
    return {};
  }
}
