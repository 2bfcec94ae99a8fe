// Asking the service for a new track, and following its making: WebSocket, else Server-Sent Events,
// else a question every two seconds. What it says is the same on all three ways.

import { bearer } from './audio/sources.js';

export const STAGES = ['plan', 'compose', 'render', 'mix', 'master', 'encode', 'upload'];
const POLL_MS = 2000;
const AGAIN_MS = 1000;
const TRIES = 3; // of a WebSocket that does not open

/** A refusal or failure the service explains; `message` is meant for the listener. */
export class Refusal extends Error {}

export class Generation {
  #base;

  constructor(apiBase) {
    this.#base = `${apiBase}/api/v1/music`;
    this.socketUrl = `${apiBase.replace(/^http/, 'ws')}/ws`;
  }

  /** @returns {Promise<string>} the project's id */
  async start({ category, genre, durationS, seed }) {
    const wish = { category, duration_seconds: durationS, ...(genre && { genre }), ...(seed !== null && { seed }) };
    const answer = await fetch(`${this.#base}/generate/full-song`, {
      method: 'POST', headers: { 'Content-Type': 'application/json', ...bearer() }, body: JSON.stringify(wish),
    });
    return (await read(answer)).project_id;
  }

  /** The whole state of a project. */
  async aggregate(project) {
    const state = await read(await fetch(`${this.#base}/project/${project}/aggregate`, { headers: bearer() }));
    return { ...state, result: state.result && trackOf(state.result) };
  }

  /**
   * Tells `heard(aggregate)` the state now and after every change, until it is over.
   *
   * @returns {() => void} stops following
   */
  follow(project, heard, failed) {
    const line = new Line(this, project, heard, failed);
    line.open();
    return () => line.close();
  }

  eventsUrl(project) {
    return `${this.#base}/project/${project}/events`;
  }
}

/** One project being followed. Events are hints; after each gap the aggregate says how things are. */
class Line {
  #generation;
  #project;
  #heard;
  #failed;
  #state = null;
  #over = false;
  #tries = 0;
  #stop = () => {};

  constructor(generation, project, heard, failed) {
    [this.#generation, this.#project, this.#heard, this.#failed] = [generation, project, heard, failed];
  }

  open() {
    this.#catchUp();
    this.#socket();
  }

  close() {
    this.#over = true;
    this.#stop();
  }

  async #catchUp() {
    try {
      this.#tell(await this.#generation.aggregate(this.#project));
    } catch (error) {
      if (!(error instanceof Refusal)) return; // the network; events or the next question may come through
      this.close();
      this.#failed(error);
    }
  }

  #socket() {
    let opened = false;
    const socket = new WebSocket(this.#generation.socketUrl);
    socket.onopen = () => {
      opened = true;
      socket.send(JSON.stringify({ action: 'subscribe', project_id: this.#project }));
      this.#catchUp(); // what happened before the subscription
    };
    socket.onmessage = (message) => this.#event(JSON.parse(message.data));
    socket.onclose = () => {
      if (this.#over) return;
      this.#tries += 1;
      if (!opened || this.#tries >= TRIES) this.#events();
      else this.#later(() => this.#socket(), AGAIN_MS);
    };
    this.#stop = () => socket.close();
  }

  #events() {
    const source = new EventSource(this.#generation.eventsUrl(this.#project));
    for (const type of ['stage.started', 'stage.progress', 'stage.completed', 'project.completed', 'project.failed']) {
      source.addEventListener(type, (message) => this.#event({ type, ...JSON.parse(message.data) }));
    }
    source.onopen = () => this.#catchUp();
    source.onerror = () => {
      if (this.#over || source.readyState !== EventSource.CLOSED) return; // else it reconnects by itself
      this.#poll();
    };
    this.#stop = () => source.close();
  }

  #poll() {
    this.#later(async () => {
      await this.#catchUp();
      if (!this.#over) this.#poll();
    }, POLL_MS);
  }

  #later(act, ms) {
    const waiting = setTimeout(act, ms);
    this.#stop = () => clearTimeout(waiting);
  }

  #event(event) {
    if (this.#over || event.project_id !== this.#project) return;
    if (event.type.startsWith('project.')) {
      this.#catchUp(); // the result is in the aggregate
      return;
    }
    const stage = this.#state?.stages.find((one) => one.stage === event.stage);
    // After a gap events come again, and mastering may be done twice: what is done stays done.
    if (!stage || stage.status === 'completed') return;
    if (event.type === 'stage.completed') Object.assign(stage, { status: 'completed', progress: 1 });
    else Object.assign(stage, { status: 'running', progress: event.progress ?? stage.progress });
    this.#heard(this.#state);
  }

  #tell(state) {
    if (this.#over) return;
    this.#state = state;
    if (isOver(state)) this.close();
    this.#heard(state);
  }
}

/** A made track as a catalog would list it: free, with the range of its sections' energies. */
function trackOf(result) {
  const energies = result.sections.map((section) => Math.round(section.energy * 100));
  const range = { energyMin: Math.min(...energies, 100), energyMax: Math.max(...energies, 0) };
  return { tier: 'free', goalTags: [], natureTags: [], ...range, ...result };
}

export function isOver({ status }) {
  return status === 'completed' || status === 'failed';
}

async function read(answer) {
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  const wait = answer.status === 429 ? ` Try again in ${answer.headers.get('Retry-After') ?? 'some'} seconds.` : '';
  throw new Refusal((problem.detail ?? problem.title ?? `The service answered ${answer.status}.`) + wait);
}
