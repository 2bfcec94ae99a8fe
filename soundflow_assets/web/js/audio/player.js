// What plays, what comes next, and how one turns into the other. Knows no element of the page.

import { Deck } from './deck.js';
import { audioGraph, fade } from './graph.js';
import { apart, levelGain, pairOf } from './levels.js';
import { onPref, pref } from '../prefs.js';

const TICK_MS = 250;
const QUICK_S = 0.15; // a fade nobody hears as one, so that nothing clicks
const BACK_S = 4; // later than this, "previous" begins the track again

/**
 * Sends `change` (track, state or mode), `time`, and `trouble` with a sentence in `detail`.
 *
 * States: `idle`, `loading`, `playing`, `paused`.
 */
export class Player extends EventTarget {
  entry = null;
  state = 'idle';
  queue = [];
  last = false; // whether the track that plays is to be the last one
  #sources;
  #decks = null;
  #voice = null;
  #turn = 0; // counts beginnings, so that one overtaken by the next gives way
  #wanted = false; // whether sound is wanted, also while it is on its way
  #crossing = false;
  #parting = false;
  #endless = null; // made when it is wished for the first time

  constructor(sources) {
    super();
    this.#sources = sources;
    setInterval(() => this.#tick(), TICK_MS);
    onPref((name) => this.#retune(name));
  }

  get endless() {
    return Boolean(this.#endless?.on);
  }

  get voice() {
    return this.#voice;
  }

  get position() {
    return this.#voice?.position ?? 0;
  }

  get duration() {
    return this.entry?.durationSec ?? 0;
  }

  /** Seconds until the track ends, or its loop begins again. */
  get left() {
    return this.#voice?.untilSeam ?? this.duration - this.position;
  }

  /** The loop that repeats now, in seconds of the track, or null. */
  get loop() {
    return this.endless && this.entry ? this.#endless.region(this.entry) : null;
  }

  /** Plays one of `queue`; what follows and precedes it there is next and previous. */
  async play(entry, queue = [entry], { at = 0, fadeS = 0 } = {}) {
    this.queue = queue;
    await this.#begin(entry, { at, fadeS: this.state === 'playing' ? Math.max(fadeS, QUICK_S) : fadeS });
  }

  async toggle() {
    if (this.state === 'playing' || this.state === 'loading') this.pause();
    else if (this.entry) await this.resume();
  }

  async resume() {
    if (!this.#voice) return this.#begin(this.entry, {});
    this.#wanted = true;
    try {
      await this.#sound(this.#voice, QUICK_S);
    } catch (error) {
      this.#failed(error, this.entry);
    }
  }

  pause() {
    this.#wanted = false;
    this.#voice?.pause();
    this.#become('paused');
  }

  seek(seconds) {
    if (!this.#voice) return;
    const region = this.#voice.kind === 'loop' ? this.loop : null;
    const [low, high] = region ? [region.startS, region.endS - 0.05] : [0, this.duration - 0.25];
    this.#voice.seek(Math.min(Math.max(seconds, low), Math.max(low, high)));
    this.#crossing = false;
    this.#send('time');
  }

  next(fadeS = QUICK_S) {
    const entry = this.endless ? this.#endless.following(this.entry) : this.neighbour(1);
    if (entry) return this.#begin(entry, { fadeS });
    return undefined;
  }

  previous() {
    const before = this.neighbour(-1);
    if (this.position > BACK_S || !before) return this.seek(0);
    return this.#begin(before, { fadeS: QUICK_S });
  }

  /** The playable track `step` places further in the queue, or null. */
  neighbour(step) {
    const open = this.queue.filter((entry) => this.#sources.playable(entry) || entry === this.entry);
    return open[open.findIndex((entry) => entry.id === this.entry?.id) + step] ?? null;
  }

  /** Repeats the category for ever, from the track that plays, or stops doing so. */
  async setEndless(on, tracks) {
    if (!this.#endless) {
      const { Endless } = await import('./endless.js');
      this.#endless ??= new Endless(this, this.#sources);
    }
    await this.#endless.set(on, tracks);
    this.#send('change');
  }

  /** Puts another voice of the same track in the place of the one that sounds. */
  handOver(voice, fadeS) {
    this.#voice?.release(fadeS);
    this.#voice = voice;
    if (this.state === 'playing') voice.play(fadeS).catch(() => {});
    this.#send('change');
  }

  /** A deck that is free, ready at a position of the current track. */
  async deckAt(seconds) {
    const deck = this.#freeDeck();
    await this.#load(deck, this.entry);
    deck.seek(seconds);
    await deck.ready;
    return deck;
  }

  async #begin(entry, { at = 0, fadeS = 0 }) {
    const turn = ++this.#turn;
    this.#wanted = true;
    const graph = audioGraph();
    const before = this.#voice;
    this.#crossing = false;
    this.#retune('volume');
    fade(graph.sleep.gain, 1, 0, graph.context);
    if (!this.#sources.playable(entry)) {
      await this.#sources.audio(entry).catch((error) => this.#trouble(error.message));
      return;
    }
    this.entry = entry;
    this.#become('loading');
    try {
      const deck = this.#freeDeck();
      await this.#load(deck, entry, () => turn === this.#turn);
      if (turn !== this.#turn) return;
      if (at) deck.seek(at);
      before?.release(fadeS);
      this.#voice = deck;
      if (this.#wanted) await this.#sound(deck, fadeS);
      if (turn === this.#turn) this.#endless?.began(entry);
    } catch (error) {
      if (turn === this.#turn) this.#failed(error, entry);
    }
  }

  /** Puts a track on a deck: its file, or music and bed apart where the bed is wanted otherwise. */
  async #load(deck, entry, wanted = () => true) {
    const [url, bed] = await Promise.all([this.#sources.audio(entry), apart(entry) && import('./bed.js')]);
    if (!wanted()) return;
    if (bed) bed.loadApart(deck, entry, this.#sources);
    else deck.load(url, levelGain(entry, pref('level')));
  }

  /** Gives the bed the share that is wanted; for that the track may have to be taken apart first. */
  async #rebed() {
    if (this.#voice && apart(this.entry) && !this.#voice.bed && !this.#parting) {
      this.#parting = true;
      const deck = await this.deckAt(this.position).finally(() => (this.#parting = false));
      this.handOver(deck, QUICK_S);
    }
    if (this.#voice?.bed) this.#voice.bed.share = pref('bed');
  }

  async #sound(voice, fadeS) {
    const { context } = audioGraph();
    if (context.state !== 'running') context.resume();
    await voice.play(fadeS);
    if (voice !== this.#voice) return;
    if (this.#wanted) this.#become('playing');
    else voice.pause();
  }

  #freeDeck() {
    this.#decks ??= [this.#newDeck(), this.#newDeck()];
    return this.#decks.find((deck) => deck !== this.#voice);
  }

  #newDeck() {
    const deck = new Deck(audioGraph());
    const mine = (act) => () => deck === this.#voice && act();
    deck.addEventListener('time', mine(() => this.#tick()));
    deck.addEventListener('waiting', mine(() => this.state === 'playing' && this.#become('loading')));
    deck.addEventListener('playing', mine(() => deck.playing && this.#become('playing')));
    deck.addEventListener('ended', mine(() => this.#ended()));
    deck.addEventListener('error', mine(() => deck.element.hasAttribute('src') && this.#failed(deck.element.error, this.entry)));
    return deck;
  }

  #tick() {
    if (this.state !== 'playing') return;
    this.#send('time');
    if (this.state !== 'playing') return; // who heard the time may have stopped it
    if (this.endless) this.#endless.tick();
    else if (!this.last) this.#maybeCross();
  }

  /** Begins the next track while this one ends. */
  #maybeCross() {
    const fadeS = Math.min(pref('crossfadeS'), this.duration / 4);
    const left = this.duration - this.position;
    if (this.#crossing || !fadeS || left > fadeS || left <= 0.1 || !this.neighbour(1)) return;
    this.#crossing = true;
    this.next(left);
  }

  #ended() {
    if (!this.#wanted) return; // paused at its very end
    if (this.last) this.#become('paused');
    else if (this.endless) this.#endless.ended();
    else if (this.neighbour(1)) this.next(0);
    else this.#become('paused');
    this.#send('ended');
  }

  #failed(error, entry) {
    if (error?.name === 'AbortError') return; // another wish came first
    this.#voice?.release(0);
    this.#voice = null;
    this.#become('paused');
    if (error?.name === 'NotAllowedError') return; // the browser waits for a tap on Play
    this.#sources.forget(entry);
    const offline = navigator.onLine === false ? ' You seem to be offline.' : '';
    this.#trouble(error?.name === 'Error' ? error.message : `“${entry.title}” cannot be played.${offline}`);
  }

  #trouble(sentence) {
    this.dispatchEvent(new CustomEvent('trouble', { detail: sentence }));
  }

  #retune(name) {
    if (name === 'volume' || name === 'muted') {
      const { volume, context } = audioGraph();
      // Loudness is felt in decibels: the square makes the slider's way even.
      fade(volume.gain, pref('muted') ? 0 : pref('volume') ** 2, 0, context);
    }
    if (name === 'bed') this.#rebed();
    if (name === 'level' && this.entry) this.#voice?.setLevel(levelGain(this.#voice.bed ? pairOf(this.entry) : this.entry, pref('level')));
  }

  #become(state) {
    this.state = state;
    this.#send('change');
  }

  #send(type) {
    this.dispatchEvent(new Event(type));
  }
}
