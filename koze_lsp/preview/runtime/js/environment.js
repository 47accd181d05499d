// The simulated environment: env with its workflow bindings, answered by the scenario; redirects.
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
