// What a Worker knows as `step`: do, sleep, sleepUntil and waitForEvent of one run of an instance.

class Context {
  constructor(instance, rollbackOf = null) {
    this.instance = instance;
    this.generation = instance.generation;
    this.rollbackOf = rollbackOf; // key of the step that is rolled back
    this.counters = new Map();
    this.stepsStarted = 0;
  }

  count(name) {
    const value = (this.counters.get(name) ?? 0) + 1;
    this.counters.set(name, value);
    return value;
  }

  /** Goes on only while the instance's engine lives; an aborted engine never answers. */
  async alive(promise) {
    try {
      const value = await promise;
      if (this.generation !== this.instance.generation) await never();
      return value;
    } catch (error) {
      if (this.generation !== this.instance.generation) await never();
      throw error;
    }
  }

  throwIfPaused() {
    const { instance } = this;
    if (instance.gate.running > 0) return;
    if (instance.status === 'waitingForPause') { instance.pausedAt = kernel.now(); instance.setStatus('paused'); }
    if (instance.status === 'paused') throw new Error(ABORT.pause);
  }

  throwIfPausing() {
    if (this.instance.status === 'paused' || this.instance.status === 'waitingForPause') throw new Error(ABORT.pause);
  }

  // -- step.do

  async do(name, ...rest) {
    const call = this.parse(name, rest);
    if (this.instance.phase === 'rollback' && this.rollbackOf === null) throw new WorkflowFatalError('Cannot execute steps during rollback phase');
    if (this.rollbackOf === null) {
      const limit = this.instance.workflow.stepLimit;
      if (++this.stepsStarted > limit) throw new WorkflowFatalError(`The limit of ${limit} steps has been reached. This limit can be changed in your worker configuration.`);
    }
    if (!validName(name)) throw new WorkflowFatalError(`Step name "${nameText(name)}" exceeds max length (${MAX_NAME} chars) or invalid characters found`);
    if (!validConfig(call.config)) throw new WorkflowFatalError(`Step config for "${nameText(name)}" is in a invalid format. See ${STEP_CONFIG_HELP}`);
    const step = this.step(name, call);
    const known = this.instance.results.get(step.key);
    if (known !== undefined) return this.replay(step, known);
    if (this.instance.phase === 'replay' && this.rollbackOf === null) { this.register(step); return undefined; }
    const result = await this.alive(this.attempt(step));
    if (this.rollbackOf === null) this.throwIfPaused();
    return result;
  }

  parse(name, rest) {
    if (typeof rest[0] === 'function') return { config: {}, callback: rest[0], ...parseRollback(name, rest[1]) };
    if (typeof rest[1] !== 'function') throw new WorkflowFatalError(`Step "${nameText(name)}" requires a callback function`);
    return { config: rest[0] ?? {}, callback: rest[1], ...parseRollback(name, rest[2]) };
  }

  step(name, call) {
    const { instance } = this;
    const given = call.config.retries?.delay ?? instance.retryDelay();
    let config = {
      retries: { limit: 5, backoff: 'exponential', ...call.config.retries, delay: typeof given === 'function' ? DYNAMIC : given },
      timeout: '10 minutes',
    };
    config = { ...config, ...call.config, retries: config.retries };
    const rollback = this.rollbackOf !== null;
    const text = nameText(name);
    const count = rollback ? 1 : this.count(`run-${text}`);
    const key = rollback ? `rollback:${this.rollbackOf}` : `do:${text}:${count}`;
    config = instance.configs.get(key) ?? config; // the first configuration of a step is kept for good
    instance.configs.set(key, config);
    const delay = config.retries.delay === DYNAMIC ? (typeof given === 'function' ? given : instance.retryDelay()) : config.retries.delay;
    return { ...call, name, text, count, key, label: rollback ? text : `${text}-${count}`, config, delay, events: rollback ? 'rollback_' : '' };
  }

  register(step, output) {
    if (step.rollback === undefined || this.rollbackOf !== null) return;
    const { rollbacks } = this.instance;
    const attempt = this.instance.attempts.get(step.key) ?? 1;
    const context = { step: { name: step.name, count: step.count }, attempt, config: withoutDynamicDelay(step.config) };
    const known = rollbacks.get(step.key);
    rollbacks.set(step.key, { handler: step.rollback, config: step.rollbackConfig, ...known, context, ...(output === undefined ? {} : output) });
  }

