// structuredClone, with the refusals of Cloudflare's runtime.
'use strict';
const { parts } = kernel;
const { install } = parts;
const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const tagOf = kernel.primordials.uncurry(Object.prototype.toString);

/** How V8 names a value in its own messages, without running code of the user where it can be avoided. */
const describe = (value) => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return String(value);
  if (typeof value === 'function') return value[Symbol.toStringTag] === 'JsRpcStub' ? '#<RpcStub>' : Function.prototype.toString.call(value);
  if (value.toString === Object.prototype.toString) {
    const { constructor } = value;
    if (typeof constructor === 'function' && typeof constructor.name === 'string' && constructor.name !== '') return `#<${constructor.name}>`;
  }
  return tagOf(value);
};
const refuse = (value) => { throw new DOMException(`${describe(value)} could not be cloned.`, 'DataCloneError'); };

/** `onFunction` decides about functions (a step's result treats them apart); it throws or returns. */
const isPlain = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');
const clone = (root, onUnknown = refuse) => {
  if (isPlain(root)) return root;
  const seen = new Map();
  const keep = (source, copy) => { seen.set(source, copy); return copy; };
  const fill = (source, copy) => {
    for (const key of Object.keys(source)) {
      Object.defineProperty(copy, key, { value: visit(source[key]), enumerable: true, writable: true, configurable: true });
    }
    return copy;
  };
  const visit = (value) => {
    if (typeof value === 'symbol' || typeof value === 'function') return onUnknown(value);
    if (value === null || typeof value !== 'object') return value;
    if (seen.has(value)) return seen.get(value);
    if (Array.isArray(value)) return fill(value, keep(value, new Array(value.length)));
    const tag = tagOf(value);
    if (value instanceof Date) return keep(value, new Date(value.getTime()));
    if (value instanceof RegExp) return keep(value, new RegExp(value.source, value.flags));
    if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt) return keep(value, Object(value.valueOf()));
    if (value instanceof Map) {
      const copy = keep(value, new Map());
      for (const [key, item] of [...value]) copy.set(visit(key), visit(item));
      return copy;
    }
    if (value instanceof Set) {
      const copy = keep(value, new Set());
      for (const item of [...value]) copy.add(visit(item));
      return copy;
    }
    if (value instanceof ArrayBuffer) return keep(value, value.slice(0));
    if (ArrayBuffer.isView(value)) {
      const buffer = visit(value.buffer);
      const length = value instanceof DataView ? value.byteLength : value.length;
      return keep(value, new value.constructor(buffer, value.byteOffset, length));
    }
    if (value instanceof Error || tag === '[object Error]') {
      const copy = cloneError(value);
      keep(value, copy);
      if (Object.hasOwn(value, 'cause')) install(copy, 'cause', visit(value.cause));
      return copy;
    }
    if (tag === '[object Arguments]') return refuse(value);
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || (tag === '[object Object]' && prototype !== null && Object.getPrototypeOf(prototype) === null)) {
      return fill(value, keep(value, {}));
    }
    return onUnknown(value);
  };
  return visit(root);
};

const cloneError = (error) => {
  const name = `${error.name}`;
  if (error instanceof DOMException) return new DOMException(`${error.message}`, name);
  const Kind = Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error;
  const copy = new Kind(`${error.message}`);
  const stack = Object.getOwnPropertyDescriptor(error, 'stack');
  if (stack !== undefined && typeof error.stack === 'string') install(copy, 'stack', error.stack);
  return copy;
};
parts.clone = clone;
parts.describe = describe;
parts.cloneError = cloneError;
/** Classes of the platform: their objects can't be cloned, while those of user classes lose their class. */
parts.platformClasses = new Set();
const PLATFORM = /^\[object (URL|URLSearchParams)\]$/;
const cloneInstance = (value) => {
  if (typeof value !== 'object' || value[Symbol.toStringTag] !== undefined && !PLATFORM.test(tagOf(value))) return refuse(value);
  const name = value.constructor?.name;
  if (PLATFORM.test(tagOf(value)) || parts.platformClasses.has(name) && value instanceof globalThis[name]) {
    throw new DOMException(`Could not serialize object of type "${name}". This type does not support serialization.`, 'DataCloneError');
  }
  return clone({ ...value }, cloneInstance);
};
install(globalThis, 'structuredClone', { structuredClone(value) { return clone(value, cloneInstance); } }.structuredClone);
