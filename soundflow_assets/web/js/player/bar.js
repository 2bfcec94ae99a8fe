// The bar at the foot of the page: what plays, where it is, and the controls.

import { artOf } from '../art.js';
import { h, icon } from '../dom.js';
import { clock, slugOf } from '../format.js';
import { endlessButton, sleepButton, transport, volumeControl } from './controls.js';
import { Waveform } from './waveform.js';

export class Bar {
  #context;
  #parts;
  #cover = h('button', { class: 'bar-cover', 'aria-label': 'Open the large view', onclick: () => this.openSheet() });
  #title = h('a', { class: 'bar-title' });
  #sub = h('span', { class: 'bar-sub' });
  #now = h('span', { class: 'wave-time number', 'aria-hidden': 'true' });
  #whole = h('span', { class: 'wave-time number', 'aria-hidden': 'true' });
  #shown = null;
  #sheet = null;

  constructor(context) {
    this.#context = context;
    const { player } = context;
    this.element = document.querySelector('#player');
    this.wave = new Waveform((seconds) => player.seek(seconds));
    this.#parts = [transport(context), endlessButton(context), sleepButton(context), volumeControl()];
    const [controls, endless, sleep, volume] = this.#parts;
    const open = h('button', { class: 'round bar-open', 'aria-label': 'Open the large view', onclick: () => this.openSheet() }, icon('down'));
    this.element.replaceChildren(
      h('div', { class: 'bar-what' }, this.#cover, h('div', { class: 'bar-name' }, this.#title, this.#sub)),
      controls,
      h('div', { class: 'bar-wave' }, this.#now, this.wave.element, this.#whole),
      h('div', { class: 'bar-side' }, endless, sleep, volume, open),
    );
    this.element.hidden = false;
    player.addEventListener('change', () => this.#refresh());
    player.addEventListener('time', () => this.#time());
    this.#refresh();
  }

  async openSheet() {
    if (!this.#sheet) {
      const { Sheet } = await import('./sheet.js');
      this.#sheet = new Sheet(this.#context);
    }
    this.#sheet.open();
  }

  #refresh() {
    const { player } = this.#context;
    for (const part of this.#parts) part.refresh();
    if (!player.entry) return;
    if (this.#shown !== player.entry.id) this.#change(player.entry);
    const endless = player.endless ? 'Endless ' : '';
    this.#sub.textContent = `${endless}${player.entry.category}`;
    this.element.toggleAttribute('data-sounding', player.state === 'playing');
    this.wave.loop = player.loop;
    this.#time();
  }

  #change(entry) {
    this.#shown = entry.id;
    this.element.dataset.category = slugOf(entry.category);
    this.#title.textContent = entry.title;
    this.#title.href = `#/t/${entry.id}`;
    this.#whole.textContent = clock(entry.durationSec);
    showCover(this.#cover, entry, this.#context.sources);
    showPeaks(this.wave, entry, this.#context);
  }

  #time() {
    const { position } = this.#context.player;
    this.#now.textContent = clock(position);
    this.wave.place(position);
  }
}

/** Draws the track's art at once, and its cover over it when that has arrived. */
export async function showCover(place, entry, sources) {
  place.replaceChildren(artOf(entry));
  const url = sources.cover(entry);
  if (!url) return;
  const image = h('img', { src: url, alt: '', decoding: 'async' });
  await image.decode().catch(() => {});
  if (image.naturalWidth && place.firstChild) place.replaceChildren(image);
}

export async function showPeaks(wave, entry, { sources, player }) {
  wave.show(entry, null);
  const peaks = await sources.peaks(entry).catch(() => null);
  if (peaks && player.entry === entry) wave.show(entry, peaks);
}