  replay(step, known) {
    if ('error' in known) { this.register(step); throw known.error; }
    const value = known.bytes === undefined ? known.value : streamOf(known.bytes);
    this.register(step, { output: value });
    return normalize(value);
  }

  write(step, type, data) { this.instance.record.write(`${step.events}${type}`, step.key, step.label, data); }

  async attempt(step) {
    const { instance } = this;
    let done = instance.attempts.get(step.key) ?? 0;
    await this.alive(instance.gate.acquire());
    if (done === 0) {
      instance.startOrder.push({ key: step.key, label: step.label, rollback: step.rollback !== undefined });
      this.write(step, 'step_started', { step: { name: step.text, count: step.count }, ...recordedConfig(step.config) });
    } else await this.waitForRetry(step, done);
    for (;;) {
      done++;
      this.write(step, 'attempt_started', { attempt: done });
      instance.attempts.set(step.key, done);
      this.register(step);
      const outcome = await this.alive(this.runOnce(step, done));
      if (outcome.ok) return this.succeed(step, done, outcome);
      const again = await this.fail(step, done, outcome.error);
      if (again !== true) throw again ?? outcome.error;
      await this.alive(instance.gate.acquire());
    }
  }

  /** After a pause during a retry's delay: what is left of it. */
  async waitForRetry(step, done) {
    const { instance } = this;
    const due = instance.queue.get(`retry:${step.key}:${done}`);
    if (due === undefined) return;
    instance.gate.release();
    await this.alive(instance.sleepFor(due - kernel.now()).promise);
    await this.alive(instance.gate.acquire());
    instance.queue.delete(`retry:${step.key}:${done}`);
  }

  /** One call of the callback against its timeout. */
  async runOnce(step, attempt) {
    const { instance } = this;
    let timeout = null;
    try {
      const mock = world.mocks.take(instance, step, attempt);
      if (mock?.error !== undefined) throw crossError(mock.error);
      const expired = async () => {
        // At least a moment: a callback that does not wait is faster than any timeout.
        const ms = mock?.timeout === true ? 0 : Math.max(1, duration(step.config.timeout));
        timeout = timer(ms);
        await timeout.promise;
        throw new WorkflowTimeoutError(`Execution timed out after ${duration(step.config.timeout)}ms`);
      };
      if (mock?.timeout === true) await expired();
      if (mock !== null && 'result' in mock) return await this.store(step, attempt, mock.result);
      const failed = expired();
      failed.catch(() => {});
      const value = await this.alive(Promise.race([this.callback(step, attempt), failed]));
      return await this.store(step, attempt, value, failed);
    } catch (error) {
      return { ok: false, error };
    } finally {
      timeout?.cancel();
    }
  }

  /** Runs the callback in the Worker, as a task of its own, and brings its result over the border. */
  async callback(step, attempt) {
    const context = crossValue({ step: { name: step.name, count: step.count }, attempt, config: withoutDynamicDelay(step.config) });
    const { stepMs = 0 } = this.instance.options;
    this.instance.bodies++;
    try {
      if (stepMs > 0) await this.alive(timer(stepMs).promise); // so that a preview has something to show
      return crossValue(await inTask(() => step.callback(context), `step "${step.label}" (attempt ${attempt})`));
    } catch (error) {
      throw crossError(error);
    } finally {
      this.instance.bodies--;
    }
  }

  /** What a callback gave, in a form that can be kept; a value that can't be kept ends the instance. */
  async store(step, attempt, value, timeout = never()) {
    const { instance } = this;
    if (value instanceof ReadableStream) {
      try { return { ok: true, value: null, bytes: await this.alive(Promise.race([readStepStream(value), timeout])) }; } catch (error) {
        if (!(error instanceof StreamOutputError)) throw error;
        this.write(step, 'attempt_errored', { attempt, error: { name: 'WorkflowFatalError', message: error.message } });
        this.write(step, 'step_errored');
        instance.fatal(new WorkflowFatalError(`The execution of the Workflow instance was terminated, as the step "${step.text}" returned an invalid ReadableStream output. ${error.message}`));
        await never();
      }
    }
    if (whyUnstorable(value) !== null) {
      this.write(step, 'attempt_errored', { attempt, error: { name: 'WorkflowFatalError', message: `Value returned from step "${step.text}" is not serialisable` } });
      this.write(step, 'step_errored');
      instance.fatal(new WorkflowFatalError(`The execution of the Workflow instance was terminated, as the step "${step.text}" returned a value which is not serialisable`));
      await never();
    }
    if (tooLarge(value)) return { ok: false, error: new WorkflowInternalError(`Step ${step.label} output is too large. Maximum allowed size is 1MiB.`) };
    return { ok: true, value };
  }

