// TextEncoder, TextDecoder (UTF-8, UTF-16LE, Latin-1), atob and btoa.
'use strict';
const { install } = kernel.parts;

const encodeUtf8 = (text) => {
  const source = `${text}`;
  const bytes = new Uint8Array(source.length * 3);
  let length = 0;
  for (let i = 0; i < source.length; i++) {
    let code = source.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdfff) {
      const low = code <= 0xdbff ? source.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low <= 0xdfff) { code = ((code - 0xd800) << 10) + (low - 0xdc00) + 0x10000; i++; } else code = 0xfffd;
    }
    if (code < 0x80) bytes[length++] = code;
    else if (code < 0x800) { bytes[length++] = 0xc0 | (code >> 6); bytes[length++] = 0x80 | (code & 63); }
    else if (code < 0x10000) {
      bytes[length++] = 0xe0 | (code >> 12); bytes[length++] = 0x80 | ((code >> 6) & 63); bytes[length++] = 0x80 | (code & 63);
    } else {
      bytes[length++] = 0xf0 | (code >> 18); bytes[length++] = 0x80 | ((code >> 12) & 63);
      bytes[length++] = 0x80 | ((code >> 6) & 63); bytes[length++] = 0x80 | (code & 63);
    }
  }
  return bytes.slice(0, length);
};

/** The WHATWG decoder for UTF-8, with its rule of maximal subparts for broken input. */
const decodeUtf8 = (bytes, fatal) => {
  let out = '';
  let index = 0;
  const bad = () => {
    if (fatal) throw new TypeError('Failed to decode input.');
    out += '\ufffd';
  };
  while (index < bytes.length) {
    const byte = bytes[index++];
    if (byte < 0x80) { out += String.fromCharCode(byte); continue; }
    let needed = 0;
    let code = 0;
    let lower = 0x80;
    let upper = 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) { needed = 1; code = byte & 0x1f; }
    else if (byte >= 0xe0 && byte <= 0xef) { needed = 2; code = byte & 15; if (byte === 0xe0) lower = 0xa0; if (byte === 0xed) upper = 0x9f; }
    else if (byte >= 0xf0 && byte <= 0xf4) { needed = 3; code = byte & 7; if (byte === 0xf0) lower = 0x90; if (byte === 0xf4) upper = 0x8f; }
    else { bad(); continue; }
    let broken = false;
    for (; needed > 0; needed--) {
      const follow = bytes[index];
      if (follow === undefined || follow < lower || follow > upper) { broken = true; break; }
      code = (code << 6) | (follow & 63);
      lower = 0x80; upper = 0xbf; index++;
    }
    if (broken) bad(); else out += String.fromCodePoint(code);
  }
  return out;
};

const LABELS = { 'utf-8': 'utf-8', utf8: 'utf-8', 'utf-16le': 'utf-16le', 'utf-16': 'utf-16le', ascii: 'windows-1252',
  'us-ascii': 'windows-1252', latin1: 'windows-1252', 'iso-8859-1': 'windows-1252', 'windows-1252': 'windows-1252' };
const asBytes = (input) => {
  if (input === undefined) return new Uint8Array(0);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  return new Uint8Array(input);
};

class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') { return encodeUtf8(text); }
  encodeInto(text, target) {
    const source = `${text}`;
    let read = 0;
    let written = 0;
    for (const character of source) {
      const bytes = encodeUtf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}
class TextDecoder {
  #encoding; #fatal; #ignoreBOM; #pending = new Uint8Array(0);
  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    const encoding = LABELS[`${label}`.trim().toLowerCase()];
    if (encoding === undefined) throw new RangeError(`"${label}" is not a valid encoding.`);
    this.#encoding = encoding;
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }
  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }
  decode(input, { stream = false } = {}) {
    let bytes = asBytes(input);
    if (this.#pending.length > 0) {
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      bytes = joined;
      this.#pending = new Uint8Array(0);
    }
    if (this.#encoding === 'windows-1252') return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    if (this.#encoding === 'utf-16le') {
      let text = '';
      for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
      return text;
    }
    if (stream) {
      let cut = bytes.length;
      for (let back = 1; back <= 3 && back <= bytes.length; back++) {
        const byte = bytes[bytes.length - back];
        if ((byte & 0xc0) === 0x80) continue;
        const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        if (size > back) cut = bytes.length - back;
        break;
      }
      this.#pending = bytes.slice(cut);
      bytes = bytes.subarray(0, cut);
    }
    const text = decodeUtf8(bytes, this.#fatal);
    return !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
}
install(globalThis, 'TextEncoder', TextEncoder);
install(globalThis, 'TextDecoder', TextDecoder);

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
install(globalThis, 'btoa', { btoa(data) {
  const text = `${data}`;
  let out = '';
  for (let i = 0; i < text.length; i += 3) {
    const codes = [text.charCodeAt(i), text.charCodeAt(i + 1), text.charCodeAt(i + 2)];
    if (codes.some((code) => code > 255)) throw new DOMException('btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.', 'InvalidCharacterError');
    const bits = (codes[0] << 16) | ((codes[1] || 0) << 8) | (codes[2] || 0);
    out += ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63];
    out += i + 1 < text.length ? ALPHABET[(bits >> 6) & 63] : '=';
    out += i + 2 < text.length ? ALPHABET[bits & 63] : '=';
  }
  return out;
} }.btoa);
install(globalThis, 'atob', { atob(data) {
  let text = `${data}`.replace(/[\t\n\f\r ]/g, '');
  if (text.length % 4 === 0) text = text.replace(/==?$/, '');
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text)) {
    throw new DOMException('atob() called with invalid base64-encoded data. (Only whitespace, \'+\', \'/\', alphanumeric ASCII, and up to two terminal \'=\' signs when the input data length is divisible by 4 are allowed.)', 'InvalidCharacterError');
  }
  let out = '';
  let bits = 0;
  let count = 0;
  for (const character of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffffff;
    count += 6;
    if (count >= 8) { count -= 8; out += String.fromCharCode((bits >> count) & 255); }
  }
  return out;
} }.atob);
kernel.parts.encodeUtf8 = encodeUtf8;
kernel.parts.decodeUtf8 = decodeUtf8;
