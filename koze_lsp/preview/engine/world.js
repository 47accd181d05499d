// All workflows and instances of an isolate: bindings for user code, actions of scenarios, mocks, reports for Python.

const workflows = new Map(); // binding → workflow
const { decode, encode } = kernel.parts;

class Mocks {
  constructor() { this.steps = new Map(); this.waits = new Map(); this.used = new Map(); }
  add(list) { for (const mock of list) (mock.wait === true ? this.waits : this.steps).set(`${mock.binding}\n${mock.step}`, mock); }
  find(map, instance, name, label) {
    const { binding } = instance.workflow;
    return map.get(`${binding}\n${label}`) ?? map.get(`${binding}\n${name}`) ?? map.get(`*\n${label}`) ?? map.get(`*\n${name}`) ?? null;
  }
  /** What an attempt is to do instead of its callback, or null. */
  take(instance, step, attempt) {
    if (instance.failNext.delete(step.label) || instance.failNext.delete('*')) return { error: new Error('failed on request') };
    const mock = this.find(this.steps, instance, step.text, step.label);
    if (mock === null || (mock.times !== undefined && attempt > mock.times)) return null;
    if ('result' in mock) return { result: decode(mock.result) };
    if (mock.timeout === true) return { timeout: true };
    const error = new Error(mock.error.message ?? String(mock.error));
    if (mock.error.name !== undefined) kernel.parts.install(error, 'name', mock.error.name);
    return { error };
  }
  timesOut(instance, name, label) { return this.find(this.waits, instance, name, label)?.timeout === true; }
}

const world = {
  production: false,
  mocks: new Mocks(),
  actions: [], // {instance, after, at, delay, do, …} that have not fired
  watched: new Set(),
  listeners: [],

  onEvent(instance, { type, name }) {
    for (const action of [...this.actions]) {
      if (action.instance !== instance || action.after === undefined || action.armed) continue;
      if (action.after.type !== type || (action.after.step !== undefined && action.after.step !== name)) continue;
      action.armed = true;
      kernel.schedule(action.delay_ms ?? 0, () => this.fire(action), 'an action of the scenario', null);
    }
    if (TERMINAL.has(type)) kernel.schedule(0, () => this.settle(), '', null);
    if (type === 'workflow_queued') kernel.setHorizon(Infinity);
  },

  /** When every watched instance has ended and nothing is to come, work that was not awaited gets a little time. */
  settle() {
    const open = [...this.watched].some((instance) => !FINITE.has(instance.status)) || this.actions.some((action) => action.armed || action.at !== undefined);
    kernel.setHorizon(open || this.watched.size === 0 ? Infinity : kernel.now() + AFTER_END);
  },

  async fire(action) {
    this.actions.splice(this.actions.indexOf(action), 1);
    const result = { do: action.do, result: 'ok' };
    action.instance.actionResults.push(result);
    try { await perform(action.instance, action.do, action); } catch (error) { result.result = `${crossError(error).name}: ${crossError(error).message}`; }
    this.settle();
  },
};
const AFTER_END = 5000;

const perform = async (instance, name, options) => {
  switch (name) {
    case 'sendEvent': instance.sendEvent({ type: options.event.type, payload: decode(options.event.payload) }); break;
    case 'pause': instance.pause(); break;
    case 'resume': instance.resume(); break;
    case 'terminate': await instance.terminate(options); break;
    case 'restart': {
      const given = {};
      if (options.from !== undefined) given.from = options.from;
      if (options.params !== undefined) given.params = decode(options.params);
      instance.restart(given);
      break;
    }
    case 'skipSleep': instance.skipSleep(options.step); break;
    case 'failNextAttempt': instance.failNext.add(options.step ?? '*'); break;
    default: throw new Error(`"${name}" is no action; there are sendEvent, pause, resume, terminate, restart, skipSleep and failNextAttempt`);
  }
};

// ---- Creating -------------------------------------------------------------------------------------------

const instanceOf = (binding, id) => {
  const instance = workflows.get(binding)?.instances.get(id);
  if (instance === undefined) throw new Error('instance.not_found');
  return instance;
};

const create = (workflow, options = {}, engine = {}) => {
  const { id = crypto.randomUUID() } = options;
  if (!validInstanceId(id)) throw new WorkflowError('Workflow instance has invalid id');
  if (workflow.instances.has(id)) throw workflowError(`Workflow instance with id "${id}" already exists`, 'instance.already_exists');
  const { params = {} } = options;
  const instance = new Instance(workflow, id, crossValue(params), { ...workflow.options, ...engine });
  instance.failNext = new Set();
  workflow.instances.set(id, instance);
  return instance;
};
const begin = (instance) => {
  const before = kernel.owner();
  kernel.setOwner(instance.owner);
  instance.start();
  kernel.setOwner(before);
};

/** `env.X_WORKFLOW` of user code. */
const binding = (workflow) => {
  const handle = (id) => ({
    id,
    async status() { await hop(); return instanceOf(workflow.binding, id).shown(); },
    async pause() { await hop(); instanceOf(workflow.binding, id).pause(); },
    async resume() { await hop(); instanceOf(workflow.binding, id).resume(); },
    async terminate(options) { await hop(); await instanceOf(workflow.binding, id).terminate(options); },
    async restart(options) { await hop(); instanceOf(workflow.binding, id).restart(options); },
    async sendEvent(event) { await hop(); instanceOf(workflow.binding, id).sendEvent(event); },
  });
  const createOne = async (options) => { await hop(); const instance = create(workflow, options); begin(instance); return handle(instance.id); };
  return {
    create: createOne,
    async createBatch(batch) {
      if (batch.length === 0) throw new Error('WorkflowError: batchCreate should have at least 1 instance');
      if (batch.length > 100) throw new Error('WorkflowError: batchCreate only supports 100 instances at a time');
      const made = [];
      for (const options of batch) if (options.id === undefined || !workflow.instances.has(options.id)) made.push(await createOne(options));
      return made;
    },
    async get(id) { await hop(); instanceOf(workflow.binding, id); return handle(id); },
  };
};

