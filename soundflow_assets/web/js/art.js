// A picture of a track, drawn from what the catalog says of it: no bytes to fetch, sharp at any
// size. Hills whose heights are the energies of the sections, in the category's colours, in the
// category's way of drawing. The covers in the bucket use the same colours.

import { slugOf } from './format.js';
import { svg } from './dom.js';

const WIDTH = 320; // of the view; hills are drawn twice as wide, so that they can drift
const HEIGHT = 220;

// hills: how many; swell: waves over the view; edge: how a hill's line is drawn
const WAYS = {
  'deep-work': { hills: 4, swell: 1.2, edge: 'soft' },
  study: { hills: 4, swell: 2, edge: 'scallops' },
  relax: { hills: 3, swell: 0.8, edge: 'soft' },
  nature: { hills: 4, swell: 3.2, edge: 'firs' },
  'flow-state': { hills: 7, swell: 2.4, edge: 'lines' },
};
const OTHER = { hills: 4, swell: 1.6, edge: 'soft' };

/** @returns {SVGElement} decorative; colours come from `[data-category]` in the style sheet */
export function artOf(entry, category = entry.category) {
  const slug = slugOf(category);
  const way = WAYS[slug] ?? OTHER;
  const random = randomOf(entry.id);
  const picture = svg('svg', {
    class: 'art', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'xMidYMax slice', 'aria-hidden': 'true',
  });
  const x = WIDTH * (0.2 + 0.6 * random());
  const energy = (entry.energyMin + entry.energyMax) / 200;
  picture.append(svg('circle', { class: 'art-sun', cx: x, cy: 98 - 40 * energy, r: 22 + 12 * random() }));
  const energies = energiesOf(entry);
  for (let hill = 0; hill < way.hills; hill += 1) {
    const depth = hill / (way.hills - 1 || 1); // 0 far, 1 near
    const path = svg('path', { d: hillPath(way, energies, depth, random), class: `art-hill art-${way.edge}` });
    path.style.setProperty('--depth', depth.toFixed(2));
    picture.append(path);
  }
  return picture;
}

/** The energy of the sections at even times, 0 to 1. */
function energiesOf(entry, steps = 24) {
  const sections = entry.sections ?? [];
  const flat = (entry.energyMin + entry.energyMax) / 200;
  return Array.from({ length: steps }, (_, step) => {
    const time = ((step + 0.5) / steps) * entry.durationSec;
    return sections.find((one) => time >= one.startSec && time < one.endSec)?.energy ?? flat * 0.4;
  });
}

function hillPath(way, energies, depth, random) {
  const base = HEIGHT * (0.5 + 0.42 * depth);
  const phases = [random(), random(), random()].map((value) => value * Math.PI * 2);
  const reach = (18 + 26 * (1 - depth)) * (way.edge === 'firs' ? 0.8 : 1);
  const points = [];
  const step = way.edge === 'soft' || way.edge === 'lines' ? 8 : way.edge === 'firs' ? 7 : 40;
  // Whole numbers of waves over the view, so that the second half repeats the first.
  const waves = [1, 2, 3].map((number) => Math.max(1, Math.round(number * way.swell)));
  for (let x = 0; x <= WIDTH; x += step) {
    const turn = (x / WIDTH) * Math.PI * 2;
    const wave = waves.reduce((sum, count, index) => sum + Math.sin(turn * count + phases[index]) / (index + 1.3), 0);
    const here = energies[Math.floor((x / WIDTH) * energies.length) % energies.length];
    points.push([x, base - reach * (0.35 + 0.65 * here) * (wave * 0.55 + 0.5)]);
  }
  points[points.length - 1][1] = points[0][1];
  const twice = [...points, ...points.slice(1).map(([x, y]) => [x + WIDTH, y])];
  return EDGES[way.edge](twice, random);
}

const round = (value) => Math.round(value * 10) / 10;
const at = ([x, y]) => `${round(x)} ${round(y)}`;
const closed = (line) => `${line}V${HEIGHT + 9}H0Z`; // below the edge, where nothing shines through

const EDGES = {
  soft: (points) => closed(`M${at(points[0])}${smooth(points)}`),
  lines: (points) => `M${at(points[0])}${smooth(points)}`,
  scallops: (points) => closed(`M${at(points[0])}${points.slice(1).map(([x, y], index) => `Q${round(x - 20)} ${round((y + points[index][1]) / 2 - 26)} ${at([x, y])}`).join('')}`),
  firs: (points, random) => {
    const heights = points.map(() => 5 + 12 * random());
    const half = (points.length - 1) / 2; // the halves must be alike
    return closed(
      `M${at(points[0])}${points.slice(1).map(([x, y], index) => {
        const tip = y - heights[index % half];
        return `L${round(x - 3.5)} ${round(tip)}L${round(x)} ${round(y)}`;
      }).join('')}`,
    );
  },
};

/** A curve through points, by quadratic pieces that meet in the middles. */
function smooth(points) {
  let path = '';
  for (let index = 1; index < points.length - 1; index += 1) {
    const middle = [(points[index][0] + points[index + 1][0]) / 2, (points[index][1] + points[index + 1][1]) / 2];
    path += `Q${at(points[index])} ${at(middle)}`;
  }
  return `${path}L${at(points.at(-1))}`;
}

/** mulberry32 over an FNV-1a hash: the same track, the same picture. */
function randomOf(text) {
  let state = 2_166_136_261;
  for (const letter of text) state = Math.imul(state ^ letter.charCodeAt(0), 16_777_619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
