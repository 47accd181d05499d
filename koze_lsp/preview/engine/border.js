// The border between a Worker and the engine is an RPC: values are cloned, errors lose their class, promises are stubs.

const { clone, describe, install } = kernel.parts;
const tagText = kernel.primordials.uncurry(Object.prototype.toString);
const BUILTIN = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError };
const ALSO_BUILTIN = new Set(['SuppressedError', 'CompileError', 'LinkError', 'RuntimeError']);

/** A text as it crosses the border: UTF-8 in C strings. */
const crossText = (text) => text.split('\0', 1)[0].toWellFormed();

/** A text property as V8 reads it for its own messages: accessors are not called, and what is no text does not count. */
const ownText = (error, key, otherwise) => {
  for (let at = error; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return typeof found.value === 'string' ? found.value : otherwise;
  }
  return otherwise;
};
/** An error as it arrives on the other side: built-in names survive, other names go into the message. */
const crossError = (thrown) => {
  const like = typeof thrown === 'object' && thrown !== null && thrown.toString === Error.prototype.toString;
  if (!Error.isError(thrown) && !like) return new Error(crossText(describe(thrown)));
  const name = thrown instanceof DOMException ? thrown.name : ownText(thrown, 'name', 'Error');
  const full = crossText(ownText(thrown, 'message', ''));
  const message = full.replace(/^ +/, ''); // behind a name that is known
  let copy;
  if (thrown instanceof DOMException) copy = new DOMException(message, name);
  else if (name === 'AggregateError') { copy = new AggregateError([], message); delete copy.errors; }
  else if (Object.hasOwn(BUILTIN, name)) copy = new BUILTIN[name](message);
  else if (ALSO_BUILTIN.has(name)) { copy = new Error(message); install(copy, 'name', name); }
  else copy = new Error(name === '' ? message : full === '' ? name : `${name}: ${full}`);
  if (typeof thrown.stack === 'string') install(copy, 'stack', thrown.stack);
  return copy;
};

/** An error as the engine's storage gives it back: only the names of the language survive. */
const storedError = (error) => (error instanceof DOMException ? error : kernel.parts.cloneError(error));

/** A function on the other side; it can't be stored. */
class RpcStub { constructor(target) { install(this, 'target', target); } }
const STUBBED = (value) => typeof value === 'function' || value instanceof RpcTarget;

/** Objects of the language itself that V8 refuses; those of the platform and of classes are refused by the border. */
const NATIVE = /^\[object (Promise|WeakMap|WeakSet|WeakRef|(Async)?Generator|(Map|Set|Array|String|RegExp String|Segmenter String) Iterator|Iterator Helper|Intl\..*)\]$/;
const cloneRefused = (message) => new DOMException(message, 'DataCloneError');
const NOT_SERIALIZABLE = (value) => {
  if (typeof value === 'symbol' || NATIVE.test(tagText(value))) throw cloneRefused(`${describe(value)} could not be cloned.`);
  if (value instanceof AbortSignal) throw cloneRefused('AbortSignal serialization is not enabled.');
  throw cloneRefused(`Could not serialize object of type "${value?.constructor?.name || 'Object'}". This type does not support serialization.`);
};
const CARRIED = (value) => value instanceof Headers || (value instanceof Blob && !(value instanceof File)) || value instanceof ReadableStream || value instanceof Body;

/** A value sent over: functions become stubs, what can't be sent throws a DataCloneError. */
const crossValue = (value) => clone(value, (item) => {
  if (item instanceof RpcStub) return item;
  if (STUBBED(item)) return new RpcStub(item);
  if (CARRIED(item)) return item;
  return NOT_SERIALIZABLE(item);
});
/** Why the engine can't store a value that was sent over, or null: stubs and streams live only as long as a call. */
const whyUnstorable = (root) => {
  const seen = new Set();
  const first = (items) => { for (const item of items) { const found = visit(item); if (found !== null) return found; } return null; };
  const visit = (value) => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return null;
    seen.add(value);
    if (value instanceof RpcStub) return 'RpcStub cannot be serialized in this context.';
    if (value instanceof ReadableStream || hasStream(value)) return 'ReadableStream can only be serialized for RPC.';
    if (value instanceof Map) return first([...value].flat());
    if (value instanceof Set || Array.isArray(value)) return first(value);
    return Object.getPrototypeOf(value) === Object.prototype ? first(Object.values(value)) : null;
  };
  return visit(root);
};

