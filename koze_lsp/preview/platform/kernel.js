// The kernel of an isolate: virtual clock, task queue, jobs started from Python, errors with mapped positions.
//
// Python evaluates this file once per isolate as the body of `(function () { … })()` and keeps the object it
// returns under a secret name, so that user code can't reach it. Nothing here reads a real clock.
// The language's own functions are captured first: user code may replace them for itself only.
'use strict';

const { parse, stringify } = JSON;
const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, prototype: ObjectPrototype } = Object;
const apply = Reflect.apply;
const uncurry = (method) => (receiver, ...args) => apply(method, receiver, args);
const push = uncurry(Array.prototype.push);
const shift = uncurry(Array.prototype.shift);
const splice = uncurry(Array.prototype.splice);
const slice = uncurry(Array.prototype.slice);
const join = uncurry(Array.prototype.join);
const stringSlice = uncurry(String.prototype.slice);
const split = uncurry(String.prototype.split);
const mapGet = uncurry(Map.prototype.get);
const mapSet = uncurry(Map.prototype.set);
const mapDelete = uncurry(Map.prototype.delete);
const then = uncurry(Promise.prototype.then);
const NativePromise = Promise;
const NativeError = Error;
const NativeDate = Date;
const hasInstance = uncurry(Function.prototype[Symbol.hasInstance]);
const isPromise = (value) => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
  return hasInstance(NativePromise, value) || typeof value.then === 'function';
};

// ---- Scripts and stacks -------------------------------------------------------------------------------

/** SHA-256 of a script's text → its file name and, per generated line, `[generatedColumn, sourceColumn, …]`. */
const scripts = new Map();
const registerScript = (hash, file, columns) => { mapSet(scripts, hash, { file, columns }); };

const place = (frame) => {
  const script = mapGet(scripts, frame.getScriptHash());
  if (script === undefined || script.file === null) return null;
  const line = frame.getLineNumber();
  let column = frame.getColumnNumber();
  const row = script.columns === null ? undefined : script.columns[line - 1];
  if (row !== undefined) {
    let best = 0;
    for (let i = 0; i < row.length; i += 2) { if (row[i] <= column - 1) best = i; else break; }
    if (row.length > 0) column = row[best + 1] + (column - 1 - row[best]) + 1;
  }
  return column < 1 ? null : { file: script.file, line, column, name: frame.getFunctionName() };
};

const headline = (error) => {
  const name = error.name === undefined ? 'Error' : `${error.name}`;
  const message = error.message === undefined ? '' : `${error.message}`;
  return message === '' ? name : name === '' ? message : `${name}: ${message}`;
};

/** Frames of internal scripts are left out: a user sees only files of the application. */
const prepareStackTrace = (error, frames) => {
  let text;
  try { text = headline(error); } catch { text = 'Error'; }
  for (let i = 0; i < frames.length; i++) {
    const at = place(frames[i]);
    if (at === null) continue;
    const where = `${at.file}:${at.line}:${at.column}`;
    text += at.name === null || at.name === '' ? `\n    at ${where}` : `\n    at ${at.name} (${where})`;
  }
  return text;
};
defineProperty(NativeError, 'prepareStackTrace', { value: prepareStackTrace, writable: false, configurable: false });

const describeError = (error) => {
  try {
    if (hasInstance(NativeError, error)) {
      const stack = typeof error.stack === 'string' ? error.stack : '';
      return { name: `${error.name}`, message: `${error.message}`, stack };
    }
    if (error !== null && typeof error === 'object') {
      const json = stringify(error);
      return { name: 'Error', message: typeof error.message === 'string' ? error.message : `${json}`, stack: '' };
    }
    return { name: 'Error', message: typeof error === 'symbol' ? 'Symbol()' : `${error}`, stack: '' };
  } catch {
    return { name: 'Error', message: 'a value that cannot be shown was thrown', stack: '' };
  }
};

let label = ''; // what runs now, for the message of a limit; tasks inherit it

// Who runs now: tasks inherit it, and those of an owner that is `dead` never run. Microtasks belong to the task
// before them.
let owner = null;

// ---- The virtual clock and its tasks ------------------------------------------------------------------

let now = 0; // milliseconds since the epoch, virtual
let sequence = 0;
const heap = []; // binary heap of {at, order, run, label}; cancelled entries have run === null
const live = { count: 0, cancelled: 0 };

const before = (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order);
const siftUp = (index) => {
  const item = heap[index];
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!before(item, heap[parent])) break;
    heap[index] = heap[parent];
    index = parent;
  }
  heap[index] = item;
};
const siftDown = (index) => {
  const item = heap[index];
  const length = heap.length;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= length) break;
    if (child + 1 < length && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], item)) break;
    heap[index] = heap[child];
    index = child;
  }
  heap[index] = item;
};
const popTask = () => {
  const top = heap[0];
  const last = heap[heap.length - 1];
  heap.length--;
  if (heap.length > 0) { heap[0] = last; siftDown(0); }
  return top;
};
const compact = () => {
  let kept = 0;
  for (let i = 0; i < heap.length; i++) if (heap[i].run !== null) heap[kept++] = heap[i];
  heap.length = kept;
  for (let i = (kept >> 1) - 1; i >= 0; i--) siftDown(i);
  live.cancelled = 0;
};

