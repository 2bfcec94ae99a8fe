// Where catalogs, files and the service are: `config.json` beside the page says it.
// Addresses in it are relative to the page; `apiBase` is null where there is no service.

/** @returns {Promise<{catalogBase: string, mediaBase: string, apiBase: string | null}>} */
export async function loadConfig() {
  const answer = await fetch('config.json');
  if (!answer.ok) throw new Error(`config.json cannot be read (${answer.status})`);
  const given = await answer.json();
  return {
    catalogBase: folder(given.catalogBase),
    mediaBase: folder(given.mediaBase),
    apiBase: given.apiBase === null ? null : new URL(given.apiBase || '/', document.baseURI).href.replace(/\/$/, ''),
  };
}

function folder(address) {
  const url = new URL(address, document.baseURI).href;
  return url.endsWith('/') ? url : `${url}/`;
}
