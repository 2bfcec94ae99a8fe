// Premium tracks: signed addresses from the service, for who holds a token.

import { pref } from '../prefs.js';
import { bearer } from './sources.js';

const EARLY_MS = 60_000; // an address about to expire is not worth starting with
const REASONS = {
  401: 'Your token was not accepted. Check it in the settings.',
  403: 'Your token does not include premium tracks.',
  404: 'The service does not know this premium track.',
  429: 'The service asks to slow down. Try again in a moment.',
};

const signed = new Map(); // id → {url, until, peaksUrl}

/**
 * The addresses of a premium track; an `Error` whose message says to the listener why there are none.
 *
 * @returns {Promise<{url: string, until: number, peaksUrl: string | null}>}
 */
export async function sign(apiBase, id) {
  if (apiBase === null) throw new Error('Premium tracks need the SoundFlow service; this is a bucket alone.');
  if (!pref('token')) throw new Error('This is a premium track. Enter your token in the settings to hear it.');
  const known = signed.get(id);
  if (known && known.token === pref('token') && known.until - Date.now() > EARLY_MS) return known;
  const answer = await fetch(`${apiBase}/tracks/premium/${id}/signed`, { headers: bearer() });
  if (!answer.ok) throw new Error(REASONS[answer.status] ?? `The service could not open this track (${answer.status}).`);
  const { signedUrl, expiresAt, peaksUrl } = await answer.json();
  signed.set(id, { url: signedUrl, until: Date.parse(expiresAt), peaksUrl, token: pref('token') });
  return signed.get(id);
}

/** Asks for new addresses the next time: those there are do not open. */
export function forget(id) {
  signed.delete(id);
}
