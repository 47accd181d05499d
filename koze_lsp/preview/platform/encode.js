// Values of JavaScript as JSON, odd ones marked: {"$date": …}, {"$map": …}, {"$undefined": true}, …
// The marks are those of the recorded engine runs, so that a result can be compared with them.
'use strict';
const { uncurry } = kernel.primordials;
const toString = uncurry(Object.prototype.toString);
const LONG_STRING = 1000;

const encodeString = (text) => {
  if (text.length <= LONG_STRING) return text;
  const first = text[0];
  for (let i = 1; i < text.length; i++) if (text[i] !== first) return text;
  return { $repeat: [first, text.length] };
};
const encodeNumber = (value) => {
  if (Object.is(value, -0)) return { $num: '-0' };
  return Number.isFinite(value) ? value : { $num: String(value) };
};
const isError = (value, tag) => tag === '[object Error]' || value instanceof Error;

const encode = (root) => {
  if (root === null || typeof root === 'boolean') return root;
  if (typeof root === 'string') return encodeString(root);
  if (typeof root === 'number') return encodeNumber(root);
  const seen = new Map();
  const visit = (value) => {
    switch (typeof value) {
      case 'undefined': return { $undefined: true };
      case 'number': return encodeNumber(value);
      case 'string': return encodeString(value);
      case 'bigint': return { $bigint: String(value) };
      case 'symbol': return { $symbol: value.description ?? '' };
      case 'function': return { $function: value.name || '' };
      case 'boolean': return value;
    }
    if (value === null) return null;
    if (seen.has(value)) return { $ref: seen.get(value) };
    seen.set(value, seen.size);
    const tag = toString(value);
    if (isError(value, tag)) return { $error: { name: String(value.name), message: String(value.message) } };
    if (tag === '[object Date]') {
      const time = value.getTime();
      return { $date: Number.isNaN(time) ? 'Invalid Date' : value.toISOString() };
    }
    if (tag === '[object RegExp]') return { $regexp: String(value) };
    if (value instanceof Map) return { $map: Array.from(value, ([key, item]) => [visit(key), visit(item)]) };
    if (value instanceof Set) return { $set: Array.from(value, visit) };
    if (ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      return { $bytes: Array.from(bytes), type: value.constructor.name };
    }
    if (value instanceof ArrayBuffer) return { $bytes: Array.from(new Uint8Array(value)), type: 'ArrayBuffer' };
    if (value instanceof Number || value instanceof String || value instanceof Boolean) return { $boxed: visit(value.valueOf()) };
    if (Array.isArray(value)) {
      const out = [];
      for (let i = 0; i < value.length; i++) out.push(i in value ? visit(value[i]) : { $hole: true });
      return out;
    }
    const out = {};
    for (const key of Object.keys(value)) {
      Object.defineProperty(out, key, { value: visit(value[key]), enumerable: true, writable: true, configurable: true });
    }
    return out;
  };
  return visit(root);
};
kernel.parts.encode = encode;
