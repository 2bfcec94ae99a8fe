// Everything that comes once something plays: the bar, the large view, keys, media controls.

import { style } from '../dom.js';
import { Bar } from './bar.js';
import { keyboard } from './keyboard.js';
import { mediaSession } from './media_session.js';
import { Sleep } from './sleep.js';

const KEPT = 'soundflow-catalogs';

export async function attach(context) {
  await Promise.all([style('css/player.css'), style('css/dialogs.css')]);
  const sleep = new Sleep(context.player);
  const whole = { ...context, sleep };
  const bar = new Bar(whole);
  keyboard(whole, bar);
  mediaSession(whole);
  keep(context.library);
}

/** Keeps the newest entries for a visit without network; the service worker keeps what is whole. */
async function keep(library) {
  if (!globalThis.caches) return;
  try {
    const cache = await caches.open(KEPT);
    const lines = library.entries.slice(0, 50).map((entry) => JSON.stringify(entry));
    const body = `[\n${lines.join(',\n')}\n]\n`;
    await cache.put(library.url('all'), new Response(body, { headers: { 'Content-Type': 'application/json' } }));
  } catch {
    // Storage may be full or forbidden; the next visit needs the network then.
  }
}