/** As the engine stores a value: holes of arrays are filled. */
const normalize = (root) => {
  const seen = new Map();
  const visit = (value) => {
    if (value === null || typeof value !== 'object') return value;
    if (seen.has(value)) return seen.get(value);
    if (Array.isArray(value)) { const out = []; seen.set(value, out); for (const item of value) out.push(visit(item)); return out; }
    if (value instanceof Map) { const out = new Map(); seen.set(value, out); for (const [k, v] of value) out.set(visit(k), visit(v)); return out; }
    if (value instanceof Set) { const out = new Set(); seen.set(value, out); for (const item of value) out.add(visit(item)); return out; }
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const out = {};
    seen.set(value, out);
    for (const key of Object.keys(value)) out[key] = visit(value[key]); // as the engine does it: an own `__proto__` is lost
    return out;
  };
  return visit(root);
};
/** More than this the engine's storage does not take, as V8 serialises a value; the documented limit is 1 MiB. */
const MAX_STORED = 8 * 1048576;
const tooLarge = (root) => {
  const seen = new Set();
  const pending = [root];
  let bytes = 24;
  while (pending.length > 0 && bytes <= MAX_STORED) {
    const value = pending.pop();
    if (typeof value === 'string') bytes += value.length < MAX_STORED / 2 || !/[^\0-\xff]/.test(value) ? value.length : 2 * value.length;
    else if (value === null || typeof value !== 'object' || seen.has(value)) bytes += 2;
    else {
      seen.add(value);
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) bytes += value.byteLength;
      else if (value instanceof Map) pending.push(...[...value].flat());
      else if (value instanceof Set || Array.isArray(value)) for (const item of value) pending.push(item);
      else for (const key of Object.keys(value)) { bytes += key.length + 2; pending.push(value[key]); }
    }
  }
  return bytes > MAX_STORED;
};
const binaryText = (_key, value) => {
  if (typeof value === 'bigint') return `[BigInt(${value})]`;
  if (value instanceof ArrayBuffer) return `[ArrayBuffer(${value.byteLength} bytes)]`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `[${value.constructor.name}(${value.byteLength} bytes)]`;
  return value;
};
/** The JSON text that the engine writes of a value into its log; throws on a cycle. */
const logText = (value) => JSON.stringify(value, binaryText);

const unknownMethod = (name) => new TypeError(`The RPC receiver does not implement the method "${name}".`);
/** What a call over RPC gives: thenable, no Promise, and any property is a promise of that property. */
const rpcPromise = (promise) => {
  promise.catch(() => {});
  const own = {
    then: (...handlers) => promise.then(...handlers),
    catch: (handler) => promise.catch(handler),
    finally: (handler) => promise.finally(handler),
  };
  const target = function RpcPromise() {};
  Object.setPrototypeOf(target, null);
  return new Proxy(target, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return own[name];
      if (name === Symbol.toPrimitive || name === 'toString') return () => '[object JsRpcPromise]';
      if (typeof name === 'symbol') return undefined;
      return rpcPromise(promise.then((value) => {
        if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, name)) throw unknownMethod(name);
        return value[name];
      }));
    },
    apply: (_, __, args) => rpcPromise(promise.then((value) => value(...args))),
    getPrototypeOf: () => Object.prototype,
  });
};

/** A task of its own at the same virtual time: messages between Worker and engine are delivered in order. */
const hop = () => new Promise((resolve) => { kernel.schedule(0, resolve); });
/** Calls user code in a task of its own: it can be stopped there, and `label` says where it was. */
const inTask = (run, label) => new Promise((resolve, reject) => {
  kernel.schedule(0, () => { try { resolve(run()); } catch (error) { reject(error); } }, label);
});
const never = () => new Promise(() => {});
const milliseconds = (value) => Math.max(0, value);
/** Waits on the virtual clock; `cancel` of the result forgets it. */
const timer = (ms) => {
  let task = null;
  const promise = new Promise((resolve) => { if (ms !== Infinity) task = kernel.schedule(milliseconds(ms), resolve); });
  return { promise, cancel: () => { if (task !== null) kernel.cancel(task); } };
};

class RpcTarget {}
class WorkflowEntrypoint {
  constructor(ctx, env) { this.ctx = ctx; this.env = env; }
}
class NonRetryableError extends Error {
  constructor(message, name = 'NonRetryableError') { super(message); this.name = name; }
}
