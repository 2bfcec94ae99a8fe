// Making elements, and saying things to everybody.

/**
 * Makes an element. Properties starting with `on` are listeners, `class` and what has a hyphen are
 * attributes, true and false make an attribute come and go; the rest are properties.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class' || name.includes('-') || !(name in element)) attribute(element, name, value);
    else element[name] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function attribute(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : value);
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// What the first view needs stands in the page, the other icons in a file of their own.
const HERE = ['play', 'pause', 'endless', 'lock', 'search', 'settings'];
const sheet = (name) => `${HERE.includes(name) ? '' : 'icons/more.svg'}#i-${name}`;

/** An icon; it says nothing to screen readers. */
export function icon(name) {
  return svg('svg', { class: 'icon', 'aria-hidden': 'true', viewBox: '0 0 24 24' }, svg('use', { href: sheet(name) }));
}

export function setIcon(button, name) {
  const use = button.querySelector('use');
  if (use.getAttribute('href') !== sheet(name)) use.setAttribute('href', sheet(name));
}

let hiding;

/** Shows a sentence for a while, and has screen readers say it. */
export function say(sentence) {
  const place = document.querySelector('#toast');
  place.textContent = sentence;
  place.dataset.shown = '';
  clearTimeout(hiding);
  hiding = setTimeout(() => delete place.dataset.shown, 6000);
}

/** Only for screen readers: what has changed without a focus change. */
export function announce(sentence) {
  document.querySelector('#spoken').textContent = sentence;
}

const styles = new Map();

/** Fetches a style sheet once; resolves when it holds. Views that come later bring their own. */
export function style(path) {
  if (!styles.has(path)) {
    styles.set(path, new Promise((done) => {
      document.head.append(h('link', { rel: 'stylesheet', href: path, onload: done, onerror: done }));
    }));
  }
  return styles.get(path);
}