  succeed(step, attempt, { value: kept, bytes }) {
    const { instance } = this;
    instance.results.set(step.key, bytes === undefined ? { value: kept } : { bytes });
    this.write(step, 'attempt_completed', { attempt });
    const value = bytes === undefined ? kept : streamOf(bytes);
    this.write(step, 'step_completed', { result: step.config.sensitive === 'output' ? REDACTED : recordedValue(kept, bytes) });
    this.register(step, { output: value });
    instance.gate.release();
    return value;
  }

  /** Logs a failed attempt; true = there is another one, and its delay is over; else the error of the step. */
  async fail(step, attempt, error) {
    const { instance } = this;
    if (isNonRetryable(error)) {
      const described = { name: 'WorkflowFatalError', message: `Step threw a NonRetryableError with message "${error.message}"` };
      this.write(step, 'attempt_errored', { attempt, error: described });
      this.write(step, 'step_errored');
      this.register(step);
      return error; // neither stored nor released: the engine's own behaviour
    }
    const another = attempt <= step.config.retries.limit;
    let delay;
    let final = error;
    if (another) {
      try { delay = await this.alive(this.delayOf(step, attempt, error)); } catch (reason) {
        if (!(reason instanceof DelayFunctionError)) throw reason;
        final = new NonRetryableDelayError(`The delay function for step "${step.label}" ${reason.message}`);
      }
    }
    this.write(step, 'attempt_errored', { attempt, error: { name: error.name, message: error.message }, retryDelayMs: delay });
    if (another && final === error) {
      await this.delayRetry(step, attempt, delay);
      return true;
    }
    instance.gate.release();
    this.write(step, 'step_errored');
    this.register(step);
    instance.results.set(step.key, { error: storedError(final) });
    return final;
  }

  async delayRetry(step, attempt, delay) {
    const { instance } = this;
    const key = `retry:${step.key}:${attempt}`;
    const ms = instance.skipRetryDelays ? 0 : delay;
    instance.queue.set(key, kernel.now() + ms);
    instance.gate.release();
    await this.alive(instance.pausable(instance.sleepFor(ms)));
    this.throwIfPausing();
    instance.queue.delete(key);
  }

  async delayOf(step, attempt, error) {
    if (typeof step.delay !== 'function') return retryDelay(step.config, attempt, step.delay);
    const context = { step: { name: step.name, count: step.count }, attempt, config: withoutDynamicDelay(step.config) };
    const timeout = timer(DELAY_FUNCTION_TIMEOUT);
    const call = (async () => {
      const input = { ctx: crossValue(context), error: clone(storedError(error)) };
      try { return { value: crossValue(await inTask(() => step.delay(input), `the delay function of step "${step.label}"`)) }; } catch (thrown) {
        throw new DelayFunctionError(`threw an error: ${crossError(thrown).message}`);
      }
    })();
    try {
      const result = await Promise.race([call, timeout.promise.then(() => null)]);
      if (result === null) throw new DelayFunctionError(`did not return within ${DELAY_FUNCTION_TIMEOUT / 1000} seconds`);
      return retryDelay(step.config, attempt, result.value);
    } finally { timeout.cancel(); }
  }

  // -- step.sleep and step.sleepUntil

