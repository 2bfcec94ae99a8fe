// Make one: what shall be made, and the making of it.

import { artOf } from '../art.js';
import { h, icon, style } from '../dom.js';
import { genreName, slugOf } from '../format.js';
import { Generation } from '../generation.js';
import { CATEGORIES } from '../library.js';
import { makingOf } from './making.js';

// The genres the engine ships, in the order of the plan.
export const GENRES = ['deep', 'house', 'techno', 'synth', 'lofi', 'chillout', 'lounge', 'jazz', 'ambient', 'classic', 'trance', 'edm', 'dance', 'bass'];
const LENGTHS = { 30: '30 s', 60: '1 min', 180: '3 min', 300: '5 min', 600: '10 min' };
const USUAL_S = 180;

/** @returns {Promise<HTMLElement>} with `refresh()` */
export async function makeView(route, context) {
  await Promise.all([style('css/make.css'), style('css/dialogs.css')]);
  const generation = new Generation(context.config.apiBase);
  const place = h('section', { class: 'making', 'aria-label': 'The making' });
  let making = null;
  const follow = (project) => {
    making?.leave();
    making = makingOf(project, generation, context);
    place.replaceChildren(making);
  };
  const form = formOf(async (wish) => {
    const project = await generation.start(wish);
    history.replaceState(null, '', `#/make/${project}`);
    follow(project);
    place.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  });
  if (route.name) follow(route.name);
  else place.append(h('p', { class: 'making-idle' }, 'A track is planned, composed, played, mixed and mastered, from its first note to its last. You can watch.'));
  const element = h(
    'div',
    { class: 'make' },
    h('section', {}, h('h1', {}, 'Make one'), h('p', { class: 'lead' }, 'A track nobody has heard before, yours in a moment.'), form),
    place,
  );
  element.refresh = () => making?.refresh();
  element.leave = () => making?.leave();
  return element;
}

function formOf(submit) {
  const genre = h('select', { name: 'genre', id: 'make-genre' }, h('option', { value: '' }, 'As the category has it today'), GENRES.map((one) => h('option', { value: one }, genreName(one))));
  const seed = h('input', { name: 'seed', id: 'make-seed', inputMode: 'numeric', pattern: '[0-9]{1,15}', placeholder: 'A new one', autocomplete: 'off', title: 'Up to 15 digits' });
  const dice = h('button', { type: 'button', class: 'round', 'aria-label': 'Draw a seed', title: 'Draw a seed', onclick: () => (seed.value = Math.floor(Math.random() * 1e9)) }, icon('dice'));
  const go = h('button', { class: 'pill solid make-go' }, 'Make it');
  const wrong = h('p', { class: 'make-wrong', role: 'alert' });
  const send = async (event) => {
    event.preventDefault();
    const values = new FormData(form);
    wrong.textContent = '';
    go.disabled = true;
    go.textContent = 'Asking the studio';
    try {
      await submit({
        category: values.get('category'), genre: values.get('genre'), durationS: Number(values.get('duration')),
        seed: values.get('seed') ? Number(values.get('seed')) : null,
      });
    } catch (error) {
      wrong.textContent = error.message;
    } finally {
      go.disabled = false;
      go.textContent = 'Make it';
    }
  };
  const form = h(
    'form',
    { class: 'make-form', onsubmit: send },
    h('fieldset', { class: 'make-categories' }, h('legend', {}, 'For'), CATEGORIES.map((name, index) => categoryChoice(name, index === 0))),
    h('fieldset', { class: 'make-lengths' }, h('legend', {}, 'Length'), Object.entries(LENGTHS).map(([seconds, text]) => lengthChoice(seconds, text))),
    h('div', { class: 'make-field' }, h('label', { htmlFor: 'make-genre' }, 'Genre'), genre),
    h('div', { class: 'make-field' }, h('label', { htmlFor: 'make-seed' }, 'Seed'), h('div', { class: 'make-seed' }, seed, dice)),
    h('div', { class: 'make-end' }, go, wrong),
  );
  return form;
}

/** A picture as a choice; the picture is that of no track, only of the category. */
function categoryChoice(name, checked) {
  const picture = artOf({ id: name, energyMin: 40, energyMax: 60, sections: [], durationSec: 60 }, name);
  return h('label', { class: 'make-category', 'data-category': slugOf(name) }, h('input', { type: 'radio', name: 'category', value: name, checked }), picture, h('span', {}, name));
}

function lengthChoice(seconds, text) {
  return h('label', { class: 'make-length' }, h('input', { type: 'radio', name: 'duration', value: seconds, checked: Number(seconds) === USUAL_S }), h('span', {}, text));
}
