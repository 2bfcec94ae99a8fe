// How loud a track is played, so that no track is louder than the one before it.

import { pref } from '../prefs.js';

// Streamed music is levelled to -16 LUFS where listeners choose no other
// (AES TD1008, recommendations for loudness of internet audio streaming).
export const TARGET_LUFS = -16;
const CEILING_DBTP = -1;

/** The factor that brings a track to the common loudness without passing the ceiling. */
export function levelGain(entry, levelled = true) {
  if (!levelled) return 1;
  const wanted = TARGET_LUFS - entry.loudnessLufs;
  const room = CEILING_DBTP - entry.truePeakDbtp;
  return 10 ** (Math.min(wanted, Math.max(room, 0)) / 20);
}

/** Whether a track is to be played as music and bed apart. */
export function apart(entry) {
  return Boolean(entry.stems) && entry.tier === 'free' && pref('bed') !== 1;
}

/** What `levelGain` needs to know of a track's two files together. */
export const pairOf = ({ stems }) => ({ loudnessLufs: stems.loudnessLufs, truePeakDbtp: stems.peakDbfs });
