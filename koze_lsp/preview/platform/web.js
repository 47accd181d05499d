// URL and URLSearchParams from the vendored bundle, loaded when they are first used; Intl on the virtual clock.
'use strict';
const { defineProperty } = kernel.primordials;
let loaded = null;
const LAZY = ['URL', 'URLSearchParams'];
const HIDDEN = [...LAZY, 'Headers', 'Request', 'fetch']; // the bundle wraps those that it finds
kernel.parts.vendor = () => {
  if (loaded !== null) return loaded;
  const own = {};
  // The bundle looks whether the global object has them already: for that moment it has not.
  for (const name of HIDDEN) { own[name] = Object.getOwnPropertyDescriptor(globalThis, name); kernel.parts.install(globalThis, name, undefined); }
  loaded = loadVendor();
  // The bundle's minifier took their names.
  for (const name of LAZY) defineProperty(loaded[name], 'name', { value: name, configurable: true });
  for (const name of HIDDEN) if (own[name] !== undefined) defineProperty(globalThis, name, own[name]); else delete globalThis[name];
  return loaded;
};

/** URL with the message that Cloudflare's runtime gives for what is no URL. */
const withWorkersMessage = (Native) => new Proxy(Native, { construct(target, args, newTarget) {
  try { return Reflect.construct(target, args, newTarget); } catch { throw new TypeError('Invalid URL string.'); }
} });
/** Collection can't be observed here: it depends on real time. */
kernel.parts.install(globalThis, 'FinalizationRegistry', class FinalizationRegistry { register() {} unregister() { return false; } });

for (const name of LAZY) {
  defineProperty(globalThis, name, {
    configurable: true, enumerable: false,
    get() {
      const value = name === 'URL' ? withWorkersMessage(kernel.parts.vendor().URL) : kernel.parts.vendor()[name];
      kernel.parts.install(globalThis, name, value);
      return value;
    },
    set(value) { kernel.parts.install(globalThis, name, value); },
  });
}

// Without an argument these read the real clock.
const formats = Intl.DateTimeFormat.prototype;
const getFormat = Object.getOwnPropertyDescriptor(formats, 'format').get;
const { formatToParts } = formats;
const bound = new WeakMap();
defineProperty(formats, 'format', { configurable: true, enumerable: false, get() {
  const known = bound.get(this);
  if (known !== undefined) return known;
  const native = getFormat.call(this);
  const format = (date) => native(date === undefined ? kernel.now() : date);
  bound.set(this, format);
  return format;
} });
kernel.parts.install(formats, 'formatToParts', { formatToParts(date) {
  return formatToParts.call(this, date === undefined ? kernel.now() : date);
} }.formatToParts);

kernel.parts.install(globalThis, 'self', globalThis);
kernel.parts.install(globalThis, 'navigator', Object.freeze({ userAgent: 'Cloudflare-Workers' }));
