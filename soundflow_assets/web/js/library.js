// The catalogs: which tracks there are. Reads what a bucket holds and nothing else.
//
// Catalogs are arrays, newest first, one entry on each line. The first view needs the newest lines
// alone, so it asks for the first bytes; the whole file follows when somebody looks further.

import { slugOf } from './format.js';

const HEAD_BYTES = 10_240; // five tracks and one more, as a rule
const MORE_BYTES = 2048;
export const CATEGORIES = ['Deep Work', 'Study', 'Relax', 'Nature', 'Flow State'];

export class Library {
  #base;
  #entries = new Map();
  #sorted = null;
  #whole = new Map(); // catalog name → promise

  constructor(catalogBase) {
    this.#base = catalogBase;
  }

  /** All entries known by now, newest first. */
  get entries() {
    const newestFirst = (a, b) => (a.date === b.date ? (a.id < b.id ? -1 : 1) : a.date < b.date ? 1 : -1);
    this.#sorted ??= [...this.#entries.values()].sort(newestFirst);
    return this.#sorted;
  }

  entry(id) {
    return this.#entries.get(id);
  }

  add(entries) {
    for (const entry of entries) this.#entries.set(entry.id, entry);
    this.#sorted = null;
  }

  /** Categories that have tracks or are the site's, in the site's order, others after them. */
  get categories() {
    return [...new Set([...CATEGORIES, ...this.entries.map((entry) => entry.category)])];
  }

  /** One free track a category of the newest day. */
  get today() {
    const free = this.entries.filter((entry) => entry.tier === 'free');
    const newest = free.filter((entry) => entry.date === free[0].date);
    return this.categories.map((name) => newest.find((entry) => entry.category === name)).filter(Boolean);
  }

  /** Reads the newest entries: all of the newest day's free ones, and what comes with them. */
  async head() {
    const url = this.url('all');
    const decoder = new TextDecoder();
    let [text, read, step, whole] = ['', 0, HEAD_BYTES, false];
    while (!whole && !hasNewestDay(linesOf(text))) {
      const answer = await fetch(url, { headers: { Range: `bytes=${read}-${read + step - 1}` } });
      if (answer.status === 416) break; // nothing lies there: the catalog ended where the range did
      if (!answer.ok) throw new Error(`The catalog cannot be read (${answer.status}).`);
      const part = await answer.arrayBuffer();
      text = (answer.status === 200 ? '' : text) + decoder.decode(part, { stream: true });
      step = read ? step * 2 : MORE_BYTES;
      read += part.byteLength;
      whole = answer.status === 200 || /(\n|^\[)\]\s*$/.test(text);
    }
    if (whole) this.#whole.set('all', Promise.resolve());
    this.add(linesOf(text));
  }

  /** Reads a whole catalog once: `all`, or `by-category/<slug>`. */
  whole(name = 'all') {
    if (this.#whole.has('all')) return this.#whole.get('all');
    if (!this.#whole.has(name)) {
      const reading = this.#read(name);
      reading.catch(() => this.#whole.delete(name)); // so that the next wish tries again
      this.#whole.set(name, reading);
    }
    return this.#whole.get(name);
  }

  knows(name) {
    return this.#whole.has('all') || this.#whole.has(name);
  }

  async #read(name) {
    const answer = await fetch(this.url(name));
    if (!answer.ok) throw new Error(`The catalog of ${name} cannot be read (${answer.status}).`);
    this.add(await answer.json());
  }

  url(name) {
    return `${this.#base}${name}.json`;
  }
}

/** The entries of complete lines; the last line of a range is cut somewhere and left out. */
export function linesOf(text) {
  const found = [];
  for (const line of text.split('\n')) {
    const bare = line.trim().replace(/^\[|,$|\]$/g, '');
    if (!bare) continue;
    try {
      found.push(JSON.parse(bare));
    } catch {
      break;
    }
  }
  return found;
}

/** Whether something follows the newest day's free entries, which stand first. */
function hasNewestDay(entries) {
  const last = entries.at(-1);
  return Boolean(last) && (last.date !== entries[0].date || last.tier !== 'free');
}

export function catalogOf(slug) {
  return slug ? `by-category/${slug}` : 'all';
}

export function inCategory(entry, slug) {
  return !slug || slugOf(entry.category) === slug;
}