// ---- What Python calls ---------------------------------------------------------------------------------

kernel.api.configureEngine = ({ production }) => { world.production = production; };
kernel.api.addMocks = (mocks) => world.mocks.add(mocks);

const isEntrypoint = (value) => typeof value === 'function' && value.prototype instanceof WorkflowEntrypoint;

/** The exported class: the one that was asked for, else the only workflow class of the module. */
const classOf = (namespace, wanted, file) => {
  const exported = wanted === null ? undefined : namespace[wanted] ?? (namespace.default?.name === wanted ? namespace.default : undefined);
  if (isEntrypoint(exported)) return exported;
  const found = [...new Set(Object.keys(namespace).map((name) => namespace[name]).filter(isEntrypoint))];
  if (found.length === 1) return found[0];
  if (typeof exported === 'function') throw new Error(`the class ${wanted} of ${file} does not extend WorkflowEntrypoint`);
  if (found.length === 0) throw new Error(`${file} exports no class that extends WorkflowEntrypoint`);
  throw new Error(`${file} exports several workflow classes (${found.map((item) => item.name).join(', ')}): say which one`);
};

/** `info`: {binding, name, className, key, file, stepLimit}; gives the name of the class. */
kernel.api.defineWorkflow = (info) => {
  const Class = classOf(kernel.parts.namespace(info.key), info.className, info.file);
  const workflow = { ...info, instances: new Map(), options: { stepMs: info.stepMs } };
  workflow.instantiate = () => {
    return new Class(new ExecutionContext(), kernel.parts.environment);
  };
  workflows.set(info.binding, workflow);
  kernel.parts.environment[info.binding] = binding(workflow);
  return Class.name;
};
/** A workflow whose module can't be loaded: only its use is an error. */
kernel.api.defineBroken = (name, reason) => {
  const fail = async () => { throw new Error(`the workflow ${name} can't be loaded: ${reason}`); };
  kernel.parts.environment[name] = { create: fail, createBatch: fail, get: fail };
};

/** Creates and starts an instance; `params` is marked JSON, absent = created without params. */
kernel.api.createInstance = (name, options) => {
  const workflow = workflows.get(name);
  if (workflow === undefined) throw new Error(`there is no workflow binding ${name}`);
  const given = {};
  if ('id' in options) given.id = decode(options.id);
  if ('params' in options) given.params = decode(options.params);
  const instance = create(workflow, given, options.engine);
  for (const action of options.actions ?? []) {
    const armed = { ...action, instance };
    world.actions.push(armed);
    if (action.at !== undefined) kernel.schedule(action.at, () => world.fire(armed), 'an action of the scenario', null);
  }
  if (options.watch === true) world.watched.add(instance);
  begin(instance);
  return instance.id;
};
kernel.api.instanceStatus = (name, id) => {
  const { status, output, error } = instanceOf(name, id).shown();
  return error === undefined ? { status, output } : { status, output, error };
};
kernel.api.instanceAction = (name, id, action, options) => perform(instanceOf(name, id), action, options);
kernel.api.instances = () => [...workflows.values()].flatMap((workflow) => [...workflow.instances.values()].map((instance) => (
  { binding: workflow.binding, workflow: workflow.name, id: instance.id, status: instance.shownStatus(), created_ms: instance.created - kernel.epoch })));
kernel.api.instanceReport = (name, id) => {
  const instance = instanceOf(name, id);
  const { status, output, error } = instance.shown();
  const structured = instance.output === undefined ? null : encode(instance.output.value);
  return {
    status, output: structured, json: output, error: error ?? null, stack: instance.stack ?? '', actionResults: instance.actionResults,
    created_ms: instance.created - kernel.epoch, virtual_ms: (instance.record.endedAt ?? kernel.now() - kernel.epoch), ended: instance.record.ended, ...instance.record.report(),
  };
};

// ---- Modules that a Worker imports -----------------------------------------------------------------------

const moduleOf = (exports) => Object.freeze(Object.assign(Object.create(null, { [Symbol.toStringTag]: { value: 'Module' } }), exports));
kernel.parts.environment = Object.create(Object.prototype);
class ExecutionContext {
  tracing = {};
  access = undefined;
  cache = undefined;
  props = {};
  exports = {};
  waitUntil() {}
  passThroughOnException() {}
}
class DurableObject { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }
class WorkerEntrypoint { constructor(ctx, env) { this.ctx = ctx; this.env = env; } }
kernel.parts.builtinModules.set('cloudflare:workers', moduleOf({
  WorkflowEntrypoint, WorkerEntrypoint, DurableObject, RpcTarget, RpcStub, env: kernel.parts.environment,
  waitUntil() {}, WorkflowStep: undefined, WorkflowEvent: undefined,
}));
kernel.parts.builtinModules.set('cloudflare:workflows', moduleOf({ NonRetryableError }));
kernel.api.setVars = (vars) => { for (const name of Object.keys(vars)) kernel.parts.environment[name] = decode(vars[name]); };
