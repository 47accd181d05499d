// The `step` of user code: a stub of the engine's methods over RPC, useless once run() has ended.

/** How many arguments the engine's methods name; a stub answers questions about a method from the other side. */
const STEP_METHODS = { do: 1, sleep: 2, sleepUntil: 2, waitForEvent: 2 };
/** Arguments keep their functions (callbacks, delay functions, rollback handlers): they are called back. */
const passArgument = (value) => clone(value, (item) => (typeof item === 'function' || CARRIED(item) ? item : NOT_SERIALIZABLE(item)));

const hexOf = (text) => { // looks like the id of a Durable Object, and is the same in every run
  let state = 0x811c9dc5;
  let out = '';
  for (let i = 0; out.length < 64; i++) {
    state = Math.imul(state ^ text.charCodeAt(i % text.length) ^ i, 0x01000193) >>> 0;
    out += (state >>> 24).toString(16).padStart(2, '0');
  }
  return out;
};
/** An error of the engine as user code catches it: it says where it came from. */
const remoteError = (thrown, instance) => Object.assign(crossError(thrown), { remote: true, durableObjectId: hexOf(instance.id) });

/** A property of a remote object: callable, awaitable, and any property of it is another one. `path` ends in its name. */
const remoteProperty = (path, invoke, read) => {
  const target = function RpcProperty() {};
  const awaited = () => rpcPromise(read(path));
  return new Proxy(target, {
    get(_, name) {
      if (name === 'then' || name === 'catch' || name === 'finally') { const promise = awaited(); return (...handlers) => promise[name](...handlers); }
      if (name === Symbol.toStringTag) return 'JsRpcProperty';
      if (name === Symbol.toPrimitive || name === 'toString') return () => '[object JsRpcProperty]';
      if (typeof name === 'symbol') return undefined;
      return remoteProperty([...path, name], invoke, read);
    },
    has: () => true,
    apply: (_, __, args) => invoke(path, args),
    construct: (_, args) => invoke(path, args),
  });
};

const stepStub = (context, instance) => {
  let disposed = false;
  const { generation } = instance;
  const label = `run() of ${instance.workflow.name}`;
  const perform = async (name, args) => {
    if (disposed) throw new Error('RPC stub used after being disposed.');
    await hop();
    if (generation !== instance.generation) await never();
    let answer;
    try {
      const [first, ...rest] = args.map((arg) => (typeof arg === 'function' ? arg : passArgument(arg)));
      const value = crossValue(await context[name](typeof first === 'function' ? new RpcStub(first) : first, ...rest));
      answer = () => value;
    } catch (error) { answer = () => { throw remoteError(error, instance); }; }
    return await inTask(answer, label);
  };
  const invoke = (path, args) => {
    const name = path.at(-1);
    return rpcPromise(path.length === 1 && Object.hasOwn(STEP_METHODS, name) ? perform(name, args) : Promise.reject(unknownMethod(name)));
  };
  const read = async ([name, property, ...more]) => {
    if (!Object.hasOwn(STEP_METHODS, name)) throw unknownMethod(name);
    if (property === undefined) return new RpcStub(() => {});
    if (more.length > 0 || (property !== 'name' && property !== 'length')) throw unknownMethod(more.at(-1) ?? property);
    return property === 'name' ? name : STEP_METHODS[name];
  };
  const dispose = () => { disposed = true; };
  const own = { dup: () => make(), toString: () => '[object JsRpcStub]', constructor: RpcStub };
  const make = () => new Proxy(function step() {}, {
    get(target, name) {
      if (Object.hasOwn(own, name)) return own[name];
      if (name === Symbol.toStringTag) return 'JsRpcStub';
      if (name === Symbol.dispose) return dispose;
      if (typeof name === 'symbol' || name === 'then') return undefined;
      const set = name === 'name' || name === 'length' || name === 'prototype' ? undefined : Object.getOwnPropertyDescriptor(target, name);
      return set === undefined ? remoteProperty([name], invoke, read) : set.value;
    },
    has: () => true,
    ownKeys: (target) => Reflect.ownKeys(target).filter((key) => key === 'prototype' || Reflect.getOwnPropertyDescriptor(target, key).enumerable),
    apply: () => rpcPromise(Promise.reject(new TypeError('"(this)" is not a function.'))),
  });
  return { step: make(), dispose };
};
