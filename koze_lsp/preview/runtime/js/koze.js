// What compiled pages use: the object that they call `__k`. workflow.js takes the place of the marker below.
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
