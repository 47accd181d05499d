// One instance of a workflow: its status, what survives a pause, and its life from create() to its end.

/** Counts attempts that run, and lets a pause wait until there is none. */
class Gate {
  constructor() { this.running = 0; this.closed = false; this.idle = []; this.queue = []; }
  async acquire() {
    if (this.closed) await new Promise((resolve) => { this.queue.push(resolve); });
    this.running++;
  }
  release() {
    this.running = Math.max(0, this.running - 1);
    if (this.running > 0) return;
    const waiting = this.idle;
    this.idle = [];
    for (const { resolve } of waiting) resolve();
  }
  async whenIdle(run) {
    this.closed = true;
    if (this.running > 0) {
      try { await new Promise((resolve, reject) => { this.idle.push({ resolve, reject }); }); } catch { this.open(); return; }
    }
    run();
    this.open();
  }
  cancelPause() {
    const waiting = this.idle;
    this.idle = [];
    for (const { reject } of waiting) reject();
    this.open();
  }
  open() {
    this.closed = false;
    const queue = this.queue;
    this.queue = [];
    for (const resolve of queue) resolve();
  }
}

const FINITE = new Set(['complete', 'errored', 'terminated']);

class Instance {
  constructor(workflow, id, params, options) {
    this.workflow = workflow;
    this.id = id;
    this.created = kernel.now();
    this.params = params;
    this.options = options;
    this.skipSleeps = options.skipSleeps === true;
    this.skipRetryDelays = options.skipRetryDelays === true;
    this.record = new Record(this);
    this.generation = 0;
    this.actionResults = [];
    this.owner = { dead: false };
    this.wipe();
  }

  /** A new engine for the same instance: nothing of the old one goes on. */
  abort() {
    this.generation++;
    this.owner.dead = true;
    this.owner = { dead: false };
    this.isRunning = false;
    this.newEngine();
  }

  newEngine() {
    this.gate = new Gate();
    this.pauseSignal = Promise.withResolvers();
    this.rollbacks = new Map();
    this.waiters = new Map();
    this.phase = null;
    this.bodies = 0;
    this.sleepers = new Map();
    this.isRunning = false;
  }

  wipe() {
    this.status = 'queued';
    this.output = undefined;
    this.error = undefined;
    this.results = new Map(); // key of a step → {value} or {error}
    this.configs = new Map();
    this.attempts = new Map();
    this.sleeps = new Map(); // key → 'open' | 'done'
    this.waits = new Set();
    this.queue = new Map(); // key → due time, of sleeps, retries and timeouts
    this.pastTimeouts = new Set();
    this.events = new Map(); // type → events that nobody took yet
    this.keptEvents = new Map(); // as the engine's storage has them: `type\nindex` → event; never removed
    this.startOrder = [];
    this.pausedAt = null;
    this.newEngine();
  }

  retryDelay() { return world.production ? PRODUCTION_RETRY_DELAY : LOCAL_RETRY_DELAY; }

  // -- waiting

  /** Sleeps on the virtual clock; the page may end it early by its name. */
  sleepFor(ms, label = null) {
    let task = null;
    let end;
    const promise = new Promise((resolve) => { end = resolve; });
    if (ms !== Infinity) task = kernel.schedule(milliseconds(ms), end);
    const cancel = () => { if (task !== null) kernel.cancel(task); this.sleepers.delete(end); };
    promise.then(() => this.sleepers.delete(end));
    this.sleepers.set(end, { label, skip: () => { if (task !== null) kernel.cancel(task); task = kernel.schedule(0, end); } });
    return { promise, cancel };
  }

  /** {aborted} when the instance is paused meanwhile, else {value}. */
  async pausable({ promise, cancel }) {
    const settled = promise.then((value) => ({ aborted: false, value }));
    settled.catch(() => {});
    const result = await Promise.race([settled, this.pauseSignal.promise]);
    if (result.aborted && cancel !== undefined) cancel();
    return result;
  }

  waiter(type, key) {
    const queued = this.events.get(type);
    if (queued !== undefined && queued.length > 0) return { promise: Promise.resolve(queued.shift()), forget() {} };
    const { promise, resolve } = Promise.withResolvers();
    const list = this.waiters.get(type) ?? [];
    this.waiters.set(type, list);
    const entry = { key, resolve };
    list.push(entry);
    return { promise, forget: () => { const at = list.indexOf(entry); if (at >= 0) list.splice(at, 1); } };
  }

  // -- status

