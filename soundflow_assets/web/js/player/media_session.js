// The system's media controls: keys of the keyboard, headphones, lock screens.

const STEP_S = 10;

export function mediaSession({ player, sources }) {
  const session = navigator.mediaSession;
  if (!session) return;
  const actions = {
    play: () => player.resume(),
    pause: () => player.pause(),
    stop: () => player.pause(),
    previoustrack: () => player.previous(),
    nexttrack: () => player.next(),
    seekto: ({ seekTime }) => player.seek(seekTime),
    seekbackward: ({ seekOffset }) => player.seek(player.position - (seekOffset ?? STEP_S)),
    seekforward: ({ seekOffset }) => player.seek(player.position + (seekOffset ?? STEP_S)),
  };
  for (const [name, act] of Object.entries(actions)) {
    try {
      session.setActionHandler(name, act);
    } catch {
      // An action this browser does not know.
    }
  }
  let shown = null;
  const refresh = () => {
    session.playbackState = { idle: 'none', paused: 'paused' }[player.state] ?? 'playing';
    if (player.entry && shown !== player.entry.id) describe(session, player.entry, sources);
    shown = player.entry?.id;
    place(session, player);
  };
  player.addEventListener('change', refresh);
  player.addEventListener('time', () => place(session, player));
  refresh();
}

function describe(session, entry, sources) {
  const cover = sources.cover(entry);
  const artwork = cover ? [{ src: cover, sizes: '640x640', type: 'image/png' }] : [];
  session.metadata = new MediaMetadata({ title: entry.title, artist: 'SoundFlow', album: entry.category, artwork });
}

function place(session, player) {
  const { duration, position } = player;
  if (!duration) return;
  session.setPositionState({ duration, position: Math.min(Math.max(position, 0), duration), playbackRate: 1 });
}
