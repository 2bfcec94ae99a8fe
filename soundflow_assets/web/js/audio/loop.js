// A voice that repeats a track's loop cut without a seam: a decoded buffer in the graph.
//
// Positions are those of the track the cut was taken from, so that the waveform needs to know
// nothing of loops. While it sounds, a silent element keeps the system's media controls alive,
// which browsers give to elements only.

import { fade } from './graph.js';

/** Fetches and decodes a loop cut. Fails where the browser knows no Ogg Vorbis. */
export async function decodeLoop(url, context) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the loop cannot be fetched (${answer.status})`);
  return context.decodeAudioData(await answer.arrayBuffer());
}

export class LoopVoice extends EventTarget {
  kind = 'loop';
  playing = false;
  #context;
  #buffer;
  #level;
  #fader;
  #source = null;
  #startS;
  #offset = 0; // into the loop, at #since
  #since = 0; // of the context's time

  constructor({ context, input }, buffer, startS, level) {
    super();
    this.#context = context;
    this.#buffer = buffer;
    this.#startS = startS;
    this.#level = new GainNode(context, { gain: level });
    this.#fader = new GainNode(context, { gain: 0 });
    this.#level.connect(this.#fader).connect(input);
  }

  get durationS() {
    return this.#buffer.duration;
  }

  setLevel(level) {
    this.#level.gain.setTargetAtTime(level, this.#context.currentTime, 0.02);
  }

  get position() {
    return this.#startS + this.#within();
  }

  /** Seconds until the loop begins again. */
  get untilSeam() {
    return this.#buffer.duration - this.#within();
  }

  async play(fadeS = 0) {
    if (this.playing) return;
    this.#source = new AudioBufferSourceNode(this.#context, { buffer: this.#buffer, loop: true });
    this.#source.connect(this.#level);
    this.#source.start(0, this.#offset);
    this.#since = this.#context.currentTime;
    this.playing = true;
    fade(this.#fader.gain, 1, fadeS, this.#context);
    companion().play().catch(() => {});
  }

  pause() {
    this.#offset = this.#within();
    this.#silence();
    companion().pause();
  }

  seek(seconds) {
    const wanted = Math.max(0, seconds - this.#startS) % this.#buffer.duration;
    const sounding = this.playing;
    this.#silence();
    this.#offset = wanted;
    if (sounding) this.play();
  }

  release(fadeS = 0) {
    fade(this.#fader.gain, 0, fadeS, this.#context);
    companion().pause();
    setTimeout(() => {
      this.#silence();
      this.#fader.disconnect();
    }, fadeS * 1000 + 50);
  }

  #within() {
    const passed = this.playing ? this.#context.currentTime - this.#since : 0;
    return (this.#offset + passed) % this.#buffer.duration;
  }

  #silence() {
    this.#source?.stop();
    this.#source?.disconnect();
    this.#source = null;
    this.playing = false;
  }
}

let silent;

function companion() {
  if (!silent) {
    silent = new Audio(URL.createObjectURL(silence(10)));
    silent.loop = true;
  }
  return silent;
}

/** A WAV file of silence, 8 bits at 8 kHz: media controls ask for some seconds at least. */
function silence(seconds) {
  const rate = 8000;
  const bytes = new DataView(new ArrayBuffer(44 + seconds * rate));
  const text = (at, word) => [...word].forEach((letter, index) => bytes.setUint8(at + index, letter.charCodeAt(0)));
  text(0, 'RIFF');
  bytes.setUint32(4, 36 + seconds * rate, true);
  text(8, 'WAVEfmt ');
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, rate, true);
  bytes.setUint16(32, 1, true);
  bytes.setUint16(34, 8, true);
  text(36, 'data');
  bytes.setUint32(40, seconds * rate, true);
  new Uint8Array(bytes.buffer, 44).fill(128);
  return new Blob([bytes.buffer], { type: 'audio/wav' });
}
