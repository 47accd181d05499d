// The border between a Worker and the engine is an RPC: values are cloned, errors lose their class, promises are stubs.

const { clone, install } = kernel.parts;
const tagText = kernel.primordials.uncurry(Object.prototype.toString);
const BUILTIN = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError };
const SURVIVING = new Set([...Object.keys(BUILTIN), 'AbortError']);

/** What V8 shows of a thrown value that is no Error. */
const thrownText = (value) => {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return String(value);
  if (typeof value === 'function') return Function.prototype.toString.call(value);
  if (value.toString === Object.prototype.toString) return `#<${value.constructor?.name || 'Object'}>`;
  return tagText(value);
};

/** An error as it arrives on the other side: built-in names survive, other names go into the message. */
const crossError = (thrown) => {
  if (!(thrown instanceof Error)) return new Error(thrownText(thrown));
  const name = `${thrown.name}`;
  const message = `${thrown.message}`.split('\0', 1)[0]; // the border carries C strings
  let copy;
  if (thrown instanceof DOMException) copy = new DOMException(message, name);
  else if (name === 'AggregateError') { copy = new AggregateError([], message); delete copy.errors; }
  else if (Object.hasOwn(BUILTIN, name)) copy = new BUILTIN[name](message);
  else if (SURVIVING.has(name)) { copy = new Error(message); install(copy, 'name', name); }
  else copy = new Error(name === '' ? message : `${name}: ${message}`);
  if (typeof thrown.stack === 'string') install(copy, 'stack', thrown.stack);
  return copy;
};

/** A function on the other side; it can't be stored. */
class RpcStub { constructor(target) { install(this, 'target', target); } }
const STUBBED = (value) => typeof value === 'function' || value instanceof RpcTarget
  || (typeof Response === 'function' && value instanceof Response) || (typeof Request === 'function' && value instanceof Request);

const NOT_SERIALIZABLE = (value) => {
  if (typeof value === 'symbol') throw new DOMException(`${String(value)} could not be cloned.`, 'DataCloneError');
  const name = value?.constructor?.name || 'Object';
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef || tagText(value) === '[object Generator]') {
    throw new DOMException(`#<${name}> could not be cloned.`, 'DataCloneError');
  }
  throw new DOMException(`Could not serialize object of type "${name}". This type does not support serialization.`, 'DataCloneError');
};
const CARRIED = (value) => (typeof Headers === 'function' && value instanceof Headers) || (typeof Blob === 'function' && value instanceof Blob);

/** A value sent over: functions become stubs, what can't be sent throws a DataCloneError. */
const crossValue = (value) => clone(value, (item) => {
  if (item instanceof RpcStub) return item;
  if (STUBBED(item)) return new RpcStub(item);
  if (CARRIED(item)) return item;
  return NOT_SERIALIZABLE(item);
});
const holdsStub = (root) => {
  const seen = new Set();
  const visit = (value) => {
    if (value === null || typeof value !== 'object' || seen.has(value)) return false;
    seen.add(value);
    if (value instanceof RpcStub) return true;
    if (value instanceof Map) return [...value].some(([k, v]) => visit(k) || visit(v));
    if (value instanceof Set) return [...value].some(visit);
    if (Array.isArray(value)) return value.some(visit);
    return Object.keys(value).some((key) => visit(value[key]));
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
    for (const key of Object.keys(value)) install(out, key, visit(value[key])), Object.defineProperty(out, key, { enumerable: true });
    return out;
  };
  return visit(root);
};
const binaryText = (_key, value) => {
  if (typeof value === 'bigint') return `[BigInt(${value})]`;
  if (value instanceof ArrayBuffer) return `[ArrayBuffer(${value.byteLength} bytes)]`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `[${value.constructor.name}(${value.byteLength} bytes)]`;
  return value;
};
/** The JSON text that the engine writes of a value into its log; throws on a cycle. */
const logText = (value) => JSON.stringify(value, binaryText);

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
      if (typeof name === 'symbol') return undefined;
      return rpcPromise(promise.then((value) => value[name]));
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
  constructor(ctx, env) { install(this, 'ctx', ctx); install(this, 'env', env); }
}
class NonRetryableError extends Error {
  constructor(message, name = 'NonRetryableError') { super(message); this.name = name; }
}
