// Links modules: namespaces with live bindings, re-exports, cycles, evaluation in the order of the standard.
'use strict';
const modules = new Map(); // key → record
const builtins = new Map(); // name → namespace object; the runtime's parts add theirs
kernel.parts.builtinModules = builtins;

const namespaceObject = () => Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } });

/** A value that may be passed around but says what is missing as soon as it is used. */
const unavailable = (message) => {
  const fail = () => { throw new Error(message); };
  const traps = { __proto__: null };
  for (const trap of ['apply', 'construct', 'get', 'set', 'has', 'ownKeys', 'deleteProperty', 'defineProperty']) traps[trap] = fail;
  return new Proxy(function unavailable() {}, traps);
};
kernel.parts.unavailable = unavailable;

const lacking = (specifier, reason, known) => {
  const made = new Map();
  return new Proxy(known, {
    get(target, name, receiver) {
      if (typeof name === 'symbol' || name === 'then' || name in target) return Reflect.get(target, name, receiver);
      if (!made.has(name)) {
        const what = name === 'default' ? `the default export of ${specifier}` : `\`${name}\` from ${specifier}`;
        made.set(name, unavailable(`${what} ${reason}`));
      }
      return made.get(name);
    },
  });
};

const fixed = (key, namespace, open) => {
  modules.set(key, { key, namespace, open, names: Object.keys(namespace), imports: [], state: 'done', exports: new Map() });
};
kernel.api.defineValues = (key, specifier, values, missing) => {
  const namespace = namespaceObject();
  for (const name of Object.keys(values)) Object.defineProperty(namespace, name, { value: values[name], enumerable: true });
  fixed(key, missing === null ? namespace : lacking(specifier, missing, namespace), missing !== null);
};
kernel.api.defineBuiltin = (key, name, specifier, missing) => {
  const namespace = builtins.get(name);
  if (namespace === undefined) throw new Error(`the preview has no module ${name}`);
  fixed(key, missing === null ? namespace : lacking(specifier, missing, namespace), missing !== null);
};

kernel.api.defineModule = (factory, key, info) => {
  modules.set(key, { key, factory, ...info, namespace: namespaceObject(), names: [], local: null, exports: new Map(), state: 'new' });
};

const load = (key) => modules.get(key);

/** All modules below `root`, each after those it imports. */
const order = (root) => {
  const out = [];
  const seen = new Set();
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const record = load(key);
    for (const item of record.imports) if (item.key !== null) visit(item.key);
    out.push(record);
  };
  visit(root);
  return out;
};

/** First run of the generator: it tells the module's own exports. */
const instantiate = (record) => {
  if (record.state !== 'new') return;
  record.state = 'linking';
  const namespaces = record.imports.map((item) => load(item.key).namespace);
  const meta = Object.create(null);
  meta.url = `file:///${record.file}`;
  const dynamic = async (specifier) => {
    const key = record.dynamic[`${specifier}`];
    if (key === undefined) throw new TypeError(`Cannot import '${specifier}': the preview knows only imports whose text is written out`);
    return link(key);
  };
  record.run = record.factory(namespaces, (getters) => { record.local = getters; }, meta, dynamic);
  record.first = record.run.next();
  for (const name of Object.keys(record.local)) record.exports.set(name, record.local[name]);
};

const AMBIGUOUS = Symbol('ambiguous');
/** The getter of an export by the standard's ResolveExport, or null. */
const resolve = (record, name, path = new Set()) => {
  const mark = `${record.key}\n${name}`;
  if (path.has(mark)) return null;
  path.add(mark);
  if (record.state === 'done' && record.factory === undefined) {
    return name in record.namespace || record.open ? () => record.namespace[name] : null;
  }
  const own = record.exports.get(name);
  if (own !== undefined) return own;
  for (const item of record.reexports) {
    if (item.name !== name) continue;
    const source = load(record.imports[item.source].key);
    return item.imported === null ? () => source.namespace : resolve(source, item.imported, path);
  }
  if (name === 'default') return null;
  let found = null;
  for (const index of record.stars) {
    const getter = resolve(load(record.imports[index].key), name, path);
    if (getter === null) continue;
    if (getter === AMBIGUOUS) return AMBIGUOUS;
    if (found !== null && found !== getter) return AMBIGUOUS;
    found = getter;
  }
  return found;
};
const exportedNames = (record, seen = new Set()) => {
  if (seen.has(record)) return [];
  seen.add(record);
  if (record.factory === undefined) return record.names;
  const names = new Set([...record.exports.keys(), ...record.reexports.map((item) => item.name)]);
  for (const index of record.stars) {
    for (const name of exportedNames(load(record.imports[index].key), seen)) if (name !== 'default') names.add(name);
  }
  return [...names];
};
const complete = (record) => {
  if (record.state !== 'linking') return;
  for (const name of exportedNames(record).sort()) {
    const getter = resolve(record, name);
    if (getter === null || getter === AMBIGUOUS) continue; // a re-exported type, or a name that two modules give
    Object.defineProperty(record.namespace, name, { get: getter, enumerable: true });
  }
  Object.preventExtensions(record.namespace);
};
const check = (record) => {
  if (record.state !== 'linking') return;
  for (const item of record.imports) {
    const source = load(item.key);
    if (source.open) continue;
    for (const { name, line, column } of item.names) {
      if (name in source.namespace) continue;
      const error = new SyntaxError(`The requested module '${item.specifier}' does not provide an export named '${name}'`);
      Object.defineProperty(error, 'stack', { value: `${error.name}: ${error.message}\n    at ${record.file}:${line}:${column}` });
      throw error;
    }
  }
};
const evaluate = (record) => {
  if (record.state === 'done') return undefined;
  if (record.state === 'failed') throw record.error;
  record.state = 'done';
  return record.run.next();
};

const link = (root) => {
  const list = order(root);
  for (const record of list) instantiate(record);
  for (const record of list) complete(record);
  for (const record of list) check(record);
  const { namespace } = load(root);
  const from = (start) => {
    for (let i = start; i < list.length; i++) {
      const record = list[i];
      if (record.promise !== undefined) return record.promise.then(() => from(i + 1));
      try {
        const result = evaluate(record);
        if (record.asynchronous && result !== undefined) {
          record.promise = result.then(() => { record.promise = undefined; }, (error) => { record.state = 'failed'; record.error = error; throw error; });
          return record.promise.then(() => from(i + 1));
        }
      } catch (error) { record.state = 'failed'; record.error = error; throw error; }
    }
    return namespace;
  };
  return from(0);
};

/** Links and evaluates a module; its namespace, or a promise of it if a module awaits at its top level. */
kernel.parts.link = link;
kernel.parts.namespace = (key) => load(key).namespace;
kernel.api.link = (key) => {
  const result = link(key);
  const names = () => Object.keys(load(key).namespace);
  return kernel.isPromise(result) && typeof result.then === 'function' && Object.getPrototypeOf(result) !== null ? result.then(names) : names();
};
