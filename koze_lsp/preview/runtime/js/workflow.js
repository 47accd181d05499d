// koze:workflow — workflowStatus with the framework's semantics, message for message.
// Source: the Koze framework, workflow runtime (MIT-licensed), behaviour of 0.0.x.
(function (kernel) {
  'use strict';

  function defaultUntil(value) {
    const status = value?.status;
    return status === 'complete' || status === 'completed' || status === 'errored' || status === 'terminated';
  }

  // An async value is the raw object itself, with three flags written onto it.
  function success(value) {
    const target = value === null || value === undefined ? {} : typeof value === 'object' ? value : Object(value);
    target.pending = false;
    target.error = null;
    target.success = true;
    return target;
  }

  function failure(message) {
    return { pending: false, error: message, success: false };
  }

  function pending() {
    return { pending: true, error: null, success: false };
  }

  function milliseconds(interval) {
    if (typeof interval === 'number') return interval > 0 ? interval : 30000;
    const match = String(interval).match(/^(\d+(?:\.\d+)?)(ms|s|m)?$/i);
    if (!match) return 30000;
    const amount = parseFloat(match[1]);
    const unit = (match[2] || 's').toLowerCase();
    return unit === 'ms' ? amount : unit === 'm' ? amount * 60000 : amount * 1000;
  }

  // The shorter interval wins, in its own spelling; the page is done when every call is.
  function register(interval, done) {
    const locals = kernel.locals();
    const existing = locals.__kozePoll;
    if (!existing) {
      locals.__kozePoll = { interval, done };
      return;
    }
    if (!(milliseconds(existing.interval) <= milliseconds(interval))) existing.interval = interval;
    existing.done = existing.done && done;
  }

  function refuse(call, options, message, done) {
    if (options?.poll) {
      register(options.poll, done);
      call.terminal = done;
    }
    call.error = message;
    return failure(message);
  }

  async function workflowStatus(name, instanceId, options) {
    const call = kernel.call(name, instanceId, options);
    const registry = kernel.registry();
    if (!registry || Object.keys(registry).length === 0) {
      const message = 'No workflows are registered for this project (did you add src/server/*.workflow.ts?)';
      return refuse(call, options, message, true);
    }
    const entry = registry[name];
    if (!entry) {
      const known = Object.keys(registry).join(', ') || '(none)';
      return refuse(call, options, `Unknown workflow '${name}'. Known workflows: ${known}`, true);
    }
    if (!instanceId) return refuse(call, options, 'Missing instanceId', true);
    const env = kernel.env();
    const binding = env?.[entry.binding];
    if (!binding || typeof binding.get !== 'function') {
      return refuse(call, options, `Workflow binding '${entry.binding}' is not available in env`, true);
    }
    try {
      const instance = await binding.get(instanceId);
      const raw = await instance.status();
      call.status = raw?.status;
      const value = success(raw);
      if (options?.poll) {
        const until = options.until ?? defaultUntil;
        let terminal = false;
        try {
          terminal = !!until(raw);
        } catch {
          terminal = false; // a predicate that throws has not said that it is over
        }
        register(options.poll, terminal);
        call.terminal = terminal;
      }
      return value;
    } catch (error) {
      // The instance may not exist yet: polling goes on.
      return refuse(call, options, error?.message || 'Failed to load workflow status', false);
    }
  }

  kernel.workflowStatus = workflowStatus;
  kernel.asyncValue = { success, failure, pending };
})
