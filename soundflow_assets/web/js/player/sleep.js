// The sleep timer: after some minutes, or with the end of the track, the sound goes away softly.

import { audioGraph } from '../audio/graph.js';
import { h } from '../dom.js';

const FADE_S = 20;
const CHOICES = [5, 15, 30, 45, 60, 90];

/** Sends `change` when set, stopped, over, and about once a second while it runs. */
export class Sleep extends EventTarget {
  #player;
  #until = null; // milliseconds of the clock, or 'track'
  #ticking = null;
  #fading = false;

  constructor(player) {
    super();
    this.#player = player;
    player.addEventListener('time', () => this.#until && this.#tick());
    player.addEventListener('ended', () => this.#until === 'track' && this.#over());
  }

  get on() {
    return this.#until !== null;
  }

  get leftS() {
    if (this.#until === 'track') return this.#player.left;
    return (this.#until - Date.now()) / 1000;
  }

  get label() {
    if (!this.on) return '';
    if (this.#until === 'track') return 'end';
    return this.leftS >= 60 ? `${Math.ceil(this.leftS / 60)}m` : `${Math.max(0, Math.ceil(this.leftS))}s`;
  }

  get spoken() {
    return this.#until === 'track' ? 'until the end of the track' : `${Math.ceil(this.leftS / 60)} minutes left`;
  }

  /** @param {number | 'track' | null} minutes */
  set(minutes) {
    clearInterval(this.#ticking);
    this.#wake();
    this.#until = minutes === null || minutes === 'track' ? minutes : Date.now() + minutes * 60_000;
    this.#player.last = minutes === 'track';
    if (this.on) this.#ticking = setInterval(() => this.#tick(), 1000);
    this.dispatchEvent(new Event('change'));
  }

  #tick() {
    if (this.#until === null) return;
    const left = this.leftS;
    // A track's end is soft by itself; before the next one blends in, it is over.
    const early = this.#until === 'track' ? 0.3 : 0;
    if (left <= early) this.#over();
    else if (left <= FADE_S && !this.#fading && this.#until !== 'track') this.#fade(left);
    else this.dispatchEvent(new Event('change'));
  }

  #fade(seconds) {
    this.#fading = true;
    const { sleep, context } = audioGraph();
    sleep.gain.cancelScheduledValues(context.currentTime);
    sleep.gain.setValueAtTime(sleep.gain.value, context.currentTime);
    sleep.gain.linearRampToValueAtTime(0.0001, context.currentTime + seconds);
  }

  #over() {
    this.#player.pause();
    this.set(null);
  }

  #wake() {
    const { sleep, context } = audioGraph();
    this.#fading = false;
    sleep.gain.cancelScheduledValues(context.currentTime);
    sleep.gain.setTargetAtTime(1, context.currentTime, 0.05);
  }
}

/** Asks how long, in a small dialog beside nothing: it works alike on every screen. */
export function sleepMenu(sleep, opener) {
  const choose = (minutes) => {
    sleep.set(minutes);
    dialog.close();
  };
  const option = (minutes, text) => h('button', { class: 'pill', onclick: () => choose(minutes) }, text);
  const dialog = h(
    'dialog',
    { class: 'panel', 'aria-label': 'Sleep timer', onclose: () => (dialog.remove(), opener.focus()), onclick: (event) => event.target === dialog && dialog.close() },
    h('h2', {}, 'Fall silent after'),
    h(
      'div',
      { class: 'choices' },
      CHOICES.map((minutes) => option(minutes, `${minutes} minutes`)),
      option('track', 'End of this track'),
      sleep.on ? option(null, `Turn off (${sleep.label} left)`) : null,
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}
