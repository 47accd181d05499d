// Runs one workflow instance in miniflare and prints the result as one line of JSON. Started by workerd.py, which
// sends the request on standard input: {modules, root, entry, className, binding, name, id, params, env, actions, …}.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const request = JSON.parse(text);
const require = createRequire(join(request.modules, 'from-koze-lsp.js'));
const load = async (name) => {
  try { return require(name); } catch { return await import(pathToFileURL(require.resolve(name)).href); }
};

// The Worker around the workflow: it creates the instance, and turns values into marked JSON.
const worker = ({ entry, className }) => `
import * as subject from ${JSON.stringify(`./${entry}`)};
import { WorkflowEntrypoint } from 'cloudflare:workers';
const classes = [...new Set(Object.values(subject).filter((item) => typeof item === 'function' && item.prototype instanceof WorkflowEntrypoint))];
const wanted = ${JSON.stringify(className)};
const Subject = classes.find((item) => item.name === wanted) ?? classes[0];
export class KozeSubject extends Subject {}
${encodeValue.toString()}
${decodeValue.toString()}
const described = (error) => ({ name: error?.name ?? 'Error', message: String(error?.message ?? error) });
let instance;
export default { async fetch(incoming, env) {
  const { operation, ...args } = await incoming.json();
  try {
    switch (operation) {
      case 'create': {
        const options = {};
        if (args.id) options.id = args.id;
        if ('params' in args) options.params = decodeValue(args.params);
        if (args.skipSleeps) {
          const session = await env.SUBJECT.unsafeStartIntrospection();
          await env.SUBJECT.unsafeSetIntrospectionOperations(session, [{ type: 'disableSleeps' }, { type: 'disableRetryDelays' }]);
        }
        const created = await env.SUBJECT.create(options);
        return Response.json({ id: created.id, events: typeof created.subscribe === 'function' });
      }
      case 'status': {
        const { status, output, error, __LOCAL_DEV_STEP_OUTPUTS: outputs = [] } = await (await env.SUBJECT.get(args.id)).status();
        return Response.json({ status, output: output ?? null, error: error ?? null, outputs });
      }
      case 'events': {
        const subscription = await (await env.SUBJECT.get(args.id)).subscribe(args.cursor === null ? undefined : { cursor: args.cursor });
        const events = [];
        const deadline = new Promise((resolve) => setTimeout(() => resolve(null), args.waitMs));
        for (;;) {
          const next = await Promise.race([subscription.next(), deadline]);
          if (next === null || next.done) break;
          events.push(encodeValue(next.value));
        }
        return Response.json(events);
      }
      case 'act': {
        const handle = await env.SUBJECT.get(args.id);
        const { action } = args;
        if (action.do === 'sendEvent') await handle.sendEvent({ type: action.event.type, payload: decodeValue(action.event.payload) });
        else if (action.do === 'restart') await handle.restart(action.from === undefined ? undefined : { from: action.from });
        else await handle[action.do](action.rollback === undefined ? undefined : { rollback: action.rollback });
        return Response.json({ result: 'ok' });
      }
    }
  } catch (error) { return Response.json({ thrown: described(error) }); }
} };
`;

function encodeValue(root) {
  const seen = new Map();
  const visit = (value) => {
    if (value === undefined) return { $undefined: true };
    if (typeof value === 'number') return Object.is(value, -0) ? { $num: '-0' } : Number.isFinite(value) ? value : { $num: String(value) };
    if (typeof value === 'string') return value.length > 1000 && [...new Set(value)].length === 1 ? { $repeat: [value[0], value.length] } : value;
    if (typeof value === 'bigint') return { $bigint: String(value) };
    if (value === null || typeof value !== 'object') return value;
    if (seen.has(value)) return { $ref: seen.get(value) };
    seen.set(value, seen.size);
    if (value instanceof Error) return { $error: { name: value.name, message: value.message } };
    if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() };
    if (value instanceof RegExp) return { $regexp: String(value) };
    if (value instanceof Map) return { $map: [...value].map(([key, item]) => [visit(key), visit(item)]) };
    if (value instanceof Set) return { $set: [...value].map(visit) };
    if (ArrayBuffer.isView(value)) return { $bytes: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)], type: value.constructor.name };
    if (value instanceof Number || value instanceof String || value instanceof Boolean) return { $boxed: visit(value.valueOf()) };
    if (Array.isArray(value)) return Array.from({ length: value.length }, (_, i) => (i in value ? visit(value[i]) : { $hole: true }));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item)]));
  };
  return visit(root);
}

