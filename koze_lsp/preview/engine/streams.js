// ReadableStream, WritableStream, TransformStream and the text streams: the parts of the Streams standard that server
// code meets. Byte streams and BYOB readers work as ordinary ones.

const CLOSED = Symbol('closed');
const streamState = new WeakMap(); // ReadableStream → {queue, waiting, status, error, source, reader, …}

const invalid = (message) => new TypeError(message);
const stateOf = (stream) => {
  const state = streamState.get(stream);
  if (state === undefined) throw invalid('Illegal invocation: function called with incorrect `this` reference.');
  return state;
};
const failStream = (state, reason) => {
  if (state.status !== 'open') return;
  state.status = 'errored';
  state.error = reason;
  state.queue.length = 0;
  for (const { reject } of state.waiting.splice(0)) reject(reason);
  state.ended.reject(reason);
};
const endStream = (state) => {
  if (state.status !== 'open') return;
  state.status = 'closed';
  for (const { resolve } of state.waiting.splice(0)) resolve({ done: true, value: undefined });
  state.ended.resolve();
};
/** Asks the source for more while somebody waits for it or the queue has room. */
const pullMore = (state) => {
  if (state.pulling || state.status !== 'open' || state.closing || typeof state.source.pull !== 'function') return;
  if (state.waiting.length === 0 && state.queue.length >= state.room) return;
  state.pulling = true;
  const { promise, resolve } = Promise.withResolvers();
  promise.then(() => state.source.pull(state.controller)).then(() => {
    state.pulling = false;
    if (state.pulledNothing === state.enqueued && state.waiting.length === 0) return;
    state.pulledNothing = state.enqueued;
    pullMore(state);
  }, (error) => failStream(state, error));
  resolve();
};

