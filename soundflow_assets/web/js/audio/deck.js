// A voice that plays a file from its address as it arrives: an <audio> element in the graph.

import { fade } from './graph.js';

const FAR_S = 0.02;

/** Sends `time`, `waiting`, `playing`, `ended` and `error`. A player keeps two and uses them in
 * turn, because some browsers let only elements sound that a tap has started before. */
export class Deck extends EventTarget {
  kind = 'deck';
  bed = null; // a track's second file, which sounds with this one
  #context;
  #level;
  #fader;
  #parting;

  constructor({ context, input }) {
    super();
    this.#context = context;
    this.element = new Audio();
    this.element.crossOrigin = 'anonymous';
    this.element.preload = 'auto';
    this.#level = new GainNode(context);
    this.#fader = new GainNode(context, { gain: 0 });
    context.createMediaElementSource(this.element).connect(this.#level).connect(this.#fader).connect(input);
    const heard = { timeupdate: 'time', waiting: 'waiting', playing: 'playing', ended: 'ended', error: 'error' };
    for (const [theirs, ours] of Object.entries(heard)) {
      this.element.addEventListener(theirs, () => this.dispatchEvent(new Event(ours)));
    }
  }

  load(url, level) {
    clearTimeout(this.#parting);
    this.#drop();
    this.setLevel(level);
    this.element.src = url;
  }

  /** Adds what `make(context, element, output)` returns: the bed of a track in two files. */
  join(make) {
    this.bed = make(this.#context, this.element, this.#level);
  }

  setLevel(level) {
    this.#level.gain.setTargetAtTime(level, this.#context.currentTime, 0.02);
  }

  get position() {
    return this.element.currentTime;
  }

  get playing() {
    return !this.element.paused && !this.element.ended;
  }

  /** Resolves when it could sound at once, or never will. */
  get ready() {
    if (this.element.readyState >= 3 && !this.element.seeking) return Promise.resolve();
    const heard = (type) => new Promise((done) => this.element.addEventListener(type, done, { once: true }));
    return Promise.race([heard('canplay'), heard('error')]);
  }

  /** Resolves when it sounds. */
  async play(fadeS = 0) {
    clearTimeout(this.#parting);
    const sounding = this.element.play();
    fade(this.#fader.gain, 1, fadeS, this.#context);
    await sounding;
  }

  pause() {
    this.element.pause();
  }

  seek(seconds) {
    if (Math.abs(this.element.currentTime - seconds) > FAR_S) this.element.currentTime = seconds;
  }

  /** Falls silent and lets go of its file. */
  release(fadeS = 0) {
    clearTimeout(this.#parting);
    fade(this.#fader.gain, 0, fadeS, this.#context);
    this.#parting = setTimeout(() => {
      this.element.pause();
      this.#drop();
      this.element.removeAttribute('src');
      this.element.load();
    }, fadeS * 1000 + 50);
  }

  #drop() {
    this.bed?.release();
    this.bed = null;
  }
}
