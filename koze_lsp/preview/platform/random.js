// Math.random and crypto, seeded: a run repeats exactly.
'use strict';
const { parts } = kernel;
const { install } = parts;

// xoshiro128** (Blackman and Vigna, public domain), seeded by splitmix32.
const state = new Uint32Array(4);
const seed = (value) => {
  let x = value >>> 0;
  for (let i = 0; i < 4; i++) {
    x = (x + 0x9e3779b9) >>> 0;
    let z = x;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    state[i] = (z ^ (z >>> 16)) >>> 0;
  }
};
const rotate = (value, by) => ((value << by) | (value >>> (32 - by))) >>> 0;
const next = () => {
  const result = Math.imul(rotate(Math.imul(state[1], 5) >>> 0, 7), 9) >>> 0;
  const t = (state[1] << 9) >>> 0;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = rotate(state[3], 11);
  return result;
};
seed(1);
kernel.api.seed = seed;

install(Math, 'random', { random() { return (next() * 2097152 + (next() >>> 11)) / 9007199254740992; } }.random);

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
const randomUUID = { randomUUID() {
  const bytes = Array.from({ length: 16 }, () => next() & 255);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = bytes.map((byte) => HEX[byte]).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
} }.randomUUID;
const getRandomValues = { getRandomValues(array) {
  if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
    throw new DOMException('The data argument must be an integer-type TypedArray.', 'TypeMismatchError');
  }
  if (array.byteLength > 65536) {
    throw new DOMException(`getRandomValues() only accepts buffers of size <= 64K but provided ${array.byteLength} bytes.`, 'QuotaExceededError');
  }
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = next() & 255;
  return array;
} }.getRandomValues;

const subtle = {};
const refuse = (name) => async () => {
  throw new Error(`crypto.subtle.${name} is not available in the preview; crypto.subtle.digest is`);
};
for (const name of ['encrypt', 'decrypt', 'sign', 'verify', 'deriveBits', 'deriveKey', 'generateKey', 'importKey', 'exportKey', 'wrapKey', 'unwrapKey']) {
  install(subtle, name, refuse(name));
}
const ALGORITHMS = { 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512', MD5: 'md5' };
install(subtle, 'digest', { async digest(algorithm, data) {
  const name = String(typeof algorithm === 'object' && algorithm !== null ? algorithm.name : algorithm).toUpperCase();
  const hash = ALGORITHMS[name];
  if (hash === undefined) throw new DOMException(`Unrecognized or unimplemented digest algorithm requested: ${name}.`, 'NotSupportedError');
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data.slice(0))
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  const digest = parts.vendor().hashes[hash](bytes);
  return digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.byteLength);
} }.digest);
class SubtleCrypto {}
class Crypto {}
for (const [name, value] of Object.entries({ randomUUID, getRandomValues, subtle: Object.setPrototypeOf(subtle, SubtleCrypto.prototype) })) install(Crypto.prototype, name, value);
install(globalThis, 'Crypto', Crypto);
install(globalThis, 'SubtleCrypto', SubtleCrypto);
install(globalThis, 'crypto', new Crypto());
