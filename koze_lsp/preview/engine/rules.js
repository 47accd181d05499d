// Durations, names, configurations: what Cloudflare's engine accepts (local engine, workerd 1.20261117, observed).

const UNITS = { year: 31557600000, month: 2592000000, week: 604800000, day: 86400000, hour: 3600000, minute: 60000, second: 1000, m: 1 };

/** Milliseconds of a duration. An unknown unit counts as milliseconds; unreadable text is NaN. */
const duration = (e) => { // the parameter's name is in V8's message for what is no text
  if (!isNaN(+e)) return +e;
  const [, amount, unit] = e.match(/^([^ ]+) +(\w\w*?)s?$/) || [, e];
  return +amount * (UNITS[unit] || 1);
};

const MAX_NAME = 256;
const CONTROL = /[\x00-\x1f]/;
const validName = (name) => (name.length > MAX_NAME ? false : !CONTROL.test(name));
const INSTANCE_ID = /^[a-zA-Z0-9_][a-zA-Z0-9-_]*$/;
const validInstanceId = (id) => typeof id === 'string' && id.length <= 100 && INSTANCE_ID.test(id);

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isAmount = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const onlyKeys = (value, keys) => Object.keys(value).every((key) => keys.includes(key));

const validRetries = (retries) => isObject(retries) && onlyKeys(retries, ['delay', 'limit', 'backoff'])
  && (isAmount(retries.delay) || typeof retries.delay === 'string' || typeof retries.delay === 'function')
  && isAmount(retries.limit)
  && (retries.backoff === undefined || ['constant', 'linear', 'exponential'].includes(retries.backoff))
  && (typeof retries.delay === 'function' || !Number.isNaN(duration(retries.delay)));
const validTimeout = (timeout) => (isAmount(timeout) || typeof timeout === 'string') && timeout != 0 && !Number.isNaN(duration(timeout)); // eslint-disable-line eqeqeq
const validConfig = (config) => isObject(config) && onlyKeys(config, ['retries', 'timeout', 'sensitive'])
  && (config.retries === undefined || validRetries(config.retries))
  && (config.timeout === undefined || validTimeout(config.timeout))
  && (config.sensitive === undefined || config.sensitive === 'output');

const DYNAMIC = '[dynamic]';
const REDACTED = '[REDACTED]';
const LOCAL_RETRY_DELAY = 1000;
const PRODUCTION_RETRY_DELAY = 10000;
const DELAY_FUNCTION_TIMEOUT = 5000;

const withoutDynamicDelay = (config) => {
  const { delay, ...retries } = config.retries;
  return delay === DYNAMIC ? { ...config, retries } : { ...config, retries: { ...retries, delay } };
};

class DelayFunctionError extends Error { name = 'DelayFunctionError'; }
const INVALID_DELAY = 'returned an invalid delay value (expected a number of ms or a duration string like "30 seconds")';
const retryDelay = (config, attempt, delay) => {
  let base;
  try { base = duration(delay); } catch { throw new DelayFunctionError(INVALID_DELAY); }
  if (!Number.isFinite(base) || base < 0) throw new DelayFunctionError(INVALID_DELAY);
  switch (config.retries.backoff) {
    case 'exponential': return base * 2 ** (attempt - 1);
    case 'linear': return base * attempt;
    default: return base;
  }
};

class WorkflowTimeoutError extends Error { name = 'WorkflowTimeoutError'; }
class WorkflowFatalError extends Error { name = 'WorkflowFatalError'; }
class WorkflowInternalError extends Error { name = 'WorkflowInternalError'; }
class NonRetryableDelayError extends WorkflowFatalError { name = 'NonRetryableDelayError'; }
class WorkflowError extends Error { name = 'WorkflowError'; }
const workflowError = (message, code) => new WorkflowError(`(${code}) ${message}`);

const ABORT = {
  pause: 'Aborting engine: User called pause',
  restart: 'Aborting engine: User called restart',
  terminate: 'Aborting engine: User called terminate',
  nonRetryable: 'Aborting engine: A step threw a NonRetryableError',
  notSerialisable: 'Aborting engine: Value is not serialisable',
  delete: 'Aborting engine: User called delete',
  storage: 'Aborting engine: Storage limit exceeded',
  grace: 'Aborting engine: Grace period complete',
};
const ABORT_TEXTS = new Set(Object.values(ABORT));
const isAbortError = (error) => error !== null && typeof error === 'object' && ABORT_TEXTS.has(error.message);
const isNonRetryable = (error) => error instanceof Error && (error.name === 'NonRetryableError' || error.message.startsWith('NonRetryableError'));

const STEP_CONFIG_HELP = 'https://developers.cloudflare.com/workflows/build/sleeping-and-retrying/';
const parseRollback = (name, options) => {
  if (options === undefined) return undefined;
  if (!isObject(options)) throw new WorkflowFatalError(`Rollback options for "${name}" must be an object`);
  if (typeof options.rollback !== 'function') throw new WorkflowFatalError(`Rollback for "${name}" must be a function`);
  if (options.rollbackConfig !== undefined && !validConfig(options.rollbackConfig)) {
    throw new WorkflowFatalError(`Rollback config for "${name}" is in a invalid format. See ${STEP_CONFIG_HELP}`);
  }
  return options;
};
const NOT_NULL = 'NOT NULL constraint failed: priority_queue.target_timestamp: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_NOTNULL)';
