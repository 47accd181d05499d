// Headers, Blob, FormData, Request and Response as a Worker has them, over texts, bytes and streams in memory.

class Headers {
  #map = new Map();
  constructor(init = {}) {
    const entries = init instanceof Headers || init instanceof Map || Array.isArray(init) ? [...init] : Object.entries(init ?? {});
    for (const [name, value] of entries) this.append(name, value);
  }
  append(name, value) { const key = `${name}`.toLowerCase(); this.#map.set(key, this.#map.has(key) ? `${this.#map.get(key)}, ${value}` : `${value}`); }
  set(name, value) { this.#map.set(`${name}`.toLowerCase(), `${value}`); }
  get(name) { return this.#map.get(`${name}`.toLowerCase()) ?? null; }
  has(name) { return this.#map.has(`${name}`.toLowerCase()); }
  delete(name) { this.#map.delete(`${name}`.toLowerCase()); }
  forEach(run, self) { for (const [name, value] of this) run.call(self, value, name, this); }
  entries() { return [...this.#map].sort(([a], [b]) => (a < b ? -1 : 1))[Symbol.iterator](); }
  keys() { return [...this.#map.keys()].sort()[Symbol.iterator](); }
  values() { return [...this.entries()].map(([, value]) => value)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

const { encodeUtf8, decodeUtf8 } = kernel.parts;
const bytesOf = (value) => {
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (value instanceof Blob) return value.copy();
  return encodeUtf8(`${value}`);
};
class Blob {
  #bytes;
  constructor(parts = [], { type = '' } = {}) {
    this.#bytes = joinBytes([...parts].map(bytesOf));
    install(this, 'type', `${type}`.toLowerCase());
  }
  get size() { return this.#bytes.byteLength; }
  copy() { return this.#bytes.slice(); }
  slice(from = 0, to = this.size, type = '') { return new Blob([this.#bytes.slice(from, to)], { type }); }
  async text() { return decodeUtf8(this.#bytes, false); }
  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  stream() { return streamOf(this.#bytes); }
}
install(Blob.prototype, 'copy', Blob.prototype.copy);
class File extends Blob {
  constructor(parts, name, options = {}) {
    super(parts, options);
    install(this, 'name', `${name}`);
    install(this, 'lastModified', options.lastModified ?? kernel.now());
  }
}
class FormData {
  #items = [];
  append(name, value) { this.#items.push([`${name}`, value instanceof Blob ? value : `${value}`]); }
  set(name, value) { this.delete(name); this.append(name, value); }
  delete(name) { this.#items = this.#items.filter(([key]) => key !== `${name}`); }
  get(name) { return this.#items.find(([key]) => key === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#items.filter(([key]) => key === `${name}`).map(([, value]) => value); }
  has(name) { return this.#items.some(([key]) => key === `${name}`); }
  forEach(run, self) { for (const [name, value] of this) run.call(self, value, name, this); }
  entries() { return this.#items.map((item) => [...item])[Symbol.iterator](); }
  keys() { return this.#items.map(([name]) => name)[Symbol.iterator](); }
  values() { return this.#items.map(([, value]) => value)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

const USED = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';
const BODY = Symbol('body'); // {bytes, stream, used}: bytes until somebody asks for the stream
class Body {
  constructor(body) {
    const kept = { bytes: null, stream: null, used: false };
    if (body instanceof ReadableStream) kept.stream = body;
    else if (body !== null && body !== undefined) kept.bytes = bytesOf(body instanceof FormData ? new URLSearchParams([...body]) : body);
    install(this, BODY, kept);
  }
  get body() {
    const kept = this[BODY];
    if (kept.stream === null && kept.bytes !== null) { kept.stream = streamOf(kept.bytes); kept.bytes = null; }
    return kept.stream;
  }
  get bodyUsed() { return this[BODY].used; }
  async bytes() {
    const kept = this[BODY];
    if (kept.used || kept.stream?.locked) throw new TypeError(USED);
    kept.used = kept.bytes !== null || kept.stream !== null;
    if (kept.stream === null) return kept.bytes ?? new Uint8Array();
    const parts = [];
    for await (const part of kept.stream) {
      if (typeof part === 'string') throw new TypeError('This TransformStream is being used as a byte stream, but received a string on its writable side. If you wish to write a string, you\'ll probably want to explicitly UTF-8-encode it with TextEncoder.');
      parts.push(bytesOf(part));
    }
    return joinBytes(parts);
  }
  async text() { return decodeUtf8(await this.bytes(), false); }
  async json() { return JSON.parse(await this.text()); }
  async arrayBuffer() { return (await this.bytes()).slice().buffer; }
  async blob() { return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' }); }
  async formData() { const form = new FormData(); for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value); return form; }
}
/** The same body for a clone: bytes are shared, a stream is split. */
const copyOfBody = (from) => {
  const kept = from[BODY];
  if (kept.used) throw new TypeError(USED);
  if (kept.stream === null) return kept.bytes;
  const [first, second] = kept.stream.tee();
  kept.stream = first;
  return second;
};
const NO_BODY = new Set([101, 204, 205, 304]);
class Response extends Body {
  constructor(body = null, init = {}) {
    super(body);
    const status = init?.status ?? 200;
    if (!(status >= 200 && status <= 599)) throw new RangeError('Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
    if (NO_BODY.has(status) && body !== null && body !== undefined) throw new TypeError(`Response with null body status (101, 204, 205, or 304) cannot have a body.`);
    const headers = new Headers(init?.headers);
    if (typeof body === 'string' && !headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
    for (const [name, value] of Object.entries({ status, statusText: init?.statusText ?? '', headers, url: init?.url ?? '', redirected: false, type: 'default' })) install(this, name, value);
  }
  get ok() { return this.status >= 200 && this.status <= 299; }
  clone() { return new Response(copyOfBody(this), this); }
  static json(data, init = {}) { const made = new Response(JSON.stringify(data), init); if (!new Headers(init.headers).has('content-type')) made.headers.set('content-type', 'application/json'); return made; }
  static redirect(url, status = 302) { return new Response(null, { status, headers: { location: `${url}` } }); }
  static error() { return new Response(null, { status: 500 }); }
}
class Request extends Body {
  constructor(input, init = {}) {
    super(init?.body ?? (input instanceof Request ? copyOfBody(input) : null));
    const from = input instanceof Request ? input : null;
    install(this, 'url', from?.url ?? new URL(`${input}`).href);
    install(this, 'method', `${init?.method ?? from?.method ?? 'GET'}`.toUpperCase());
    install(this, 'headers', new Headers(init?.headers ?? from?.headers));
    install(this, 'signal', init?.signal ?? from?.signal ?? AbortSignal.any([]));
  }
  clone() { return new Request(this); }
}
for (const item of [Headers, Blob, File, FormData, Response, Request]) if (typeof globalThis[item.name] !== 'function') install(globalThis, item.name, item);
for (const name of ['Headers', 'Blob', 'File', 'FormData', 'Response', 'Request', 'ReadableStream', 'WritableStream', 'TransformStream', 'AbortController', 'AbortSignal', 'Event', 'TextEncoder', 'TextDecoder', 'Crypto']) kernel.parts.platformClasses.add(name);

/** Whether it holds a stream, which only a call can carry. */
const hasStream = (value) => value instanceof Body && (value[BODY].bytes !== null || value[BODY].stream !== null);
