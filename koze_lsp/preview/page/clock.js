// Virtual time: it runs here, as fast as one wants, and the server is asked when something is due.
export class Clock {
  constructor(stage, shown, ended) {
    this.stage = stage;
    this.shown = shown;
    this.ended = ended;
    this.playing = true;
    this.speed = 1;
    this.base = 0;
    this.since = performance.now();
    this.busy = false;
    const frame = () => { this.step(); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
  }

  get now() {
    const { state } = this.stage;
    if (state === null) return 0;
    return this.playing ? Math.max(state.now, this.base + (performance.now() - this.since) * this.speed) : state.now;
  }

  /** When something will happen next; null when nothing will. */
  get due() {
    const { next_tick: tick, next_event: event } = this.stage.state;
    return tick === null ? event : event === null ? tick : Math.min(tick, event);
  }

  /** The server told the time: go on from there. */
  sync() {
    const { state } = this.stage;
    // Too fast for the server: what it has reached counts, not what we have wished.
    const behind = this.due !== null && this.due < this.now - Math.max(250, this.speed * 500);
    if (state.now > this.now - 1 || !this.playing || behind) { this.base = state.now; this.since = performance.now(); }
    if (this.due === null) this.playing = false;
  }

  play() {
    this.base = this.stage.state.now;
    this.since = performance.now();
    this.playing = this.due !== null;
  }

  pause() {
    const { now } = this;
    this.playing = false;
    return now;
  }

  setSpeed(speed) {
    this.base = this.now;
    this.since = performance.now();
    this.speed = speed;
  }

  step() {
    const { state } = this.stage;
    if (state === null) return;
    const { now } = this;
    if (this.playing && !this.busy && this.due !== null && now >= this.due) {
      this.busy = true;
      this.stage.do({ do: 'advance', to: now }).catch((error) => this.ended(error)).finally(() => { this.busy = false; });
    }
    this.shown(now);
  }
}
