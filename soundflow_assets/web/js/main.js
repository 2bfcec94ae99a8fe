// The page: what it is made of, and how addresses become views.

import { Player } from './audio/player.js';
import { Sources } from './audio/sources.js';
import { loadConfig } from './config.js';
import { announce, h, say, style } from './dom.js';
import { slugOf } from './format.js';
import './install.js';
import { catalogOf, inCategory, Library } from './library.js';
import { onPref, pref } from './prefs.js';
import { routeOf } from './router.js';
import { homeView } from './views/home.js';

const main = document.querySelector('#main');
const root = document.documentElement;
const STALE_MS = 30 * 60_000; // who comes back to an open page later than this may find a new day

async function start() {
  theme();
  onPref((name) => name === 'theme' && theme());
  const config = await loadConfig();
  const library = new Library(config.catalogBase);
  const sources = new Sources(config);
  const player = new Player(sources);
  const context = { config, library, sources, player, playEndless: (entry) => playEndless(context, entry) };
  document.querySelector('[data-nav="make"]').hidden = !sources.service;
  document.querySelector('#open-settings').addEventListener('click', () => openSettings(context));
  await library.head();

  let view = null;
  const show = async () => {
    view?.leave?.();
    view = await viewOf(routeOf(location.hash), context);
    main.replaceChildren(view);
    main.dataset.ready = '';
  };
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault(); // the part after # is the address of a view
    main.focus();
  });
  addEventListener('hashchange', async () => {
    await show();
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  });
  player.addEventListener('change', () => view?.refresh?.());
  player.addEventListener('trouble', (event) => say(event.detail));
  onPref((name) => name === 'token' && view?.refresh?.());
  await show();
  wirePlayer(context);
  let read = Date.now();
  document.addEventListener('visibilitychange', async () => {
    if (document.hidden || Date.now() - read < STALE_MS) return;
    read = Date.now();
    await library.head().catch(() => {});
    if (routeOf(location.hash).view === 'home' && scrollY < 40) await show();
  });
}

async function viewOf(route, context) {
  for (const link of document.querySelectorAll('[data-nav]')) {
    if (link.dataset.nav === (route.view === 'make' ? 'make' : 'home')) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = 'SoundFlow';
  if (route.view === 'home') return homeView(route, context);
  if (route.view === 'track') return (await import('./views/track.js')).trackView(route, context);
  if (route.view === 'make' && context.sources.service) return (await import('./views/make.js')).makeView(route, context);
  return h('section', {}, h('h1', {}, 'Not here'), h('p', { class: 'lead' }, 'There is nothing under this address. ', h('a', { href: '#/' }, h('u', {}, 'Back to the music'))));
}

/** The player's own part of the page is fetched and built when something plays for the first time. */
function wirePlayer(context) {
  const { player } = context;
  const first = async () => {
    player.removeEventListener('change', first);
    const { attach } = await import('./player/attach.js');
    await attach(context);
    // Who listens may come back without network; who only looks is spared the rest of the page.
    navigator.serviceWorker?.register('sw.js').catch(() => {});
  };
  player.addEventListener('change', first);
  player.addEventListener('change', () => {
    const slug = player.entry && slugOf(player.entry.category);
    if (!slug || root.dataset.category === slug) return;
    root.dataset.category = slug;
  });
  let spoken = null;
  player.addEventListener('change', () => {
    if (player.state !== 'playing' || spoken === player.entry.id) return;
    spoken = player.entry.id;
    announce(`Playing ${player.entry.title}, ${player.entry.category}`);
  });
}

/** Repeats a category for ever, beginning with a track of it. */
async function playEndless({ player, library }, entry) {
  const slug = slugOf(entry.category);
  const stop = player.endless && player.entry?.id === entry.id;
  const tracks = () => library.entries.filter((one) => inCategory(one, slug) && one.tier === entry.tier);
  await player.setEndless(!stop, tracks());
  if (stop) return;
  if (player.entry?.id !== entry.id || player.state !== 'playing') await player.play(entry, tracks(), { fadeS: 1.5 });
  library.whole(catalogOf(slug)).then(() => player.endless && player.setEndless(true, tracks())).catch(() => {});
}

async function openSettings(context) {
  const [{ settingsDialog }] = await Promise.all([import('./views/settings.js'), style('css/dialogs.css')]);
  settingsDialog(context);
}

function theme() {
  if (pref('theme') === 'auto') delete root.dataset.theme;
  else root.dataset.theme = pref('theme');
}

start().catch((error) => {
  console.error(error);
  main.replaceChildren(
    h('section', {}, h('h1', {}, 'The library did not open'), h('p', { class: 'lead' }, error.message || 'The network may be away.'), h('p', {}, h('button', { class: 'pill solid', onclick: () => location.reload() }, 'Try again'))),
  );
});
