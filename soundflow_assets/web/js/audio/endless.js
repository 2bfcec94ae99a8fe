// Endless mode: a category that does not stop.
//
// A track is heard from its beginning; as soon as it is inside its loop cut and the cut has
// arrived, the cut takes over and repeats without a seam. After the time the listener has chosen,
// the next track of the category is blended in where the loop begins again. Where there is no cut,
// or the browser cannot decode it, tracks of the category follow each other, blended.

import { onPref, pref } from '../prefs.js';
import { audioGraph } from './graph.js';
import { apart, levelGain } from './levels.js';
import { decodeLoop, LoopVoice } from './loop.js';

const SAME_S = 0.08; // between two voices of the same sound
const BLEND_S = 8; // between two tracks
const PAUSE_S = 3; // more than this between two ticks was not listening
const FROM_END_S = 4; // from a track's ending back into its loop

export class Endless {
  on = false;
  #player;
  #sources;
  #tracks = [];
  #ready = null; // {entry, buffer} of the cut that has been decoded
  #asked = null; // entry whose cut is on its way, or could not be had
  #passed = 0; // seconds this track has been heard
  #ticked = 0;
  #leaving = false;

  constructor(player, sources) {
    this.#player = player;
    this.#sources = sources;
    onPref((name) => name === 'endlessMinutes' && (this.#passed = 0));
  }

  /** Where a track's loop lies, in seconds of the track. */
  region(entry) {
    const { loop, sampleRate, tier } = entry;
    // The cut is of the mix: with the bed set otherwise the track itself is played.
    if (!loop || tier !== 'free' || apart(entry)) return null;
    return { startS: loop.startSample / sampleRate, endS: loop.endSample / sampleRate };
  }

  async set(on, tracks = this.#tracks) {
    this.on = on;
    this.#tracks = tracks;
    const { voice, entry } = this.#player;
    if (on && entry) this.began(entry);
    if (!on && voice?.kind === 'loop') {
      this.#player.handOver(await this.#player.deckAt(voice.position), SAME_S);
    }
    if (!on) this.#ready = this.#asked = null; // minutes of sound take much memory
  }

  began(entry) {
    this.#passed = 0;
    this.#leaving = false;
    this.#ticked = audioGraph().context.currentTime;
    if (this.on) this.#fetch(entry);
  }

  /** The track of the category after this one; after the last comes the first. */
  following(entry) {
    const tracks = this.#tracks.filter((one) => this.#sources.playable(one));
    if (!tracks.length) return entry;
    return tracks[(tracks.findIndex((one) => one.id === entry.id) + 1) % tracks.length];
  }

  tick() {
    const { entry, voice, duration } = this.#player;
    const now = audioGraph().context.currentTime;
    this.#passed += Math.min(now - this.#ticked, PAUSE_S);
    this.#ticked = now;
    if (voice.kind === 'loop') return this.#maybeLeave(entry, voice);
    if (this.#ready?.entry === entry) return this.#maybeTakeOver(entry, voice);
    if (this.#asked !== entry && this.region(entry)) this.#fetch(entry);
    const left = duration - voice.position;
    if (!this.#player.last && !this.#leaving && left < Math.min(BLEND_S, duration / 4) && left > 0.1) this.#leave(left);
    return undefined;
  }

  ended() {
    this.#leave(0);
  }

  #maybeTakeOver(entry, deck) {
    const { startS, endS } = this.region(entry);
    if (deck.position < startS) return;
    const level = levelGain(entry, pref('level'));
    const voice = new LoopVoice(audioGraph(), this.#ready.buffer, startS, level);
    const inside = deck.position < endS - SAME_S;
    voice.seek(inside ? deck.position : startS);
    this.#player.handOver(voice, inside ? SAME_S : FROM_END_S);
  }

  #maybeLeave(entry, voice) {
    const minutes = pref('endlessMinutes');
    const over = minutes > 0 && this.#passed > minutes * 60;
    if (!over || this.#leaving || this.#player.last || this.following(entry) === entry || voice.untilSeam > 0.6) return;
    this.#leave(BLEND_S);
  }

  #leave(fadeS) {
    this.#leaving = true;
    this.#player.next(fadeS);
  }

  async #fetch(entry) {
    if (this.#asked === entry || !this.region(entry)) return;
    this.#asked = entry;
    this.#ready = null;
    try {
      const buffer = await decodeLoop(this.#sources.file(entry.loop.key), audioGraph().context);
      if (this.on && this.#asked === entry) this.#ready = { entry, buffer };
    } catch {
      // Without its loop a track is blended into the next one.
    }
  }
}