  setStatus(status) {
    const changed = this.status !== status;
    this.status = status;
    if (!changed) return;
    const type = { running: 'workflow_running', paused: 'workflow_paused', waitingForPause: 'workflow_waiting_for_pause' }[status];
    if (type !== undefined) this.record.write(type);
  }

  /** The status as status() gives it; in production a sleeping instance is `waiting`. */
  shownStatus() {
    const idle = this.status === 'running' && this.bodies === 0 && (this.sleepers.size > 0 || [...this.waiters.values()].some((list) => list.length > 0));
    return world.production && idle ? 'waiting' : this.status;
  }

  shown() {
    const output = this.status === 'complete' && this.output !== undefined ? JSON.parse(this.output.text ?? 'null') : null;
    return { status: this.shownStatus(), output, error: this.error };
  }

  // -- running

  start() {
    this.record.write('workflow_queued');
    this.record.write('workflow_started');
    this.launch();
  }

  launch() {
    kernel.setOwner(this.owner);
    kernel.schedule(this.options.queuedMs ?? 0, () => { this.run(); }, `run() of ${this.workflow.name}`, this.owner);
  }

  async run() {
    if (this.isRunning || FINITE.has(this.status) || this.status === 'paused') return;
    if (this.status === 'waitingForPause') { this.pausedAt = kernel.now(); this.setStatus('paused'); return; }
    const { generation } = this;
    const context = new Context(this);
    this.isRunning = true;
    this.setStatus('running');
    const outcome = await this.callRun(context);
    if (generation !== this.generation) return;
    if ('error' in outcome) await this.fail(outcome.error); else await this.succeed(outcome.value);
  }

  /** Calls run() of the user's class as an RPC would. */
  async callRun(context) {
    const stub = stepStub(context, this);
    try {
      const worker = this.workflow.instantiate();
      const method = Object.hasOwn(worker, 'run') ? undefined : worker.run;
      if (typeof method !== 'function') throw new TypeError('The RPC receiver does not implement the method "run".');
      const event = { timestamp: new Date(this.created), payload: clone(this.params), instanceId: this.id, workflowName: this.workflow.name };
      return { value: crossValue(await method.call(worker, event, stub.step)) };
    } catch (error) {
      return { error: crossError(error) };
    } finally { stub.dispose(); }
  }

  async succeed(value) {
    try {
      const refused = whyUnstorable(value);
      if (refused !== null) throw cloneRefused(refused);
      if (tooLarge(value)) throw new Error('string or blob too big: SQLITE_TOOBIG');
      this.output = { value: normalize(value), text: logText(value) };
    } catch (error) { await this.fail(error); return; }
    this.record.write('workflow_completed');
    this.setStatus('complete');
    this.rollbacks.clear();
    this.isRunning = false;
  }

  async fail(error) {
    if (isAbortError(error)) { this.isRunning = false; return; }
    const { generation } = this;
    await this.rollBack(error);
    if (generation !== this.generation) return;
    if (isNonRetryable(error)) {
      this.fatal(new WorkflowFatalError('The execution of the Workflow instance was terminated, as a step threw an NonRetryableError and it was not handled'));
      return;
    }
    this.error = { name: error.name, message: error.message };
    this.stack = typeof error.stack === 'string' ? error.stack : '';
    this.record.write('workflow_errored');
    this.setStatus('errored');
    this.isRunning = false;
  }

  /** Errs at once and stops everything of the instance. */
  fatal(error) {
    this.error = { name: error.name, message: error.message };
    this.record.write('workflow_errored');
    this.setStatus('errored');
    this.abort();
  }

  async rollBack(error) {
    const eligible = this.startOrder.filter((step) => step.rollback && !step.rolledBack).reverse();
    if (eligible.length === 0) { this.rollbacks.clear(); return; }
    this.record.write('rollback_started');
    let succeeded = true;
    for (const step of eligible) {
      const entry = this.rollbacks.get(step.key);
      if (entry === undefined) { // run() did not come to the step again after a pause
        this.record.write('rollback_step_errored', `rollback:${step.key}`, step.label, { error: { name: 'RollbackMissing', message: 'Rollback function not available in registry' } });
        succeeded = false;
        break;
      }
      step.rolledBack = true;
      const context = new Context(this, step.key);
      try {
        await context.do(step.label, entry.config ?? {}, async () => {
          await entry.handler({ ctx: clone(entry.context), error: clone(storedError(error)), output: crossValue(entry.output), stepName: step.label });
        });
      } catch { succeeded = false; break; } finally { this.rollbacks.delete(step.key); }
    }
    this.rollbacks.clear();
    this.record.write(succeeded ? 'rollback_completed' : 'rollback_errored');
  }

  // -- what others may do to it

