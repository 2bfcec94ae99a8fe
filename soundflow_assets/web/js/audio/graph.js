// The way of the sound: voices → sleep → volume → analyser → loudspeaker. One per page.

let graph;

/**
 * @returns {{context: AudioContext, input: GainNode, sleep: GainNode, volume: GainNode,
 *   analyser: AnalyserNode}}
 */
export function audioGraph() {
  if (!graph) {
    const context = new AudioContext({ latencyHint: 'playback' });
    const input = new GainNode(context);
    const sleep = new GainNode(context);
    const volume = new GainNode(context);
    const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0.85 });
    input.connect(sleep).connect(volume).connect(analyser).connect(context.destination);
    graph = { context, input, sleep, volume, analyser };
  }
  return graph;
}

const STEPS = 33;

/** Moves a gain from where it is to `to`, along a quarter of a sine, so that the power of two
 * voices that cross stays level. */
export function fade(param, to, seconds, context) {
  const now = context.currentTime;
  const from = param.value;
  param.cancelScheduledValues(now);
  if (seconds <= 0.02) {
    param.setTargetAtTime(to, now, 0.005);
    return;
  }
  const rising = to > from;
  const curve = Float32Array.from({ length: STEPS }, (_, step) => {
    const x = (step / (STEPS - 1)) * (Math.PI / 2);
    return rising ? from + (to - from) * Math.sin(x) : to + (from - to) * Math.cos(x);
  });
  param.setValueCurveAtTime(curve, now, seconds);
}
