// Today on top, the library below: categories, filters, search.

import { addressOf, choiceOf, ENERGIES, isOpen, matching, TIERS } from '../filters.js';
import { h, icon, say } from '../dom.js';
import { dayName, genreName, longDay, slugOf } from '../format.js';
import { catalogOf } from '../library.js';
import { rewrite } from '../router.js';
import { rowsOf } from './rows.js';
import { tileOf } from './tile.js';

/** @returns {HTMLElement} with `refresh()` */
export function homeView(route, context) {
  const choice = choiceOf(route.name, route.query);
  const { library } = context;
  const tiles = route.name ? [] : library.today.map((entry) => tileOf(entry, library.today, context));
  const shelf = new Shelf(choice, context);
  const element = h('div', { class: 'home' }, route.name ? categoryHead(route.name, context) : todayHead(library, tiles), shelf.element);
  element.refresh = () => {
    for (const tile of tiles) tile.refresh();
    shelf.refresh();
  };
  return element;
}

function todayHead(library, tiles) {
  const date = library.today[0]?.date;
  if (!date) return h('section', { class: 'today' }, h('h1', {}, 'Nothing here yet'), h('p', { class: 'lead' }, 'The first tracks appear as soon as a day has been made: soundflow daily.'));
  const name = dayName(date);
  return h(
    'section',
    { class: 'today', 'aria-labelledby': 'today' },
    h('h1', { id: 'today' }, ['Today', 'New'].includes(name) ? 'Made for today' : 'The latest five'),
    h('p', { class: 'lead' }, `${longDay(date)}. One new track for each kind of attention.`),
    h('div', { class: 'tiles' }, tiles),
  );
}

const SENTENCES = {
  'deep-work': 'Steady and clear, for hours with one hard thing.',
  study: 'Warm and unhurried, for reading and learning.',
  relax: 'Slow and soft, to come down.',
  nature: 'Rain, wood and water, with hardly any music.',
  'flow-state': 'Bright and driving, for work that runs by itself.',
};

function categoryHead(slug, { library, playEndless }) {
  const name = library.categories.find((one) => slugOf(one) === slug) ?? slug;
  const start = () => {
    const first = library.entries.find((entry) => slugOf(entry.category) === slug && entry.tier === 'free');
    if (first) playEndless(first);
  };
  return h(
    'section',
    { class: 'category-head', 'data-category': slug },
    h('div', {}, h('h1', {}, name), h('p', { class: 'lead' }, SENTENCES[slug] ?? '')),
    h('button', { class: 'pill solid', onclick: start }, icon('endless'), `Endless ${name}`),
  );
}

/** The filter bar and the list it governs. */
class Shelf {
  #choice;
  #context;
  #place = h('div', { class: 'shelf-list' });
  #count = h('p', { class: 'shelf-count', role: 'status' });
  #genre;
  #rows = null;

  constructor(choice, context) {
    this.#choice = choice;
    this.#context = context;
    this.#genre = this.#select('genre', 'Genre', {});
    this.element = h(
      'section',
      { class: 'shelf', 'aria-labelledby': 'library' },
      h('div', { class: 'shelf-head' }, h('h2', { id: 'library' }, choice.slug ? 'Tracks' : 'Library'), this.#count),
      h('nav', { class: 'chips', 'aria-label': 'Categories' }, this.#chips()),
      h(
        'form',
        { class: 'filters', role: 'search', onsubmit: (event) => event.preventDefault() },
        h('label', { class: 'search' }, h('span', { class: 'unseen' }, 'Search'), icon('search'), this.#search()),
        this.#genre,
        this.#select('energy', 'Energy', ENERGIES),
        this.#select('tier', 'Tier', TIERS),
      ),
      this.#place,
    );
    this.#show();
    if (choice.slug || !isOpen(choice)) this.#complete();
  }

  refresh() {
    this.#rows.refresh();
  }

  #chips() {
    const { slug } = this.#choice;
    const all = h('a', { href: '#/', 'aria-current': !slug && 'page' }, 'All');
    const chip = (name) => {
      const own = slugOf(name);
      return h('a', { href: `#/c/${own}`, 'data-category': own, 'aria-current': slug === own && 'page' }, h('i', { class: 'dot' }), name);
    };
    return [all, ...this.#context.library.categories.map(chip)];
  }

  #search() {
    return h('input', {
      type: 'search', id: 'search', placeholder: 'Title, mood, key', value: this.#choice.q, autocomplete: 'off',
      oninput: (event) => this.#choose('q', event.target.value),
    });
  }

  #select(name, label, options) {
    const field = h('select', {
      'aria-label': label, name, onchange: (event) => this.#choose(name, event.target.value), onfocus: () => this.#complete(),
    });
    this.#fill(field, label, options, this.#choice[name]);
    return field;
  }

  #fill(field, label, options, chosen) {
    const listed = Object.entries({ ...(chosen && { [chosen]: chosen }), ...options });
    field.replaceChildren(h('option', { value: '' }, `Any ${label.toLowerCase()}`), ...listed.map(([value, text]) => h('option', { value }, text)));
    field.value = chosen;
  }

  #choose(name, value) {
    this.#choice = { ...this.#choice, [name]: value };
    rewrite(addressOf(this.#choice));
    this.#show();
    this.#complete();
  }

  /** Reads all of the catalog, if it has not been read, and shows what that adds. */
  async #complete() {
    const { library } = this.#context;
    const name = catalogOf(this.#choice.slug);
    const news = !library.knows(name);
    try {
      await library.whole(name);
      if (news) this.#show();
    } catch (error) {
      say(error.message);
    }
  }

  #show() {
    const { library } = this.#context;
    const found = matching(library.entries, this.#choice);
    const genres = [...new Set(matching(library.entries, { slug: this.#choice.slug, q: '' }).map((entry) => entry.genre))].sort();
    if (document.activeElement !== this.#genre) {
      this.#fill(this.#genre, 'Genre', Object.fromEntries(genres.map((genre) => [genre, genreName(genre)])), this.#choice.genre);
    }
    const whole = library.knows(catalogOf(this.#choice.slug));
    this.#count.textContent = whole ? `${found.length} ${found.length === 1 ? 'track' : 'tracks'}` : '';
    this.#rows = rowsOf(found, this.#context, () => this.#complete());
    this.#place.replaceChildren(found.length || !whole ? this.#rows : h('p', { class: 'nothing' }, 'No track is like that. Try fewer filters.'));
  }
}