function decodeValue(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(decodeValue);
  if (value.$undefined) return undefined;
  if (value.$num !== undefined) return Number(value.$num);
  if (value.$bigint !== undefined) return BigInt(value.$bigint);
  if (value.$date !== undefined) return new Date(value.$date);
  if (value.$map !== undefined) return new Map(value.$map.map(([key, item]) => [decodeValue(key), decodeValue(item)]));
  if (value.$set !== undefined) return new Set(value.$set.map(decodeValue));
  if (value.$repeat !== undefined) return value.$repeat[0].repeat(value.$repeat[1]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decodeValue(item)]));
}

const bundle = async () => {
  const { build } = await load('esbuild');
  const result = await build({
    stdin: { contents: worker(request), resolveDir: request.root, sourcefile: 'koze-lsp-run.js', loader: 'js' },
    bundle: true, format: 'esm', target: 'es2022', write: false, logLevel: 'silent', keepNames: true,
    external: ['cloudflare:*', 'node:*'], conditions: ['workerd', 'worker', 'browser'],
    alias: { $server: join(request.root, 'src/server'), $lib: join(request.root, 'src/lib') },
  });
  return result.outputFiles[0].text;
};

const TERMINAL = new Set(['workflow_completed', 'workflow_errored', 'workflow_terminated']);
const FINITE = new Set(['complete', 'errored', 'terminated']);
/** How long work that was not awaited may still be heard of after the end, in milliseconds of real time. */
const AFTER_END_MS = 300;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Steps from events, as the embedded engine builds them (record.js). */
const stepsOf = (events, outputs) => {
  // The events of waits have no payload; the status lists the outputs of steps and waits in the order of their ends.
  const ended = events.filter(({ type }) => type === 'step_completed' || type === 'wait_completed');
  ended.forEach((event, index) => { if (event.type === 'wait_completed') event.payload = outputs[index]; });
  const steps = new Map();
  const split = (name) => { const at = name.lastIndexOf('-'); return { name: name.slice(0, at), count: Number(name.slice(at + 1)) }; };
  for (const event of events) {
    const { type, stepName } = event;
    if (stepName === undefined) continue;
    const rollback = type.startsWith('rollback_');
    const kind = /^(rollback_)?(step|attempt)_/.test(type) ? 'do' : type.startsWith('sleep') ? 'sleep' : 'waitForEvent';
    const key = `${kind} ${stepName}`;
    const step = steps.get(key);
    const target = rollback ? step?.rollback : step;
    const last = target?.attempts?.at(-1);
    switch (rollback ? type.slice(9) : type) {
      case 'step_started': {
        const started = { config: event.config, attempts: [], outcome: 'open' };
        if (rollback) step.rollback = started; else steps.set(key, { kind: 'do', ...split(stepName), ...started });
        break;
      }
      case 'attempt_started': target.attempts.push({ attempt: event.attempt, outcome: 'open' }); break;
      case 'attempt_completed': last.outcome = 'ok'; break;
      case 'attempt_errored': Object.assign(last, { outcome: 'error', error: event.error, ...(event.retryDelayMs === undefined ? {} : { retryDelayMs: event.retryDelayMs }) }); break;
      case 'step_completed': target.outcome = 'complete'; if (!rollback) target.result = 'output' in event ? event.output : { $undefined: true }; break;
      case 'step_errored': target.outcome = 'errored'; if (!rollback) target.error = last?.error; break;
      case 'sleep_started': steps.set(`${key}`, { kind, ...split(stepName), durationMs: event.durationMs, outcome: 'open' }); break;
      case 'sleep_completed': step.outcome = 'complete'; break;
      case 'wait_started': steps.set(key, { kind, ...split(stepName), eventType: event.eventType, outcome: 'open' }); break;
      case 'wait_completed': step.outcome = 'received'; step.payload = event.payload ?? { $undefined: true }; break;
      case 'wait_timed_out': step.outcome = 'timed_out'; break;
    }
  }
  return [...steps.values()];
};
const short = ({ type, stepName, attempt }) => [type, ...(stepName === undefined ? [] : [stepName]), ...(attempt === undefined ? [] : [attempt])];

