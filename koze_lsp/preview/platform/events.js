// DOMException, Event, EventTarget, AbortController and AbortSignal, as server code needs them.
'use strict';
const { parts, schedule } = kernel;
const { install } = parts;

const CODES = {
  IndexSizeError: 1, HierarchyRequestError: 3, InvalidCharacterError: 5, NotFoundError: 8, NotSupportedError: 9,
  InvalidStateError: 11, SyntaxError: 12, InvalidAccessError: 15, TypeMismatchError: 17, AbortError: 20,
  QuotaExceededError: 22, TimeoutError: 23, DataCloneError: 25,
};
class DOMException extends Error {
  #name;
  constructor(message = '', name = 'Error') {
    super(`${message}`);
    this.#name = typeof name === 'object' && name !== null ? `${name.name ?? 'Error'}` : `${name}`;
  }
  get name() { return this.#name; }
  get code() { return CODES[this.#name] ?? 0; }
}
install(globalThis, 'DOMException', DOMException);

class Event {
  constructor(type, init = {}) {
    this.type = `${type}`;
    this.cancelable = Boolean(init.cancelable);
    this.bubbles = Boolean(init.bubbles);
    this.defaultPrevented = false;
    this.target = null;
    this.currentTarget = null;
    this.timeStamp = performance.now();
    install(this, 'stopped', false);
  }
  preventDefault() { if (this.cancelable) this.defaultPrevented = true; }
  stopImmediatePropagation() { this.stopped = true; }
  stopPropagation() {}
}
class CustomEvent extends Event {
  constructor(type, init = {}) { super(type, init); this.detail = init.detail ?? null; }
}
class EventTarget {
  #listeners = new Map();
  addEventListener(type, listener, options = {}) {
    if (listener === null || listener === undefined) return;
    const list = this.#listeners.get(type) ?? [];
    if (list.some((entry) => entry.listener === listener)) return;
    list.push({ listener, once: typeof options === 'object' && Boolean(options.once) });
    this.#listeners.set(type, list);
  }
  removeEventListener(type, listener) {
    const list = this.#listeners.get(type);
    if (list !== undefined) this.#listeners.set(type, list.filter((entry) => entry.listener !== listener));
  }
  dispatchEvent(event) {
    event.target = this;
    event.currentTarget = this;
    const handler = this[`on${event.type}`];
    const list = [...(this.#listeners.get(event.type) ?? [])];
    if (typeof handler === 'function') list.unshift({ listener: handler, once: false });
    for (const { listener, once } of list) {
      if (once) this.removeEventListener(event.type, listener);
      try {
        if (typeof listener === 'function') listener.call(this, event); else listener.handleEvent(event);
      } catch (error) { kernel.reportUncaught(error); }
      if (event.stopped) break;
    }
    return !event.defaultPrevented;
  }
}
const KEY = Symbol('AbortSignal');
class AbortSignal extends EventTarget {
  #reason;
  constructor(key) {
    super();
    if (key !== KEY) throw new TypeError('Illegal constructor');
    this.onabort = null;
    this.aborted = false;
  }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.aborted) throw this.#reason; }
  static [KEY](signal, reason) {
    if (signal.aborted) return;
    signal.#reason = reason === undefined ? new DOMException('The operation was aborted', 'AbortError') : reason;
    signal.aborted = true;
    signal.dispatchEvent(new Event('abort'));
  }
  static abort(reason) { const signal = new AbortSignal(KEY); AbortSignal[KEY](signal, reason); return signal; }
  static timeout(delay) {
    const signal = new AbortSignal(KEY);
    schedule(Number(delay), () => AbortSignal[KEY](signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
    return signal;
  }
  static any(signals) {
    const result = new AbortSignal(KEY);
    for (const signal of signals) {
      if (signal.aborted) { AbortSignal[KEY](result, signal.reason); break; }
      signal.addEventListener('abort', () => AbortSignal[KEY](result, signal.reason), { once: true });
    }
    return result;
  }
}
class AbortController {
  constructor() { this.signal = new AbortSignal(KEY); }
  abort(reason) { AbortSignal[KEY](this.signal, reason); }
}
for (const item of [Event, CustomEvent, EventTarget, AbortSignal, AbortController]) install(globalThis, item.name, item);
