// koze:* and cloudflare:workers as modules.
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
