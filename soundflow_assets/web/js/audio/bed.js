// A track in two files: the music in a deck's own element, the nature bed in one beside it, with a
// gain of its own. Rain keeps no time, so the bed follows the music and need not be exact.

import { pref } from '../prefs.js';
import { levelGain, pairOf } from './levels.js';

const APART_S = 0.25; // further than this from the music the bed is moved

/** Puts a track on a deck as music and bed. */
export function loadApart(deck, entry, sources) {
  deck.load(sources.file(entry.stems.musicKey), levelGain(pairOf(entry), pref('level')));
  deck.join((...place) => new Bed(...place, sources.file(entry.stems.bedKey), pref('bed')));
}

class Bed {
  #element = new Audio();
  #gain;
  #music;

  /** @param music the deck's element; @param output where the deck's own sound goes */
  constructor(context, music, output, url, share) {
    this.#music = music;
    this.#element.crossOrigin = 'anonymous';
    this.#element.src = url;
    this.#gain = new GainNode(context, { gain: share });
    context.createMediaElementSource(this.#element).connect(this.#gain).connect(output);
    for (const type of ['playing', 'pause', 'waiting', 'seeking', 'timeupdate']) {
      music.addEventListener(type, this.#follow);
    }
  }

  /** @param {number} share 1: as it was mixed */
  set share(share) {
    this.#gain.gain.setTargetAtTime(share, this.#gain.context.currentTime, 0.05);
  }

  release() {
    for (const type of ['playing', 'pause', 'waiting', 'seeking', 'timeupdate']) {
      this.#music.removeEventListener(type, this.#follow);
    }
    this.#element.pause();
    this.#element.removeAttribute('src');
    this.#gain.disconnect();
  }

  #follow = ({ type }) => {
    const { paused, ended, currentTime } = this.#music;
    if (Math.abs(this.#element.currentTime - currentTime) > APART_S) this.#element.currentTime = currentTime;
    if (paused || ended || type === 'waiting') this.#element.pause();
    else if (this.#element.paused) this.#element.play().catch(() => {});
  };
}
