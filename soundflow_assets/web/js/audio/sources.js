// Where a track's files are: free ones under the public base, premium ones behind signed addresses.

import { pref } from '../prefs.js';

export class Sources {
  #config;

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
    return entry.tier === 'free' ? this.file(entry.objectKey) : (await this.#signed(entry)).url;
  }

  /** Called when a track's address did not open. */
  async forget(entry) {
    if (entry.tier === 'premium') (await import('./premium.js')).forget(entry.id);
  }

  /** A track's waveform; null where there is none to see. That of a premium track is signed for. */
  async peaks(entry) {
    if (!entry.peaksKey || !this.playable(entry)) return null;
    const url = entry.tier === 'free' ? this.file(entry.peaksKey) : (await this.#signed(entry)).peaksUrl;
    const answer = url ? await fetch(url) : null;
    return answer?.ok ? answer.json() : null;
  }

  /** The address of a track's cover; null where there is none to see. */
  cover(entry) {
    if (!entry.coverKey) return null;
    if (entry.tier === 'free') return this.file(entry.coverKey);
    return this.service ? `${this.#config.apiBase}/tracks/${entry.id}/cover` : null;
  }

  async #signed(entry) {
    const { sign } = await import('./premium.js');
    return sign(this.#config.apiBase, entry.id);
  }
}

export function bearer() {
  return pref('token') ? { Authorization: `Bearer ${pref('token')}` } : {};
}
