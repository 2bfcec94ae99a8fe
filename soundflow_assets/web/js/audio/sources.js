// Where a track's files are: free ones under the public base, premium ones behind signed addresses.

import { pref } from '../prefs.js';

const EARLY_MS = 60_000; // an address about to expire is not worth starting with

/** A premium track that cannot be opened; `message` says why, to the listener. */
export class Locked extends Error {}

export class Sources {
  #config;
  #signed = new Map(); // id → {url, until, peaksUrl}

  constructor(config) {
    this.#config = config;
  }

  get service() {
    return this.#config.apiBase !== null;
  }

  /** Whether a track can be played as things are. */
  playable(entry) {
    return entry.tier === 'free' || (this.service && Boolean(pref('token')));
  }

  file(key) {
    return this.#config.mediaBase + key;
  }

  /** The address of a track's MP3. */
  async audio(entry) {
    if (entry.tier === 'free') return this.file(entry.objectKey);
    const known = this.#signed.get(entry.id);
    if (known && known.until - Date.now() > EARLY_MS) return known.url;
    return this.#sign(entry.id);
  }

  forget(entry) {
    this.#signed.delete(entry.id);
  }

  /** A track's waveform; null where there is none to see. That of a premium track is signed for. */
  async peaks(entry) {
    if (!entry.peaksKey || !this.playable(entry)) return null;
    if (entry.tier === 'premium') await this.audio(entry);
    const url = entry.tier === 'free' ? this.file(entry.peaksKey) : this.#signed.get(entry.id).peaksUrl;
    const answer = url ? await fetch(url) : null;
    return answer?.ok ? answer.json() : null;
  }

  /** The address of a track's cover; null where there is none to see. */
  cover(entry) {
    if (!entry.coverKey) return null;
    if (entry.tier === 'free') return this.file(entry.coverKey);
    return this.service ? `${this.#config.apiBase}/tracks/${entry.id}/cover` : null;
  }

  async #sign(id) {
    if (!this.service) throw new Locked('Premium tracks need the SoundFlow service; this is a bucket alone.');
    if (!pref('token')) throw new Locked('This is a premium track. Enter your token in the settings to hear it.');
    const answer = await fetch(`${this.#config.apiBase}/tracks/premium/${id}/signed`, { headers: bearer() });
    if (!answer.ok) throw new Locked(REASONS[answer.status] ?? `The service could not open this track (${answer.status}).`);
    const { signedUrl, expiresAt, peaksUrl } = await answer.json();
    this.#signed.set(id, { url: signedUrl, until: Date.parse(expiresAt), peaksUrl });
    return signedUrl;
  }
}

const REASONS = {
  401: 'Your token was not accepted. Check it in the settings.',
  403: 'Your token does not include premium tracks.',
  404: 'The service does not know this premium track.',
  429: 'The service asks to slow down. Try again in a moment.',
};

export function bearer() {
  return pref('token') ? { Authorization: `Bearer ${pref('token')}` } : {};
}
