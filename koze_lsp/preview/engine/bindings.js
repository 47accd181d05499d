// Bindings other than workflows, and fetch: answered from the scenario, else an error that says what it needs.

const answers = { fetch: {} };
const counters = new Map();
const nth = (key) => { const n = counters.get(key) ?? 0; counters.set(key, n + 1); return n; };

/** A list answers by call (its last repeats), anything else always. */
const pick = (key, value) => {
  if (!isObject(value) || !Array.isArray(value.$calls)) return value;
  return value.$calls[Math.min(nth(key), value.$calls.length - 1)];
};
const give = (key, value) => {
  const picked = pick(key, value);
  if (isObject(picked) && picked.$throw !== undefined) throw new Error(picked.$throw);
  return decode(picked);
};

/** A chain of calls (`DB.prepare(…).bind(…).first()`): answered at the first path the scenario knows. */
const chain = (name, known, path) => {
  const missing = () => new Error(`${name}.${path} has no value in the scenario: add env.${name}["${path}"]`);
  const target = function binding() {};
  return new Proxy(target, {
    get(_, property) {
      if (typeof property === 'symbol') return undefined;
      if (property === 'then') return path === '' ? undefined : (resolve, reject) => reject(missing());
      const next = path === '' ? property : `${path}.${property}`;
      return chain(name, known, next);
    },
    apply() {
      if (!Object.hasOwn(known, path)) return chain(name, known, path);
      return (async () => { await hop(); return give(`${name}.${path}`, known[path]); })();
    },
  });
};

/** KV: the scenario's object is the store. */
const keyValue = (name, contents) => {
  const store = new Map(Object.entries(contents).map(([key, value]) => [key, decode(value)]));
  const read = (key, type) => {
    const value = store.get(key);
    if (value === undefined) return null;
    const kind = typeof type === 'string' ? type : type?.type;
    if (kind === 'json') return typeof value === 'string' ? JSON.parse(value) : clone(value);
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return {
    async get(key, type) { await hop(); return read(key, type); },
    async getWithMetadata(key, type) { await hop(); return { value: read(key, type), metadata: null, cacheStatus: null }; },
    async put(key, value) { await hop(); store.set(`${key}`, value); },
    async delete(key) { await hop(); store.delete(key); },
    async list({ prefix = '' } = {}) {
      await hop();
      return { keys: [...store.keys()].filter((key) => key.startsWith(prefix)).sort().map((key) => ({ name: key })), list_complete: true, cacheStatus: null };
    },
  };
};

kernel.api.simulateBindings = (kinds, given, fetchAnswers) => {
  answers.fetch = fetchAnswers;
  for (const name of Object.keys(kinds)) {
    const known = isObject(given[name]) ? given[name] : {};
    if (kinds[name] === 'kv' && isObject(given[name])) kernel.parts.environment[name] = keyValue(name, known);
    else kernel.parts.environment[name] = chain(name, known, '');
  }
};

// ---- fetch -----------------------------------------------------------------------------------------------

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
class Body {
  #text; #used = false;
  constructor(body) {
    if (body === null || body === undefined) this.#text = null;
    else if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) this.#text = kernel.parts.decodeUtf8(body instanceof ArrayBuffer ? new Uint8Array(body) : new Uint8Array(body.buffer, body.byteOffset, body.byteLength), false);
    else this.#text = `${body}`;
  }
  get bodyUsed() { return this.#used; }
  get body() { return null; }
  async text() {
    if (this.#used) throw new TypeError('Body has already been used. It can only be used once. Use tee() first if you need to read it twice.');
    if (this.#text !== null) this.#used = true;
    return this.#text ?? '';
  }
  async json() { return JSON.parse(await this.text()); }
  async arrayBuffer() { return kernel.parts.encodeUtf8(await this.text()).buffer; }
  async bytes() { return kernel.parts.encodeUtf8(await this.text()); }
  peek() { return this.#text; }
}
class Response extends Body {
  constructor(body = null, init = {}) {
    super(body);
    this.status = init.status ?? 200;
    if (!(this.status >= 200 && this.status <= 599)) throw new RangeError(`Responses may only be constructed with status codes in the range 200 to 599, inclusive.`);
    this.statusText = init.statusText ?? '';
    this.headers = new Headers(init.headers);
    this.url = init.url ?? '';
    this.redirected = false;
  }
  get ok() { return this.status >= 200 && this.status <= 299; }
  clone() { return new Response(this.peek(), this); }
  static json(data, init = {}) { const made = new Response(JSON.stringify(data), init); if (!made.headers.has('content-type')) made.headers.set('content-type', 'application/json'); return made; }
  static redirect(url, status = 302) { return new Response(null, { status, headers: { location: `${url}` } }); }
  static error() { return new Response(null, { status: 500 }); }
}
class Request extends Body {
  constructor(input, init = {}) {
    super(init.body ?? (input instanceof Request ? input.peek() : null));
    this.url = input instanceof Request ? input.url : new URL(`${input}`).href;
    this.method = `${init.method ?? input.method ?? 'GET'}`.toUpperCase();
    this.headers = new Headers(init.headers ?? input.headers);
    this.signal = init.signal ?? AbortSignal.any([]);
  }
  clone() { return new Request(this); }
}
for (const item of [Headers, Response, Request]) if (typeof globalThis[item.name] !== 'function') install(globalThis, item.name, item);

const fetchAnswer = (method, url) => {
  const without = url.replace(/[?#].*$/, '');
  for (const key of [`${method} ${url}`, url, `${method} ${without}`, without, '*']) if (Object.hasOwn(answers.fetch, key)) return { key, value: answers.fetch[key] };
  return null;
};
install(globalThis, 'fetch', { async fetch(input, init) {
  const request = new Request(input, init);
  await hop();
  const found = fetchAnswer(request.method, request.url);
  if (found === null) throw new Error(`fetch("${request.url}") has no answer in the scenario: add fetch["${request.url}"]`);
  const answer = pick(`fetch ${found.key}`, Array.isArray(found.value) ? { $calls: found.value } : found.value);
  if (isObject(answer)) {
    if (answer.$throw !== undefined || answer.$network !== undefined) throw new TypeError(answer.$throw ?? answer.$network);
    if (answer.delay_ms !== undefined) await timer(answer.delay_ms).promise;
    const headers = { ...('json' in answer ? { 'content-type': 'application/json' } : {}), ...answer.headers };
    const body = 'json' in answer ? JSON.stringify(answer.json) : answer.text ?? answer.body ?? null;
    return new Response(body, { status: answer.status ?? 200, statusText: answer.statusText, headers, url: request.url });
  }
  return new Response(answer === null ? null : `${answer}`, { url: request.url });
} }.fetch);
