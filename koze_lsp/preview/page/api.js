// Talking to the server: the state, commands, and a line for every change that comes from elsewhere.
const base = new URL('.', window.location.href);
export const ENDED = 'The preview has ended: its server does not answer. Open it again from the editor or the terminal.';

export class Stage {
  constructor(changed) {
    this.changed = changed;
    this.state = null;
    this.moments = [];
    this.bodies = new Map();
    this.pending = Promise.resolve();
    this.lost = false;
  }

  get last() { return this.moments.at(-1) ?? null; }

  query() {
    const last = this.last;
    return last === null ? '' : `?after=${last.index}&generation=${this.state.generation}`;
  }

  /** Takes a state over; older ones than the present are dropped. */
  take(state) {
    const old = this.state;
    if (old !== null && old.generation === state.generation && state.version < old.version) return;
    if (old === null || old.generation !== state.generation) {
      this.moments = [];
      this.bodies.clear();
    }
    const have = this.last?.index ?? -1;
    this.moments.push(...state.moments.filter(({ index }) => index > have));
    const drop = this.moments.findIndex(({ index }) => index >= state.first);
    if (drop > 0) this.moments.splice(0, drop);
    this.state = state;
    this.changed(old === null || old.generation !== state.generation);
  }

  /** One request after the other, so that answers come in order. */
  queue(work) {
    const next = this.pending.then(work, work);
    this.pending = next.catch(() => {});
    return next;
  }

  /** Asks for the state, unless a version that is as new has come meanwhile. */
  refresh(version = Infinity) {
    return this.queue(async () => {
      if (version > (this.state?.version ?? -1)) this.take((await this.request(`state${this.query()}`)).state);
    });
  }

  /** Carries out a command; gives what the server says beside the state. */
  do(command) {
    return this.queue(async () => {
      const { state, ...told } = await this.request(`do${this.query()}`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(command),
      });
      if (state !== undefined) this.take(state);
      return told;
    });
  }

  async request(path, options) {
    const response = await fetch(new URL(path, base), options).catch(() => null);
    this.lost = response === null || response.status === 404;
    if (this.lost) throw new Error(ENDED);
    return response.json();
  }

  async body(index) {
    if (!this.bodies.has(index)) {
      const { body } = await this.request(`body/${index}`);
      this.bodies.set(index, body);
      if (this.bodies.size > 200) this.bodies.delete(this.bodies.keys().next().value);
    }
    return this.bodies.get(index);
  }

  listen(ended) {
    const stream = new EventSource(new URL('events', base));
    stream.onmessage = ({ data }) => { this.refresh(Number(data)).catch(ended); };
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) { this.lost = true; ended(new Error(ENDED)); } else this.refresh().catch(ended); };
  }
}