  pause() {
    if (this.status !== 'running') return;
    this.setStatus('waitingForPause');
    this.gate.whenIdle(() => {
      this.pausedAt = kernel.now();
      this.setStatus('paused');
      this.pauseSignal.resolve({ aborted: true });
    });
  }

  resume() {
    if (this.status === 'waitingForPause') { this.gate.cancelPause(); this.setStatus('running'); return; }
    if (this.status !== 'paused') return;
    const offset = this.pausedAt === null ? 0 : kernel.now() - this.pausedAt;
    for (const [key, due] of this.queue) this.queue.set(key, due + offset);
    this.forgetPast();
    this.pausedAt = null;
    this.status = 'queued';
    this.pauseSignal = Promise.withResolvers();
    this.waiters = new Map();
    this.rollbacks = new Map();
    this.restoreEvents();
    this.launchAgain();
  }

  launchAgain() {
    kernel.schedule(0, () => { this.run(); }, `run() of ${this.workflow.name}`, this.owner);
  }

  async terminate(options) {
    if (FINITE.has(this.status)) throw workflowError('Cannot terminate instance since its on a finite state', 'instance.cannot_terminate');
    if (options?.rollback === true) {
      await this.replayRollbacks();
      const error = new Error('Instance terminated during rollback');
      error.name = 'Terminated';
      this.phase = 'rollback';
      await this.rollBack(error);
      this.phase = null;
    }
    this.record.write('workflow_terminated');
    this.setStatus('terminated');
    this.abort();
  }

  async replayRollbacks() {
    if (this.rollbacks.size > 0 || !this.startOrder.some((step) => step.rollback)) return;
    this.phase = 'replay';
    await this.callRun(new Context(this));
    this.phase = null;
  }

  restart(options) {
    const keys = options?.from === undefined ? null : this.keysFrom(options.from);
    this.abort();
    if (keys === null) {
      this.wipe();
      this.record.reset();
    } else this.rewind(keys);
    if (options !== undefined && 'params' in options) this.params = options.params;
    if (keys === null) this.start(); else this.launch();
  }

  /** The named step and all that started after it. */
  keysFrom({ name, count = 1, type = 'do' }) {
    const prefix = { do: 'do', sleep: 'sleep', waitForEvent: 'wait' }[type];
    const keys = [...this.record.steps.keys()];
    let found = 0;
    const at = keys.findIndex((key) => key.startsWith(`${prefix}:`) && this.record.steps.get(key).name === name && ++found === count);
    if (at < 0) throw workflowError(`Step "${name}" not found in execution history`, 'instance.cannot_restart');
    return new Set(keys.slice(at));
  }

  rewind(keys) {
    for (const key of keys) for (const map of [this.results, this.configs, this.attempts, this.sleeps, this.waits]) map.delete(key);
    this.record.forget(keys);
    this.startOrder = this.startOrder.filter((step) => !keys.has(step.key));
    this.queue.clear();
    this.pastTimeouts.clear();
    this.events.clear();
    this.keptEvents.clear();
    this.status = 'queued';
    this.output = undefined;
    this.error = undefined;
    this.pausedAt = null;
  }

  sendEvent({ type, payload }) {
    const event = { payload: crossValue(payload), type, timestamp: new Date(kernel.now()) };
    const list = this.events.get(type) ?? [];
    this.events.set(type, list);
    list.push(event);
    for (const [kind, queued] of this.events) queued.forEach((item, index) => this.keptEvents.set(`${kind}\n${index}`, item));
    if (!this.isRunning) { this.forgetPast(); return; }
    const waiting = this.waiters.get(type);
    if (waiting !== undefined && waiting.length > 0) { waiting.shift().resolve(event); list.shift(); }
  }

  /** The engine forgets what is overdue whenever it is woken. */
  forgetPast() {
    for (const [key, due] of this.queue) if (due <= kernel.now()) { this.queue.delete(key); this.pastTimeouts.add(key); }
  }

  /** After a pause all events are there that the storage ever kept, also those that a wait took before. */
  restoreEvents() {
    this.events = new Map();
    for (const key of [...this.keptEvents.keys()].sort()) {
      const type = key.slice(0, key.lastIndexOf('\n'));
      const list = this.events.get(type) ?? [];
      this.events.set(type, list);
      list.push(this.keptEvents.get(key));
    }
  }

  /** Ends open sleeps and retry delays at once (all, or those of one step). */
  skipSleep(label) {
    let skipped = 0;
    for (const { label: own, skip } of this.sleepers.values()) if (label === undefined || own === label) { skip(); skipped++; }
    return skipped;
  }
}
