// Which tracks a listener wants to see: a choice, written in the address, and what it lets through.

import { genreName } from './format.js';
import { inCategory } from './library.js';

export const ENERGIES = { calm: 'Calm', steady: 'Steady', lively: 'Lively' };
export const TIERS = { free: 'Free', premium: 'Premium' };
const NAMES = ['tier', 'genre', 'energy', 'q'];

/** @param {URLSearchParams} query */
export function choiceOf(slug, query) {
  return { slug, ...Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ''])) };
}

/** The address that shows this choice. */
export function addressOf(choice) {
  const query = new URLSearchParams(NAMES.filter((name) => choice[name]).map((name) => [name, choice[name]]));
  const path = choice.slug ? `#/c/${choice.slug}` : '#/';
  return query.size ? `${path}?${query}` : path;
}

export function isOpen(choice) {
  return NAMES.every((name) => !choice[name]);
}

/** calm, steady or lively: by the middle of the track's range of energy, 0 to 100. */
export function energyOf(entry) {
  const middle = (entry.energyMin + entry.energyMax) / 2;
  return middle < 34 ? 'calm' : middle < 67 ? 'steady' : 'lively';
}

export function matching(entries, choice) {
  const wanted = plain(choice.q).split(/\s+/).filter(Boolean);
  return entries.filter(
    (entry) =>
      inCategory(entry, choice.slug) &&
      (!choice.tier || entry.tier === choice.tier) &&
      (!choice.genre || entry.genre === choice.genre) &&
      (!choice.energy || energyOf(entry) === choice.energy) &&
      (!wanted.length || wanted.every((word) => textOf(entry).includes(word))),
  );
}

const texts = new WeakMap();

function textOf(entry) {
  if (!texts.has(entry)) {
    const tags = [...entry.goalTags, ...entry.natureTags].join(' ').replaceAll('_', ' ');
    const parts = [entry.title, entry.category, entry.genre, genreName(entry.genre), tags, entry.key, entry.date];
    texts.set(entry, plain(parts.join(' ')));
  }
  return texts.get(entry);
}

function plain(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
