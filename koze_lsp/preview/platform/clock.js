// Date, timers and queueMicrotask on the virtual clock.
'use strict';
const { schedule, cancel, now, reportUncaught } = kernel;
const { NativeDate, defineProperty, apply, mapGet, mapSet, mapDelete, then, NativePromise } = kernel.primordials;

const install = (target, name, value) => {
  const known = kernel.primordials.getOwnPropertyDescriptor(target, name);
  if (known !== undefined && !known.configurable) target[name] = value; // a `var` of the host
  else defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
};

const VirtualDate = new Proxy(NativeDate, {
  apply: () => new NativeDate(now()).toString(),
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
});
install(NativeDate, 'now', { now() { return now(); } }.now);
install(NativeDate.prototype, 'constructor', VirtualDate);
install(globalThis, 'Date', VirtualDate);
// Temporal reads the real clock.
delete globalThis.Temporal;

const timers = new Map();
let nextTimer = 1;
const asDelay = (delay) => { const ms = Math.trunc(Number(delay)); return ms > 0 && ms < 2147483648 * 1e6 ? ms : 0; };

const setTimeout = { setTimeout(callback, delay = 0, ...args) {
  if (typeof callback !== 'function') throw new TypeError("Failed to execute 'setTimeout': parameter 1 is not of type 'Function'.");
  const id = nextTimer++;
  mapSet(timers, id, schedule(asDelay(delay), () => { mapDelete(timers, id); apply(callback, undefined, args); }));
  return id;
} }.setTimeout;
const setInterval = { setInterval(callback, delay = 0, ...args) {
  if (typeof callback !== 'function') throw new TypeError("Failed to execute 'setInterval': parameter 1 is not of type 'Function'.");
  const id = nextTimer++;
  const period = Math.max(1, asDelay(delay));
  const again = () => mapSet(timers, id, schedule(period, () => { again(); apply(callback, undefined, args); }));
  again();
  return id;
} }.setInterval;
const clear = (id) => {
  const task = mapGet(timers, id);
  if (task !== undefined) { mapDelete(timers, id); cancel(task); }
};
install(globalThis, 'setTimeout', setTimeout);
install(globalThis, 'setInterval', setInterval);
install(globalThis, 'clearTimeout', { clearTimeout(id) { clear(id); } }.clearTimeout);
install(globalThis, 'clearInterval', { clearInterval(id) { clear(id); } }.clearInterval);
const resolved = NativePromise.resolve();
install(globalThis, 'queueMicrotask', { queueMicrotask(callback) {
  if (typeof callback !== 'function') throw new TypeError("Failed to execute 'queueMicrotask': parameter 1 is not of type 'Function'.");
  then(resolved, () => { try { callback(); } catch (error) { reportUncaught(error); } });
} }.queueMicrotask);
install(globalThis, 'scheduler', { wait: (delay) => new NativePromise((resolve) => { schedule(asDelay(delay), () => resolve()); }) });

let origin = null;
install(globalThis, 'performance', {
  now() { if (origin === null) origin = kernel.epoch; return now() - origin; },
  get timeOrigin() { return kernel.epoch; },
  toJSON() { return { timeOrigin: kernel.epoch }; },
});
kernel.parts.install = install;
kernel.epoch = 0;
kernel.api.start = (epoch) => { kernel.setNow(epoch); kernel.epoch = epoch; };
