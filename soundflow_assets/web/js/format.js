// How things are written for people.

const GENRES = { lofi: 'Lo-fi', edm: 'EDM' };
const DAY_MS = 86_400_000;

/** 83.2 → 1:23, 3700 → 1:01:40 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** 83.2 → 1 minute 23 seconds */
export function spokenClock(seconds) {
  const whole = Math.max(0, Math.round(seconds || 0));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const count = (number, unit) => `${number} ${unit}${number === 1 ? '' : 's'}`;
  return [minutes && count(minutes, 'minute'), (rest || !minutes) && count(rest, 'second')].filter(Boolean).join(' ');
}

export function genreName(genre) {
  return GENRES[genre] ?? words(genre);
}

/** deep_work → Deep work */
export function words(name) {
  const text = name.replaceAll('_', ' ');
  return text[0].toUpperCase() + text.slice(1);
}

/** Dm → D minor */
export function keyName(key) {
  const tonic = key.replace(/m$/, '').replace('#', '♯').replace('b', '♭');
  return `${tonic} ${key.endsWith('m') ? 'minor' : 'major'}`;
}

export function tempo(bpm) {
  return bpm ? `${Number(bpm.toFixed(1))} BPM` : 'no beat';
}

/** A day as the listener would call it; `now` is any moment of today. */
export function dayName(date, now = new Date()) {
  const day = new Date(`${date}T12:00:00`);
  const noon = new Date(now);
  noon.setHours(12, 0, 0, 0);
  const ago = Math.round((noon - day) / DAY_MS);
  if (ago < 0) return 'New'; // days begin in UTC, and listeners live everywhere
  if (ago === 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return longDay(date, day.getFullYear() !== noon.getFullYear());
}

export function longDay(date, year = false) {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', ...(year && { year: 'numeric' }) };
  return new Intl.DateTimeFormat('en-GB', parts).format(new Date(`${date}T12:00:00`));
}

export function slugOf(category) {
  return category.toLowerCase().split(/\s+/).join('-');
}
