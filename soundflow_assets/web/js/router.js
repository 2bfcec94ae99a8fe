// Deep links: the part of the address after #.
//
//   #/                  today and the library      #/c/study?genre=lofi&q=rain   a category, filtered
//   #/t/<track id>      one track                  #/make, #/make/<project id>   make one

const ROUTES = [
  [/^\/?$/, 'home'],
  [/^\/c\/([a-z0-9-]+)$/, 'home'],
  [/^\/t\/([a-z0-9_-]+)$/, 'track'],
  [/^\/make(?:\/([A-Za-z0-9_-]+))?$/, 'make'],
];

/** @returns {{view: string, name: string, query: URLSearchParams}} */
export function routeOf(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split('?');
  for (const [pattern, view] of ROUTES) {
    const match = pattern.exec(path);
    if (match) return { view, name: match[1] ?? '', query: new URLSearchParams(query) };
  }
  return { view: 'missing', name: path, query: new URLSearchParams() };
}

/** Changes the address without a new entry in the history. */
export function rewrite(address) {
  history.replaceState(history.state, '', address);
}