/** Runs `run` as a task of its own `delay` virtual milliseconds from now. Returns what `cancel` takes. */
const schedule = (delay, run, named = label, by = owner) => {
  const wait = delay > 0 ? delay : 0; // NaN and negative numbers are "at once"
  const task = { at: now + wait, order: sequence++, run, label: named, owner: by };
  heap[heap.length] = task;
  siftUp(heap.length - 1);
  live.count++;
  return task;
};
const cancel = (task) => {
  if (task.run === null) return;
  task.run = null;
  live.count--;
  if (++live.cancelled > 1024 && live.cancelled > heap.length / 2) compact();
};
const nextAt = () => {
  for (; heap.length > 0; popTask()) {
    if (heap[0].run === null) live.cancelled--;
    else if (heap[0].owner === null || !heap[0].owner.dead) break;
    else live.count--;
  }
  return heap.length > 0 ? heap[0].at : null;
};
const fireNext = () => {
  const task = popTask();
  if (task.at > now) now = task.at;
  const { run } = task;
  task.run = null;
  live.count--;
  label = task.label;
  owner = task.owner;
  run();
};

// ---- Uncaught errors ----------------------------------------------------------------------------------

/** Errors of timers and microtasks that nobody awaits; the host may report them. */
const uncaught = [];
const reportUncaught = (error) => { if (uncaught.length < 100) push(uncaught, describeError(error)); };

// ---- Jobs: calls from Python and their results --------------------------------------------------------

let job = null; // {state: 'pending' | 'done' | 'failed', value, error}
let told = ''; // the label that Python knows
let limit = null; // {limit, message} once one of our own limits was hit

const toJson = (value) => { const text = stringify(value); return text === undefined ? 'null' : text; };

const settle = (current, value) => { current.state = 'done'; current.value = value; };
const fail = (current, error) => { current.state = 'failed'; current.error = error; };

/** Host requests: isolate code asks Python for something and gets a promise of JSON. */
let requestId = 0;
const waiting = new Map();
let outbox = [];
const request = (operation, args) => new NativePromise((resolve, reject) => {
  const id = ++requestId;
  mapSet(waiting, id, { resolve, reject });
  push(outbox, { id, operation, args });
});
const answer = (id, ok, json) => {
  const entry = mapGet(waiting, id);
  if (entry === undefined) return;
  mapDelete(waiting, id);
  if (ok) entry.resolve(parse(json)); else entry.reject(errorFrom(parse(json)));
};
const errorFrom = (described) => {
  const error = new NativeError(described.message);
  if (described.name !== undefined && described.name !== 'Error') {
    defineProperty(error, 'name', { value: described.name, writable: true, configurable: true });
  }
  return error;
};

/** Answers Python as one JSON text: `[kind, …]`. */
const report = () => {
  if (limit !== null) { const hit = limit; limit = null; return stringify(['limit', hit.limit, hit.message]); }
  if (outbox.length > 0) { const sent = outbox; outbox = []; return stringify(['request', sent]); }
  if (job !== null && job.state === 'done') {
    const { value } = job;
    job = null;
    return `["done",${toJson(value)},${value === undefined}]`;
  }
  if (job !== null && job.state === 'failed') {
    const { error } = job;
    job = null;
    return stringify(['error', describeError(error)]);
  }
  return null;
};

const begin = (run) => {
  const current = { state: 'pending', value: undefined, error: undefined };
  job = current;
  try {
    const value = run();
    if (isPromise(value)) {
      then(NativePromise.resolve(value), (result) => settle(current, result), (error) => fail(current, error));
      return '["pending"]';
    }
    settle(current, value);
  } catch (error) {
    fail(current, error);
  }
  try { return report(); } catch (error) { job = null; return stringify(['error', describeError(error)]); }
};

/** One turn of the loop: the answer of the job if there is one, else the next task up to `until` is run. */
const turn = (until) => {
  try {
    const ready = report();
    if (ready !== null) return ready;
    const at = nextAt();
    if (at === null) return job === null ? '["idle",null]' : '["stuck",null]';
    if (until !== null && at > until) return `["idle",${at}]`;
  } catch (error) {
    job = null;
    return stringify(['error', describeError(error)]);
  }
  try { fireNext(); } catch (error) { reportUncaught(error); }
  if (label === told) return '["turn"]';
  told = label;
  return stringify(['turn', label]);
};

/** A time after which `advance` fires nothing more, whatever it is asked; parts of the runtime set it. */
let horizon = Infinity;
const END_OF_TIME = 8e15; // asked to go this far, the clock stops at the last task

/** Like `turn`, for a host that only moves the clock: jobs are no concern of it. */
const advance = (until) => {
  const at = nextAt();
  if (at === Infinity || at > horizon) { if (horizon !== Infinity && horizon > now && horizon <= until) now = horizon; return '["idle",null]'; }
  if (at === null || at > until) { if (until > now && until < END_OF_TIME) now = until; return `["idle",${at}]`; }
  return turn(until);
};

const exceed = (name, message) => { if (limit === null) limit = { limit: name, message }; };

const kernel = {
  FinalizationRegistry,
  registerScript, begin, turn, advance, answer, request, schedule, cancel, nextAt, exceed, reportUncaught,
  describeError, errorFrom, uncaught, isPromise,
  now: () => now,
  setHorizon: (at) => { horizon = at; },
  owner: () => owner,
  setOwner: (value) => { owner = value; },
  setNow: (value) => { now = value; },
  label: () => label,
  setLabel: (value) => { label = value; },
  takeUncaught: () => splice(uncaught, 0),
  /** Named functions that Python may call; each part of the runtime adds its own. */
  api: { __proto__: null },
  /** What the parts of the runtime share; user code never sees it. */
  parts: { __proto__: null },
  primordials: {
    parse, stringify, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ObjectPrototype, apply, uncurry, push,
    shift, splice, slice, join, stringSlice, split, mapGet, mapSet, mapDelete, then, NativePromise, NativeError,
    NativeDate, hasInstance,
  },
};
return kernel;