class ReadableStreamDefaultController {
  #state;
  constructor(state) { this.#state = state; }
  get desiredSize() { return this.#state.status === 'errored' ? null : this.#state.status === 'closed' ? 0 : this.#state.room - this.#state.queue.length; }
  enqueue(chunk) {
    const state = this.#state;
    if (state.status !== 'open' || state.closing) throw invalid('Unable to enqueue');
    state.enqueued++;
    if (state.waiting.length > 0) state.waiting.shift().resolve({ done: false, value: chunk });
    else state.queue.push(chunk);
    pullMore(state);
  }
  close() {
    const state = this.#state;
    if (state.status !== 'open' || state.closing) throw invalid('Unable to close');
    state.closing = true;
    if (state.queue.length === 0) endStream(state);
  }
  error(reason) { failStream(this.#state, reason); }
}

const readFrom = (state) => {
  if (state.status === 'errored') return Promise.reject(state.error);
  if (state.queue.length > 0) {
    const value = state.queue.shift();
    if (state.closing && state.queue.length === 0) endStream(state);
    pullMore(state);
    return Promise.resolve({ done: false, value });
  }
  if (state.status === 'closed') return Promise.resolve({ done: true, value: undefined });
  const waiting = Promise.withResolvers();
  state.waiting.push(waiting);
  pullMore(state);
  return waiting.promise;
};
const cancelStream = async (state, reason) => {
  if (state.status === 'errored') throw state.error;
  if (state.status === 'closed') return;
  state.queue.length = 0;
  endStream(state);
  await state.source.cancel?.(reason);
};

class ReadableStreamDefaultReader {
  #state;
  constructor(stream) {
    const state = stateOf(stream);
    if (state.reader !== null) throw invalid('This ReadableStream is currently locked to a reader.');
    state.reader = this;
    this.#state = state;
  }
  #mine() {
    if (this.#state === null) throw invalid('This ReadableStream reader has been released.');
    return this.#state;
  }
  get closed() { return this.#state === null ? Promise.reject(invalid('This ReadableStream reader has been released.')) : this.#state.ended.promise; }
  async read() { return await readFrom(this.#mine()); }
  async cancel(reason) { return await cancelStream(this.#mine(), reason); }
  releaseLock() { if (this.#state !== null) { this.#state.reader = null; this.#state = null; } }
}

class ReadableStream {
  constructor(source = {}, { highWaterMark = source?.type === 'bytes' ? 0 : 1 } = {}) {
    const state = {
      source: source ?? {}, room: highWaterMark, queue: [], waiting: [], status: 'open', error: undefined, closing: false, reader: null,
      pulling: true, enqueued: 0, pulledNothing: -1, ended: Promise.withResolvers(),
    };
    state.ended.promise.catch(() => {});
    state.controller = new ReadableStreamDefaultController(state);
    streamState.set(this, state);
    const started = typeof state.source.start === 'function' ? state.source.start(state.controller) : undefined;
    Promise.resolve(started).then(() => { state.pulling = false; pullMore(state); }, (error) => failStream(state, error));
  }
  static from(items) {
    const iterator = items[Symbol.asyncIterator]?.() ?? items[Symbol.iterator]();
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close(); else controller.enqueue(await value);
      },
      async cancel(reason) { await iterator.return?.(reason); },
    }, { highWaterMark: 0 });
  }
  get locked() { return stateOf(this).reader !== null; }
  getReader() { return new ReadableStreamDefaultReader(this); }
  async cancel(reason) {
    const state = stateOf(this);
    if (state.reader !== null) throw invalid('This ReadableStream is currently locked to a reader.');
    return await cancelStream(state, reason);
  }
  tee() {
    const reader = this.getReader();
    const branches = [];
    let reading = null;
    const next = () => { // one read serves both branches
      reading ??= reader.read().then(({ done, value }) => {
        reading = null;
        for (const branch of branches) if (branch.status === 'open') { if (done) branch.controller.close(); else branch.controller.enqueue(value); }
      }, (error) => { for (const branch of branches) failStream(branch, error); });
      return reading;
    };
    const made = [0, 1].map(() => new ReadableStream({ pull: next }, { highWaterMark: 0 }));
    for (const stream of made) branches.push(stateOf(stream));
    return made;
  }
  async pipeTo(target, { preventClose = false } = {}) {
    const reader = this.getReader();
    const writer = target.getWriter();
    try {
      for (let item = await reader.read(); !item.done; item = await reader.read()) await writer.write(item.value);
      if (!preventClose) await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => {});
      throw error;
    } finally { reader.releaseLock(); writer.releaseLock(); }
  }
  pipeThrough({ readable, writable }, options) {
    this.pipeTo(writable, options).catch(() => {});
    return readable;
  }
  values({ preventCancel = false } = {}) {
    const reader = this.getReader();
    return {
      async next() {
        const item = await reader.read();
        if (item.done) reader.releaseLock();
        return item;
      },
      async return(value) {
        if (!preventCancel) await reader.cancel(value).catch(() => {});
        reader.releaseLock();
        return { done: true, value };
      },
      [Symbol.asyncIterator]() { return this; },
    };
  }
  [Symbol.asyncIterator]() { return this.values(); }
}

class WritableStreamDefaultWriter {
  #stream;
  constructor(stream) {
    if (stream.locked) throw invalid('This WritableStream is currently locked to a writer.');
    stream[CLOSED].writer = this;
    this.#stream = stream;
    this.ready = Promise.resolve();
  }
  get closed() { return this.#stream[CLOSED].ended.promise; }
  get desiredSize() { return 1; }
  write(chunk) { return this.#stream[CLOSED].run('write', chunk); }
  close() { return this.#stream[CLOSED].run('close'); }
  abort(reason) { return this.#stream[CLOSED].run('abort', reason); }
  releaseLock() { this.#stream[CLOSED].writer = null; }
}
class WritableStream {
  constructor(sink = {}) {
    const state = { writer: null, status: 'open', error: undefined, ended: Promise.withResolvers(), last: Promise.resolve() };
    state.ended.promise.catch(() => {});
    const controller = { error(reason) { state.status = 'errored'; state.error = reason; state.ended.reject(reason); }, signal: AbortSignal.any([]) };
    state.last = Promise.resolve(sink.start?.(controller));
    const perform = async (operation, argument) => {
      if (state.status === 'errored') throw state.error;
      if (state.status === 'closed') throw invalid('This WritableStream has been closed.');
      try {
        if (operation === 'write') await sink.write?.(argument, controller);
        else if (operation === 'close') { await sink.close?.(controller); state.status = 'closed'; state.ended.resolve(); } else {
          await sink.abort?.(argument);
          controller.error(argument);
        }
      } catch (error) { controller.error(error); throw error; }
    };
    state.run = (operation, argument) => {
      const run = state.last.catch(() => {}).then(() => perform(operation, argument));
      run.catch(() => {});
      state.last = run;
      return run;
    };
    install(this, CLOSED, state);
  }
  get locked() { return this[CLOSED].writer !== null; }
  getWriter() { return new WritableStreamDefaultWriter(this); }
  async close() { return await this[CLOSED].run('close'); }
  async abort(reason) { return await this[CLOSED].run('abort', reason); }
}

class TransformStream {
  constructor(transformer = {}) {
    let out;
    this.readable = new ReadableStream({ start(controller) { out = controller; } });
    const controller = {
      enqueue: (chunk) => out.enqueue(chunk), error: (reason) => out.error(reason), terminate: () => out.close(),
      get desiredSize() { return out.desiredSize; },
    };
    const transform = transformer?.transform ?? ((chunk) => out.enqueue(chunk));
    this.writable = new WritableStream({
      start: () => transformer?.start?.(controller),
      write: (chunk) => transform.call(transformer, chunk, controller),
      async close() { await transformer?.flush?.(controller); if (stateOf(self.readable).status === 'open') out.close(); },
      abort: (reason) => out.error(reason),
    });
    const self = this;
  }
}
class IdentityTransformStream extends TransformStream {}
class TextEncoderStream extends TransformStream {
  constructor() { super({ transform(chunk, controller) { controller.enqueue(new TextEncoder().encode(`${chunk}`)); } }); this.encoding = 'utf-8'; }
}
class TextDecoderStream extends TransformStream {
  constructor(label, options) {
    const decoder = new TextDecoder(label, options);
    super({
      transform(chunk, controller) { const text = decoder.decode(chunk, { stream: true }); if (text !== '') controller.enqueue(text); },
      flush(controller) { const text = decoder.decode(); if (text !== '') controller.enqueue(text); },
    });
    this.encoding = decoder.encoding;
  }
}
for (const item of [
  ReadableStream, ReadableStreamDefaultReader, ReadableStreamDefaultController, WritableStream, WritableStreamDefaultWriter,
  TransformStream, IdentityTransformStream, TextEncoderStream, TextDecoderStream,
]) install(globalThis, item.name, item);

const MAX_CHUNK = 16 * 1024 * 1024;
class StreamOutputError extends Error {}
/** The bytes of a stream that a step returned; throws a `StreamOutputError` where the engine ends the instance. */
const readStepStream = async (stream) => {
  const unreadable = 'Step returned a ReadableStream that is already locked or otherwise unreadable. Return a fresh, unlocked ReadableStream from step.do().';
  if (stream.locked) throw new StreamOutputError(unreadable);
  const reader = stream.getReader();
  const parts = [];
  for (;;) {
    let item;
    try { item = await reader.read(); } catch (error) {
      throw new StreamOutputError(`Failed to read from step ReadableStream output. ${error instanceof Error ? error.message : String(error)}`);
    }
    if (item.done) break;
    const { value } = item;
    if (typeof value === 'string') parts.push(new TextEncoder().encode(value)); // text becomes bytes on its way to the engine
    else if (value instanceof ArrayBuffer) parts.push(new Uint8Array(value));
    else if (ArrayBuffer.isView(value) && !(value instanceof DataView)) parts.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else throw new StreamOutputError('Step returned a ReadableStream with unsupported chunk type. Only ArrayBuffer and TypedArray chunks are supported.');
    if (parts.at(-1).byteLength > MAX_CHUNK) {
      throw new StreamOutputError(`Step returned a ReadableStream chunk larger than the maximum allowed size of ${MAX_CHUNK} bytes. Return smaller chunks from step.do().`);
    }
  }
  return joinBytes(parts);
};
const joinBytes = (parts) => {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) { out.set(part, at); at += part.byteLength; }
  return out;
};
const streamOf = (bytes) => new ReadableStream({ start(controller) { if (bytes.byteLength > 0) controller.enqueue(bytes.slice()); controller.close(); } });
