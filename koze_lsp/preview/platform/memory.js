// Memory outside of V8's heap: the heap's limit does not count array buffers, so they are counted here.
'use strict';
const { exceed } = kernel;
const { defineProperty } = kernel.primordials;
const SMALL = 65536; // smaller ones are bounded by their objects on the heap
const account = { used: 0, limit: Infinity };
const freed = new kernel.FinalizationRegistry((bytes) => { account.used -= bytes; });

const charge = (bytes) => {
  if (!(bytes >= SMALL)) return;
  if (account.used + bytes > account.limit) {
    const message = `the memory limit of ${account.limit / 1048576} MiB for array buffers was reached`;
    exceed('memory', message);
    throw new RangeError('Array buffer allocation failed');
  }
  account.used += bytes;
};
const counted = (Native, size) => {
  const Counted = new Proxy(Native, { construct(target, args, newTarget) {
    const bytes = size(args);
    charge(bytes);
    const made = Reflect.construct(target, args, newTarget);
    if (bytes >= SMALL) freed.register(made.buffer ?? made, bytes);
    return made;
  } });
  defineProperty(Native.prototype, 'constructor', { value: Counted, writable: true, configurable: true });
  kernel.parts.install(globalThis, Native.name, Counted);
};
counted(ArrayBuffer, ([length, options]) => Math.max(Number(length) || 0, Number(options?.maxByteLength) || 0));
for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array']) {
  const Native = globalThis[name];
  const width = Native.BYTES_PER_ELEMENT;
  const isBuffer = (value) => value instanceof ArrayBuffer;
  counted(Native, ([source]) => {
    if (typeof source === 'number') return source * width;
    if (source === null || typeof source !== 'object' || isBuffer(source)) return 0;
    return (Number(source.length) || 0) * width;
  });
}
// These make their copy past every constructor.
const { apply } = Reflect;
const TypedArray = Object.getPrototypeOf(Uint8Array);
const lengthOf = (prototype) => Object.getOwnPropertyDescriptor(prototype, 'byteLength').get;
const copying = (prototype, name, size) => {
  const native = prototype[name];
  const length = lengthOf(prototype);
  if (native === undefined) return;
  kernel.parts.install(prototype, name, { [name](...args) {
    const bytes = size(apply(length, this, []), args);
    charge(bytes);
    const made = apply(native, this, args);
    if (bytes >= SMALL) freed.register(made.buffer ?? made, bytes);
    return made;
  } }[name]);
};
for (const name of ['with', 'toReversed', 'toSorted']) copying(TypedArray.prototype, name, (own) => own);
for (const name of ['transfer', 'transferToFixedLength']) {
  copying(ArrayBuffer.prototype, name, (own, args) => { if (args[0] !== undefined) args[0] = Number(args[0]); return args[0] ?? own; });
}
kernel.api.bufferLimit = (bytes) => { account.limit = bytes; };
