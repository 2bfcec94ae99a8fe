// Everything that appears once something plays: the bar, the large view, keys, media controls.

import { style } from '../dom.js';
import { Bar } from './bar.js';
import { keyboard } from './keyboard.js';
import { mediaSession } from './media_session.js';
import { Sleep } from './sleep.js';

export async function attach(context) {
  await Promise.all([style('css/player.css'), style('css/dialogs.css')]);
  const sleep = new Sleep(context.player);
  const whole = { ...context, sleep };
  const bar = new Bar(whole);
  keyboard(whole, bar);
  mediaSession(whole);
}
