// The listener's choices, in a dialog.

import { h, icon, say } from '../dom.js';
import { installOffer } from '../install.js';
import { keysDialog } from '../player/keyboard.js';
import { pref, setPref } from '../prefs.js';

let counted = 0;

export function settingsDialog({ sources }) {
  const dialog = h(
    'dialog',
    { class: 'panel', 'aria-label': 'Settings', onclose: () => dialog.remove(), onclick: (event) => event.target === dialog && dialog.close() },
    h('div', { class: 'panel-head' }, h('h2', {}, 'Settings'), h('button', { class: 'round', 'aria-label': 'Close', onclick: () => dialog.close() }, icon('close'))),
    choice('Blend tracks over', 'crossfadeS', { 0: 'Off', 3: '3 seconds', 6: '6 seconds', 10: '10 seconds' }),
    choice('Endless: change the track', 'endlessMinutes', { 5: 'every 5 minutes', 15: 'every 15 minutes', 30: 'every 30 minutes', 60: 'every hour', 0: 'never' }),
    toggle('Same loudness for every track', 'level'),
    choice('Appearance', 'theme', { auto: 'As the system', light: 'Light', dark: 'Dark' }, String),
    toggle('Keys for playing', 'shortcuts', h('button', { class: 'link', onclick: () => keysDialog() }, 'Show the keys')),
    sources.service ? token() : null,
    installer(() => dialog.close()),
  );
  document.body.append(dialog);
  dialog.showModal();
}

function named(text, control, ...notes) {
  control.id = `setting-${(counted += 1)}`;
  return h('div', { class: 'setting' }, h('label', { htmlFor: control.id }, text), control, ...notes);
}

function choice(text, name, options, read = Number) {
  const field = h('select', { onchange: () => setPref(name, read(field.value)) }, Object.entries(options).map(([value, label]) => h('option', { value }, label)));
  field.value = String(pref(name));
  return named(text, field);
}

function toggle(text, name, ...notes) {
  const box = h('input', { type: 'checkbox', checked: pref(name), onchange: () => setPref(name, box.checked) });
  return named(text, box, ...notes.map((note) => h('small', {}, note)));
}

function token() {
  const field = h('input', {
    type: 'password', autocomplete: 'off', spellcheck: false, value: pref('token'), placeholder: 'sf_…',
    onchange: () => {
      setPref('token', field.value.trim());
      say(pref('token') ? 'Premium tracks open with this token.' : 'The token is forgotten.');
    },
  });
  return named('Premium token', field, h('small', {}, 'Kept in this browser only; sent to the service alone.'));
}

function installer(close) {
  const wish = installOffer();
  if (!wish) return null;
  const install = async () => {
    close();
    await wish.prompt();
  };
  return h('div', { class: 'setting' }, h('span', {}, 'Keep SoundFlow as an app'), h('button', { class: 'pill', onclick: install }, 'Install'));
}
