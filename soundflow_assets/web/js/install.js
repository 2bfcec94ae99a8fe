// Browsers offer once to install the page as an app; the settings hold the offer until it is wanted.

let offer = null;

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  offer = event;
});
addEventListener('appinstalled', () => (offer = null));

export function installOffer() {
  return offer;
}
