// What happened in an instance: the event log, and the steps built from it.

const TERMINAL = new Set(['workflow_completed', 'workflow_errored', 'workflow_terminated']);
const MAX_EVENTS = 200000;

/** A step's name as the log has it: text, with the three bytes of a lone surrogate each replaced. */
const nameText = (name) => (name instanceof RpcStub ? '[object JsRpcStub]' : `${name}`.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd\ufffd\ufffd'));
/** A value that the log keeps as JSON. */
const recordedJson = (value) => { const text = logText(value); return text === undefined ? { $undefined: true } : JSON.parse(text); };
/** What a step or an event gave, marked; a cycle breaks the engine's log writer, after the attempt. */
const recordedValue = (value, bytes) => {
  if (bytes !== undefined) return { $stream: kernel.parts.decodeUtf8(bytes, false) };
  if (value === null || typeof value !== 'object') return encode(value);
  const stored = normalize(value);
  logText(stored);
  return encode(stored);
};
/** The configuration of a step; one that the engine's log can't show is left out. */
const recordedConfig = (config) => (config.timeout === undefined ? {} : { config: encode(config) });

class Record {
  constructor(instance) {
    this.instance = instance;
    this.reset();
  }

  reset() {
    this.history = [];
    this.afterEnd = [];
    this.steps = new Map(); // key of a step → its record
    this.ended = false;
    this.final = null; // the steps as they were when the run ended
  }

  /** Forgets the named steps and all events about them, and that the run ended. */
  forget(keys) {
    for (const key of keys) this.steps.delete(key);
    this.history = this.history.filter((event) => (event.key === null ? event.type === 'workflow_queued' || event.type === 'workflow_started' : !keys.has(event.key)));
    this.afterEnd = [];
    this.ended = false;
    this.final = null;
  }

  write(type, key = null, name = null, data = {}) {
    const at = kernel.now() - kernel.epoch;
    const event = { type, key, name, attempt: data.attempt, at };
    if (this.history.length + this.afterEnd.length >= MAX_EVENTS) kernel.exceed('events', `the limit of ${MAX_EVENTS} events of one instance was reached`);
    (this.ended ? this.afterEnd : this.history).push(event);
    this.apply(event, data);
    if (TERMINAL.has(type)) {
      this.ended = true;
      this.endedAt = at;
      this.final = clone([...this.steps.values()]);
    }
    world.onEvent(this.instance, event);
  }

  apply({ type, key, name, at }, data) {
    if (key === null) return;
    const rollback = type.startsWith('rollback_');
    const step = this.steps.get(rollback ? key.slice('rollback:'.length) : key);
    if (rollback && type === 'rollback_step_errored' && step !== undefined) step.rollback ??= { attempts: [], outcome: 'open', at_ms: at };
    const target = rollback ? step?.rollback : step;
    const last = () => target?.attempts?.at(-1);
    switch (rollback ? type.slice('rollback_'.length) : type) {
      case 'step_started': {
        const started = { ...('config' in data ? { config: data.config } : {}), attempts: [], outcome: 'open', at_ms: at };
        if (rollback) step.rollback = started;
        else this.steps.set(key, { kind: 'do', ...data.step, ...started });
        break;
      }
      case 'attempt_started': target.attempts.push({ attempt: data.attempt, outcome: 'open', at_ms: at }); break;
      case 'attempt_completed': Object.assign(last(), { outcome: 'ok', end_ms: at }); break;
      case 'attempt_errored':
        Object.assign(last(), { outcome: 'error', error: data.error, ...(data.retryDelayMs === undefined ? {} : { retryDelayMs: data.retryDelayMs }), end_ms: at });
        break;
      case 'step_completed': Object.assign(target, { outcome: 'complete', ...(rollback ? {} : { result: data.result }), end_ms: at }); break;
      case 'step_errored': Object.assign(target, { outcome: 'errored', ...(rollback ? {} : { error: last()?.error }), end_ms: at }); break;
      case 'sleep_started': this.steps.set(key, { kind: 'sleep', ...data.step, durationMs: data.durationMs, outcome: 'open', at_ms: at }); break;
      case 'sleep_completed': Object.assign(step, { outcome: 'complete', end_ms: at }); break;
      case 'wait_started': this.steps.set(key, { kind: 'waitForEvent', ...data.step, ...('eventType' in data ? { eventType: data.eventType } : {}), outcome: 'open', at_ms: at }); break;
      case 'wait_completed': Object.assign(step, { outcome: 'received', payload: data.payload, end_ms: at }); break;
      case 'wait_timed_out': Object.assign(step, { outcome: 'timed_out', end_ms: at }); break;
    }
  }

  events(list, timed) {
    return list.map(({ type, name, attempt, at }) => {
      const event = [type];
      if (name !== null) event.push(name);
      if (attempt !== undefined) event.push(attempt);
      return timed ? { event, at_ms: at } : event;
    });
  }

  report() {
    return {
      steps: this.final ?? clone([...this.steps.values()]),
      history: this.events(this.history, false),
      history_at_ms: this.history.map((event) => event.at),
      after_end: this.events(this.afterEnd, false),
    };
  }
}
