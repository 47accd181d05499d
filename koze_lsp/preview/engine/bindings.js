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
