// A track's waveform on a canvas, to look at and to seek in.

import { clock, spokenClock } from '../format.js';
import { h } from '../dom.js';

const BAR = 2; // CSS pixels
const GAP = 1.5;
const SEEK_KEYS = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** A slider over a track's time. Call `show` for another track and `place` as time goes on. */
export class Waveform {
  #canvas = h('canvas', { 'aria-hidden': 'true' });
  #hint = h('span', { class: 'wave-hint', 'aria-hidden': 'true' });
  #peaks = null;
  #track = null;
  #loop = null;
  #position = 0;
  #seek;

  constructor(seek) {
    this.#seek = seek;
    this.element = h(
      'div',
      {
        class: 'wave', role: 'slider', tabindex: '0', 'aria-label': 'Position in the track', 'aria-valuemin': '0',
        onkeydown: (event) => this.#key(event), onpointerdown: (event) => this.#press(event),
        onpointermove: (event) => this.#hover(event), onpointerleave: () => (this.#hint.hidden = true),
      },
      this.#canvas,
      this.#hint,
    );
    this.#hint.hidden = true;
    new ResizeObserver(() => this.#draw()).observe(this.element);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /** @param peaks audiowaveform JSON version 2, or null while it is not there */
  show(track, peaks) {
    [this.#track, this.#peaks] = [track, peaks];
    this.element.setAttribute('aria-valuemax', Math.round(track.durationSec));
    this.place(this.#position);
  }

  /** Says which part repeats, or null: the rest is drawn faintly. */
  set loop(region) {
    this.#loop = region;
    this.#draw();
  }

  place(seconds) {
    this.#position = seconds;
    this.element.setAttribute('aria-valuenow', Math.round(seconds));
    this.element.setAttribute('aria-valuetext', `${spokenClock(seconds)} of ${spokenClock(this.#track?.durationSec)}`);
    this.#draw();
  }

  #key(event) {
    const ends = { Home: 0, End: this.#track?.durationSec };
    const to = event.key in ends ? ends[event.key] : this.#position + SEEK_KEYS[event.key];
    if (!this.#track || Number.isNaN(to) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.#seek(to);
  }

  #press(event) {
    if (!this.#track || event.button) return;
    this.element.setPointerCapture(event.pointerId);
    const done = () => {
      this.#seek(this.#timeAt(event.clientX));
      this.element.removeEventListener('pointermove', moved);
    };
    const moved = (move) => (event = move);
    this.element.addEventListener('pointermove', moved);
    this.element.addEventListener('pointerup', done, { once: true });
  }

  #hover(event) {
    if (!this.#track || event.pointerType === 'touch') return;
    const box = this.element.getBoundingClientRect();
    this.#hint.hidden = false;
    this.#hint.textContent = clock(this.#timeAt(event.clientX));
    this.#hint.style.left = `${event.clientX - box.left}px`;
  }

  #timeAt(x) {
    const box = this.element.getBoundingClientRect();
    return Math.min(Math.max((x - box.left) / box.width, 0), 1) * this.#track.durationSec;
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !this.#track) return;
    const sharp = globalThis.devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * sharp)) this.#canvas.width = Math.round(width * sharp);
    if (this.#canvas.height !== Math.round(height * sharp)) this.#canvas.height = Math.round(height * sharp);
    const pen = this.#canvas.getContext('2d');
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.element);
    const [played, rest, faint] = ['--accent', '--wave-rest', '--wave-faint'].map((name) => style.getPropertyValue(name));
    const count = Math.floor(width / (BAR + GAP));
    const heights = barsOf(this.#peaks, this.#track, count);
    const seconds = this.#track.durationSec;
    for (let bar = 0; bar < count; bar += 1) {
      const time = ((bar + 0.5) / count) * seconds;
      const outside = this.#loop && (time < this.#loop.startS || time > this.#loop.endS);
      pen.fillStyle = time <= this.#position ? played : outside ? faint : rest;
      const tall = Math.max(2, heights[bar] * (height - 2));
      pen.fillRect(bar * (BAR + GAP), (height - tall) / 2, BAR, tall);
    }
  }
}

/** Heights of `count` bars, 0 to 1: of the peaks, or of the sections' energy until they are there. */
function barsOf(peaks, track, count) {
  if (!peaks) {
    return Array.from({ length: count }, (_, bar) => {
      const time = ((bar + 0.5) / count) * track.durationSec;
      const section = track.sections?.find((one) => time >= one.startSec && time < one.endSec);
      return 0.12 + 0.2 * (section?.energy ?? 0);
    });
  }
  const full = 2 ** (peaks.bits - 1);
  const bars = Array.from({ length: count }, (_, bar) => {
    const [first, last] = [bar, bar + 1].map((edge) => Math.floor((edge / count) * peaks.length));
    const until = Math.max(last, first + 1);
    let sum = 0;
    for (let pixel = first; pixel < until; pixel += 1) sum += peaks.data[2 * pixel + 1] - peaks.data[2 * pixel];
    return sum / (until - first) / (2 * full);
  });
  const highest = Math.max(...bars, 0.01);
  // The mean height and not the highest: mastered music has a peak everywhere.
  return bars.map((value) => (value / highest) ** 1.6);
}
