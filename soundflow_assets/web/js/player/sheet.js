// The large view: one picture, one track, nothing else. Fills the screen.

import { artOf } from '../art.js';
import { h, icon } from '../dom.js';
import { clock, genreName, keyName, slugOf, tempo } from '../format.js';
import { showPeaks } from './bar.js';
import { bedControl, endlessButton, sleepButton, transport, volumeControl } from './controls.js';
import { Waveform } from './waveform.js';

export class Sheet {
  #context;
  #parts;
  #art = h('div', { class: 'sheet-art' });
  #title = h('h2', {});
  #sub = h('p', { class: 'sheet-sub' });
  #now = h('span', { class: 'wave-time number', 'aria-hidden': 'true' });
  #whole = h('span', { class: 'wave-time number', 'aria-hidden': 'true' });
  #shown = null;

  constructor(context) {
    this.#context = context;
    const { player } = context;
    this.wave = new Waveform((seconds) => player.seek(seconds));
    this.#parts = [transport(context), endlessButton(context), sleepButton(context), volumeControl(), bedControl(context)];
    const [controls, endless, sleep, volume, bed] = this.#parts;
    this.element = h(
      'dialog',
      { class: 'sheet', 'aria-label': 'Now playing' },
      h('button', { class: 'round sheet-close', 'aria-label': 'Close the large view', onclick: () => this.element.close() }, icon('down')),
      this.#art,
      h('div', { class: 'sheet-what' }, this.#title, this.#sub),
      h('div', { class: 'sheet-wave' }, this.wave.element, this.#now, this.#whole),
      h('div', { class: 'sheet-controls' }, endless, controls, sleep),
      h('div', { class: 'sheet-levels' }, volume, bed),
    );
    document.body.append(this.element);
    player.addEventListener('change', () => this.#refresh());
    player.addEventListener('time', () => this.#time());
  }

  open() {
    if (this.element.open) return;
    this.element.showModal();
    this.#refresh();
  }

  #refresh() {
    const { player } = this.#context;
    if (!this.element.open || !player.entry) return;
    for (const part of this.#parts) part.refresh();
    if (this.#shown !== player.entry.id) this.#change(player.entry);
    this.element.toggleAttribute('data-sounding', player.state === 'playing');
    this.wave.loop = player.loop;
    this.#time();
  }

  #change(entry) {
    this.#shown = entry.id;
    this.element.dataset.category = slugOf(entry.category);
    this.#title.textContent = entry.title;
    this.#sub.textContent = [entry.category, genreName(entry.genre), tempo(entry.bpm), keyName(entry.key)].join(' · ');
    this.#whole.textContent = clock(entry.durationSec);
    this.#art.replaceChildren(artOf(entry));
    showPeaks(this.wave, entry, this.#context);
  }

  #time() {
    if (!this.element.open) return;
    const { position } = this.#context.player;
    this.#now.textContent = clock(position);
    this.wave.place(position);
  }
}