  async sleep(name, length) {
    const { instance } = this;
    if (instance.phase === 'replay') return;
    const span = typeof length === 'string' ? duration(length) : length;
    const text = nameText(name);
    const count = this.count(`sleep-${text}${span.toString()}`);
    const key = `sleep:${text}:${span.toString()}:${count}`;
    const label = `${text}-${count}`;
    if (instance.sleeps.has(key)) return this.resumeSleep(key, label);
    instance.record.write('sleep_started', key, label, { step: { name: text, count }, durationMs: recordedJson(span) });
    instance.sleeps.set(key, 'open');
    const due = kernel.now() + (instance.skipSleeps ? 0 : span);
    if (Number.isNaN(due)) throw new Error(NOT_NULL);
    instance.queue.set(key, due);
    await this.alive(instance.pausable(instance.sleepFor(instance.skipSleeps ? 0 : span, label)));
    this.throwIfPausing();
    this.endSleep(key, label);
  }

  async resumeSleep(key, label) {
    const { instance } = this;
    const due = instance.queue.get(key);
    if (due !== undefined) {
      const { aborted } = await this.alive(instance.pausable(instance.sleepFor(due - kernel.now(), label)));
      if (aborted) throw new Error(ABORT.pause);
      this.throwIfPausing();
    }
    if (instance.sleeps.get(key) === 'open') this.endSleep(key, label);
  }

  endSleep(key, label) {
    const { instance } = this;
    instance.queue.delete(key);
    instance.sleeps.set(key, 'done');
    instance.record.write('sleep_completed', key, label);
  }

  async sleepUntil(name, time) {
    if (this.instance.phase === 'replay') return;
    const until = time instanceof Date ? time.valueOf() : time;
    if (until < kernel.now()) throw new Error("You can't sleep until a time in the past, time-traveler");
    await this.sleep(name, until - kernel.now());
  }

  // -- step.waitForEvent

  async waitForEvent(name, options) {
    const { instance } = this;
    if (instance.phase === 'rollback') throw new WorkflowFatalError('Cannot execute steps during rollback phase');
    if (!options.timeout) options.timeout = '24 hours';
    const length = options.timeout;
    const text = nameText(name);
    const count = this.count(`waitForEvent-${text}`);
    const key = `wait:${text}:${count}`;
    const label = `${text}-${count}`;
    const expired = new WorkflowTimeoutError(`Execution timed out after ${duration(length)}ms`);
    const known = instance.results.get(key);
    if (instance.phase === 'replay') return known?.value;
    if (known !== undefined) { if ('error' in known) throw known.error; return known.value; }
    if (!instance.waits.has(key)) {
      instance.record.write('wait_started', key, label, { step: { name: text, count }, ...(logText(options.type) === undefined ? {} : { eventType: recordedJson(options.type) }) });
      instance.waits.add(key);
    }
    const due = instance.queue.get(key);
    const forced = world.mocks.timesOut(instance, text, label);
    if (forced || (due === undefined && instance.pastTimeouts.has(key)) || (due !== undefined && due < kernel.now())) return this.expire(key, label, expired);
    const wait = instance.waiter(options.type, key);
    const timeout = { cancel() {} };
    try {
      const event = await this.alive(instance.pausable({ promise: Promise.race([wait.promise, this.waitTimeout(key, label, due, length, expired, timeout)]) }));
      if (event.aborted) throw new Error(ABORT.pause);
      instance.queue.delete(key);
      instance.record.write('wait_completed', key, label, { payload: recordedJson(event.value.payload) });
      instance.results.set(key, { value: event.value });
      return event.value;
    } catch (error) {
      if (isAbortError(error)) throw error;
      wait.forget();
      return this.expire(key, label, error);
    } finally { timeout.cancel(); }
  }

  async waitTimeout(key, label, due, length, expired, timeout) {
    const { instance } = this;
    let ms = due === undefined ? duration(length) : due - kernel.now();
    if (due === undefined) {
      if (Number.isNaN(kernel.now() + ms)) throw new Error(NOT_NULL);
      instance.queue.set(key, kernel.now() + ms);
    }
    ms = milliseconds(ms);
    const sleeping = instance.sleepFor(ms, label);
    timeout.cancel = sleeping.cancel;
    await sleeping.promise;
    instance.queue.delete(key);
    throw expired;
  }

  expire(key, label, error) {
    const { instance } = this;
    instance.queue.delete(key);
    instance.record.write('wait_timed_out', key, label);
    instance.results.set(key, { error: storedError(error) });
    throw error;
  }
}
