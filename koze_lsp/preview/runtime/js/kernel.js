// The page's part of an isolate: requests, the simulated environment, printing, streamed regions, koze:* modules.
// Installed as the body of function (kernel). Built-ins are taken before any user code runs, so that a page that
// changes them spoils only its own output.
'use strict';
const { apply, stringify, push, then, NativePromise, NativeError, describeError } = Object.assign(
  { describeError: kernel.describeError },
  kernel.primordials,
);
const { keys, hasOwn, create } = Object;
const text = String;
const replace = kernel.primordials.uncurry(String.prototype.replace);
const resolved = (value) => NativePromise.resolve(value);

const page = { __proto__: null, registry: {}, render: null, booleans: new Set(), legacy: false };
let state = null; // of the current request

// ---- Printing -----------------------------------------------------------------------------------------

const ESCAPES = { __proto__: null, '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeChar = (char) => ESCAPES[char];
const esc = (value) => (value == null ? '' : replace(text(value), /[&<>"']/g, escapeChar));
const rawHtml = (value) => (value == null ? '' : text(value));

// The framework's own rules, which are no full sanitiser: what it lets through, the preview shows too.
const SANITIZERS = [
  [/<script\b[^>]*>[\s\S]*?<\/script>/gi, ''],
  [/<iframe\b[^>]*>[\s\S]*?<\/iframe>/gi, ''],
  [/<object\b[^>]*>[\s\S]*?<\/object>/gi, ''],
  [/<embed\b[^>]*>/gi, ''],
  [/\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ''],
  [/\s(href|src|xlink:href)\s*=\s*(["'])\s*javascript:[\s\S]*?\2/gi, ' $1="#"'],
  [/\s(href|src|xlink:href)\s*=\s*javascript:[^\s>]+/gi, ' $1="#"'],
  [/\ssrcdoc\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ''],
];
const sanitizeHtml = (value) => {
  let html = rawHtml(value);
  for (let i = 0; i < SANITIZERS.length; i++) html = replace(html, SANITIZERS[i][0], SANITIZERS[i][1]);
  return html;
};

const spread = (attributes, escape) => {
  if (attributes == null || attributes === false) return '';
  let out = '';
  for (const [name, value] of Object.entries(Object(attributes))) {
    if (!/^[A-Za-z_:][A-Za-z0-9_.:-]*$/.test(name) || /^on/i.test(name)) continue;
    if (value == null || typeof value === 'function' || typeof value === 'symbol') continue;
    const lower = name.toLowerCase();
    if (!page.booleans.has(lower)) out += ` ${name}="${escape(value)}"`;
    else if (lower === 'hidden' && value === 'until-found') out += ` ${name}="until-found"`;
    else if (value) out += ` ${name}`;
  }
  return out;
};

// ---- The simulated environment ------------------------------------------------------------------------

const NOT_FOUND = 'instance.not_found';

/** What the world says about an instance: a promise of its raw status. */
const ask = (binding, id) => {
  if (!hasOwn(state.world, binding)) {
    return then(kernel.request('status', [binding, text(id)]), ({ value, delay }) =>
      delay > 0 ? new NativePromise((resolve) => { kernel.schedule(delay, () => resolve(value)); }) : value,
    );
  }
  const world = state.world[binding];
  const answer = hasOwn(world, id) ? world[id] : hasOwn(world, '*') ? world['*'] : { $throw: NOT_FOUND };
  return new NativePromise((resolve, reject) => {
    const give = () => {
      if (answer !== null && typeof answer === 'object' && hasOwn(answer, '$throw')) {
        reject(new NativeError(text(answer.$throw)));
      } else {
        resolve(strip(answer));
      }
    };
    const delay = answer?.$delayMs;
    if (delay > 0) kernel.schedule(+delay, give);
    else give();
  });
};

/** A fresh copy without our own keys: pages write onto the status object. */
const strip = (answer) => {
  if (answer === null || typeof answer !== 'object') return answer;
  const copy = JSON.parse(stringify(answer));
  delete copy.$delayMs;
  return copy;
};

const instance = (binding, id, first) => ({
  id,
  async status() {
    const ready = first;
    first = undefined;
    return ready === undefined ? ask(binding, id) : ready.value;
  },
  async pause() {},
  async resume() {},
  async terminate() {},
  async restart() {},
  async sendEvent() {},
});

let created = 0;
const makeBinding = (name) => ({
  // get() itself fails for an instance that is not there, so it asks.
  async get(id) {
    return instance(name, id, { value: await ask(name, id) });
  },
  async create(options) {
    return instance(name, options?.id ?? `preview-${++created}`);
  },
  async createBatch(batch) {
    return [...batch].map((options) => instance(name, options?.id ?? `preview-${++created}`));
  },
});

const makeEnv = (bindings, vars) => {
  const env = {};
  for (const name of bindings) env[name] = makeBinding(name);
  for (const name of keys(vars)) env[name] = vars[name];
  return env;
};

class RedirectError extends Error {
  constructor(path, status) {
    super(`Redirect to ${path}`);
    this.name = 'RedirectError';
    this.isRedirectError = true;
    this.location = path;
    this.status = status;
  }
}
const redirect = (path, status = 303) => {
  state.locals.__redirectTo = path;
  state.locals.__redirectStatus = status;
  throw new RedirectError(path, status);
};

// ---- What compiled pages use --------------------------------------------------------------------------

const koze = {
  __proto__: null,
  esc,
  rawHtml,
  sanitizeHtml,
  spread,
  redirect,
  locals: () => state.locals,
  registry: () => page.registry,
  env() {
    if (!state.env) throw new NativeError('getEnv() called outside of a request context');
    return state.env;
  },
  call(name, id, options) {
    let poll = null;
    try {
      poll = options?.poll ?? null;
    } catch {
      // an option that throws when it is read throws again, and visibly, where it is used
    }
    const call = { __proto__: null, name, id, poll, status: undefined, error: null, terminal: null };
    push(state.calls, call);
    return call;
  },
  /** For parts of the runtime that bring an environment of their own. */
  useEnv(env) {
    state.env = env;
  },
  /** A component's `props`: called it gives all props, as an object it has them. */
  props: (bag) =>
    new Proxy(() => bag, {
      apply: () => bag,
      get: (target, key, self) => (typeof key === 'string' && hasOwn(bag, key) ? bag[key] : Reflect.get(target, key, self)),
      has: (target, key) => (typeof key === 'string' && hasOwn(bag, key)) || Reflect.has(target, key),
      ownKeys: (target) => [...new Set([...Reflect.ownKeys(bag), ...Reflect.ownKeys(target)])],
      getOwnPropertyDescriptor: (target, key) =>
        typeof key === 'string' && hasOwn(bag, key)
          ? { configurable: true, enumerable: true, writable: true, value: bag[key] }
          : Reflect.getOwnPropertyDescriptor(target, key),
    }),
  /** The exports of a koze: module; what the preview has not is an error where it is used. */
  builtin(name) {
    const module = kernel.parts.builtinModules.get(`koze:${name}`);
    if (module) return module;
    const lacking = (member) => () => {
      throw new NativeError(`\`${text(member)}\` from koze:${name} is not simulated in the preview`);
    };
    return new Proxy({}, { get: (_, member) => lacking(member) });
  },
  imports: (path) => kernel.parts.namespace(`imports of ${path}`),
  keep(values) {
    for (const name of keys(values)) state.data[name] = values[name];
  },
  // In the oldest generation the directive follows the page, inside the layout.
  pageDone: (html) => (page.legacy ? html + directiveTag() : html),
  settled: (value) =>
    then(resolved(value), koze.asyncValue.success, (error) =>
      koze.asyncValue.failure(error && error.message ? text(error.message) : text(error)),
    ),
  nextBoundaryId: (prefix) => `${prefix}-${state.nextBoundary++}`,
  registerBoundary(id, promise, render) {
    push(state.boundaries, { id, promise, render });
    return koze.asyncValue.pending();
  },
  boundaryPlaceholder(id, html) {
    const safe = esc(id);
    return `<div id="__ssr_boundary_${safe}" data-kuratchi-boundary="${safe}">${html}</div>`;
  },
};
/*WORKFLOW*/(koze);
kernel.parts.koze = koze;

// ---- koze:* and cloudflare:workers as modules ----------------------------------------------------------

const live = (getters) => {
  const module = create(null);
  for (const name of keys(getters)) Object.defineProperty(module, name, { get: getters[name], enumerable: true });
  return module;
};
class Headers {
  #map;
  constructor(init) {
    this.#map = new Map(Object.entries(init));
  }
  get(name) {
    return this.#map.get(text(name).toLowerCase()) ?? null;
  }
  has(name) {
    return this.#map.has(text(name).toLowerCase());
  }
  forEach(callback, self) {
    this.#map.forEach((value, name) => callback.call(self, value, name, this));
  }
  entries() {
    return this.#map.entries();
  }
  [Symbol.iterator]() {
    return this.#map.entries();
  }
}
const identity = () => {
  throw new NativeError('There is no verified Access identity on this request.');
};
const requestData = () => state.data_;
const envProxy = new Proxy({}, {
  get: (_, name) => state?.env?.[name],
  has: (_, name) => name in (state?.env ?? {}),
  ownKeys: () => Reflect.ownKeys(state?.env ?? {}),
  getOwnPropertyDescriptor: (_, name) =>
    state?.env && name in state.env ? { configurable: true, enumerable: true, value: state.env[name] } : undefined,
});
class Base {
  constructor(ctx, env) {
    this.ctx = ctx;
    this.env = env;
  }
}
const MODULES = {
  workflow: { workflowStatus: koze.workflowStatus },
  navigation: { redirect, navigateTo: async () => {}, refreshRoute: async () => {} },
  environment: { dev: true },
  request: live({
    url: () => requestData().url,
    pathname: () => requestData().pathname,
    searchParams: () => requestData().searchParams,
    params: () => requestData().params,
    slug: () => requestData().slug,
    method: () => 'GET',
    headers: () => state.headers,
    locals: () => state.locals,
    request: () => ({ url: state.url, method: 'GET', headers: state.headers }),
  }),
  cookies: { cookies: { get: () => undefined, getAll: () => ({}), has: () => false, set() {}, delete() {}, serialize: (name, value) => `${name}=${value}` } },
  middleware: { defineMiddleware: (value) => value, defineRuntime: (value) => value },
  access: { isAuthenticated: () => false, user: identity, jwt: identity },
  component: { props: () => ({}) },
  'cloudflare:workers': {
    env: envProxy,
    WorkflowEntrypoint: class WorkflowEntrypoint extends Base {},
    WorkerEntrypoint: class WorkerEntrypoint extends Base {},
    DurableObject: class DurableObject extends Base {},
    RpcTarget: class RpcTarget {},
    waitUntil() {},
  },
};
for (const name of keys(MODULES)) kernel.parts.builtinModules.set(name.includes(':') ? name : `koze:${name}`, MODULES[name]);

// ---- One request ---------------------------------------------------------------------------------------

const fresh = (request) => {
  const next = {
    __proto__: null,
    locals: { params: request.params },
    env: request.bindings === null ? null : makeEnv(request.bindings, request.vars),
    world: request.world,
    url: request.url,
    headers: new Headers(request.headers),
    calls: [],
    data: create(null),
    boundaries: [],
    chunks: [],
    nextBoundary: 1,
    html: '',
    error: null,
  };
  let url;
  const parsed = () => (url ??= new URL(request.url));
  next.data_ = {
    get url() { return parsed(); },
    get pathname() { return parsed().pathname; },
    get searchParams() { return parsed().searchParams; },
    params: request.params,
    slug: request.params.slug ?? Object.values(request.params)[0],
    method: 'GET',
  };
  return next;
};

const failureOf = (error) => {
  const out = { ...describeError(error), redirect: null, status: 0 };
  try {
    if (error?.isRedirectError) {
      out.redirect = text(error.location);
      out.status = +error.status || 303;
    } else if (error?.isPageError) out.status = +error.status || 500;
  } catch {
    // a thrown object whose properties throw has no more to say
  }
  return out;
};

const directiveTag = () => {
  const poll = state.locals.__kozePoll;
  if (!poll || poll.done) return '';
  return `\n<script type="application/json" id="__koze_poll">${directive(poll)}</script>`;
};
const directive = (poll) => replace(stringify({ interval: poll.interval }), /</g, '\\u003c');

const run = async (request) => {
  const current = state;
  try {
    current.html = text(await page.render(current.data_));
    for (let i = 0; i < current.boundaries.length; i++) {
      const boundary = current.boundaries[i];
      push(current.chunks, [boundary.id, text(boundary.render(await boundary.promise))]);
    }
  } catch (error) {
    current.error = failureOf(error);
  }
};

const plain = (value) => {
  if (typeof value === 'string' || typeof value === 'boolean') return stringify(value);
  if (typeof value === 'number') return value - value === 0 ? text(value) : stringify(text(value));
  if (value === null || value === undefined) return 'null';
  try {
    return stringify(text(value));
  } catch {
    return '"[value]"';
  }
};
const list = (items, print) => {
  let out = '[';
  for (let i = 0; i < items.length; i++) out += (i ? ',' : '') + print(items[i]);
  return out + ']';
};

/** The result as a JSON text made of strings alone: no object of ours passes through what a page may have changed. */
const result = () => {
  let poll = 'null';
  if (!state.error) {
    try {
      const entry = state.locals.__kozePoll;
      if (entry) poll = `{"done":${!!entry.done},"directive":${entry.done ? 'null' : stringify(directive(entry))}}`;
    } catch (error) {
      state.error = failureOf(error);
    }
  }
  let data;
  try {
    data = stringify(state.data);
  } catch {
    data = undefined; // the framework then writes null
  }
  const { error } = state;
  const failure = error
    ? `{"message":${plain(error.message)},"name":${plain(error.name)},"stack":${plain(error.stack)},` +
      `"redirect":${plain(error.redirect)},"status":${plain(error.status)}}`
    : 'null';
  const calls = list(
    state.calls,
    (call) =>
      `{"workflow":${plain(call.name)},"id":${plain(call.id)},"poll":${plain(call.poll)},"status":${plain(call.status)},` +
      `"error":${plain(call.error)},"terminal":${plain(call.terminal)}}`,
  );
  const chunks = list(state.chunks, (chunk) => `[${plain(chunk[0])},${plain(chunk[1])}]`);
  return (
    `{"html":${plain(state.html)},"error":${failure},"poll":${poll},"calls":${calls},"chunks":${chunks},` +
    `"data":${data ?? 'null'}}`
  );
};

kernel.api.kozeSetup = (options) => {
  page.registry = options.registry;
  page.booleans = new Set(options.booleans);
  page.legacy = options.legacy;
};
kernel.api.kozePage = (factory) => {
  page.render = factory(koze);
};
// The answer is written when the loop asks for it: by then all that the page left behind without await has run.
kernel.api.kozeRender = (request) => {
  if (request.at > kernel.now()) kernel.setNow(request.at);
  state = fresh(request);
  kernel.setLabel('the page');
  return then(run(request), () => ({ toJSON: result }));
};
