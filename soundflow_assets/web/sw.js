// The page without network: its own files and the last catalogs. Audio is never kept.
//
// Everything is asked from the network first, so that nobody is left with an old page; what is kept
// answers when the network does not.

const SHELL = [
  'index.html', 'config.json', 'manifest.webmanifest', 'fonts/figtree.woff2', 'icons/icon.svg', 'icons/more.svg', 'icons/icon-192.png',
  'css/dialogs.css', 'css/make.css', 'css/page.css', 'css/player.css', 'css/tokens.css', 'css/track.css', 'css/tracks.css',
  'js/art.js', 'js/config.js', 'js/dom.js', 'js/filters.js', 'js/format.js', 'js/generation.js', 'js/install.js', 'js/library.js', 'js/main.js', 'js/prefs.js', 'js/router.js',
  'js/audio/bed.js', 'js/audio/deck.js', 'js/audio/endless.js', 'js/audio/graph.js', 'js/audio/levels.js', 'js/audio/loop.js', 'js/audio/player.js', 'js/audio/premium.js', 'js/audio/sources.js',
  'js/player/attach.js', 'js/player/bar.js', 'js/player/controls.js', 'js/player/keyboard.js', 'js/player/media_session.js', 'js/player/sheet.js', 'js/player/sleep.js', 'js/player/waveform.js',
  'js/views/home.js', 'js/views/make.js', 'js/views/making.js', 'js/views/rows.js', 'js/views/settings.js', 'js/views/tile.js', 'js/views/track.js',
];
const KEPT = 'soundflow-shell';
const CATALOGS = 'soundflow-catalogs';
const PATIENCE_MS = 4000;

self.addEventListener('install', (event) => {
  // From the browser's own cache where the first view has just put them.
  const requests = SHELL.map((path) => new Request(path, { cache: 'force-cache' }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const address = url.origin + url.pathname;
  if (request.method !== 'GET') return;
  if (address === self.registration.scope || addresses().has(address)) event.respondWith(shell(request, address));
  else if (/\/catalog\/.*\.json$/.test(url.pathname)) event.respondWith(catalog(request));
  // All else, audio above all, goes its own way.
});

const addresses = () => new Set(SHELL.map(absolute));
const absolute = (path) => new URL(path, self.registration.scope).href;

async function shell(request, address) {
  const cache = await caches.open(KEPT);
  const key = address === self.registration.scope ? absolute('index.html') : address;
  try {
    const answer = await soon(fetch(request));
    if (answer.status === 200) await cache.put(key, answer.clone());
    return answer;
  } catch (error) {
    return (await cache.match(key)) ?? Promise.reject(error);
  }
}

async function catalog(request) {
  const cache = await caches.open(CATALOGS);
  try {
    const answer = await fetch(request);
    if (answer.status === 200) await cache.put(request.url, answer.clone());
    return answer;
  } catch (error) {
    return (await cache.match(request.url)) ?? Promise.reject(error);
  }
}

/** A network that does not answer is as good as none. */
function soon(answer) {
  return Promise.race([answer, new Promise((_, reject) => setTimeout(() => reject(new Error('late')), PATIENCE_MS))]);
}