const run = async () => {
  const { Miniflare, Log, LogLevel, convertV4MiniflareOptions = (same) => same } = await load('miniflare');
  // Version 5 has other options than 4, and turns those of 4 into its own.
  const mf = new Miniflare(convertV4MiniflareOptions({
    modules: true, script: await bundle(), compatibilityDate: '2026-04-01', compatibilityFlags: ['nodejs_compat'], bindings: request.env,
    workflows: { SUBJECT: { name: request.name, className: 'KozeSubject' } }, log: new Log(LogLevel.ERROR), handleRuntimeStdio() {},
  }));
  const call = async (operation, args = {}) => {
    const response = await mf.dispatchFetch('http://localhost/', { method: 'POST', body: JSON.stringify({ operation, ...args }) });
    const answer = await response.json();
    if (answer.thrown !== undefined) throw Object.assign(new Error(answer.thrown.message), { name: answer.thrown.name });
    return answer;
  };
  try {
    const started = Date.now();
    const { id, events: observable } = await call('create', { id: request.id, skipSleeps: request.skipSleeps, ...('params' in request ? { params: request.params } : {}) });
    const waiting = request.actions.map((action) => ({ action, due: action.at === undefined ? null : started + action.at }));
    const actionResults = [];
    const history = [];
    let cursor = null;
    let status;
    let quietSince = null; // the end, or the last event after it
    for (;;) {
      if (observable) {
        for (const event of await call('events', { id, cursor, waitMs: 25 })) {
          cursor = event.eventId;
          history.push(event);
          quietSince = null;
          for (const item of waiting) if (item.due === null && item.action.after?.type === event.type && (item.action.after.step === undefined || item.action.after.step === event.stepName)) item.due = Date.now() + (item.action.delay_ms ?? 0);
        }
      } else await pause(25);
      for (const item of waiting.filter(({ due }) => due !== null && due <= Date.now())) {
        waiting.splice(waiting.indexOf(item), 1);
        const result = { do: item.action.do, result: 'ok' };
        try { await call('act', { id, action: item.action }); } catch (error) { result.result = `${error.name}: ${error.message}`; }
        actionResults.push(result);
        if (item.action.do === 'restart') { history.length = 0; cursor = null; }
      }
      status = await call('status', { id });
      const armed = waiting.some(({ due }) => due !== null);
      if (FINITE.has(status.status) && !armed && (!observable || history.some(({ type }) => TERMINAL.has(type)))) {
        quietSince ??= Date.now();
        if (!observable || Date.now() - quietSince >= AFTER_END_MS) break;
      }
      const limit = request.stopAfterMs ?? request.timeoutMs;
      if (Date.now() - started > limit) {
        if (request.stopAfterMs !== null && request.stopAfterMs !== undefined) break;
        return { failure: `the time limit of ${request.timeoutMs / 1000} s was reached; the instance was ${status.status}` };
      }
    }
    const end = history.findIndex(({ type }) => TERMINAL.has(type));
    const afterEnd = end < 0 ? [] : history.splice(end + 1);
    const result = { status: status.status, output: status.output, error: status.error };
    if (observable) {
      const completed = history.find(({ type }) => type === 'workflow_completed');
      result.output = completed === undefined ? null : 'output' in completed ? completed.output : { $undefined: true };
      if (completed !== undefined && JSON.stringify(result.output) !== JSON.stringify(status.output)) result.output_json = status.output;
      result.steps = stepsOf(history, status.outputs);
      result.history = history.map(short);
      if (afterEnd.length > 0) result.after_end = afterEnd.map(short);
    }
    if (actionResults.length > 0) result.action_results = actionResults;
    return { ...result, console: [], virtual_ms: Date.now() - started, events: history.map((event) => ({ event: short(event), at_ms: event.timestamp - history[0].timestamp })) };
  } finally { await mf.dispose(); }
};

const failureText = (error) => {
  const text = String(error?.errors?.[0]?.text ?? error?.message ?? error);
  // What the Worker around the workflow says where the file has no workflow class.
  if (/Class extends value undefined/.test(text)) return `no class of ${request.entry} extends WorkflowEntrypoint`;
  return text;
};
let answer;
try { answer = await run(); } catch (error) { answer = { failure: failureText(error) }; }
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
