// Takes away what bare V8 and the host put into the global object: real time, threads, WebAssembly, and
// callbacks that V8 runs between calls from Python, where no time limit could stop them.
'use strict';
for (const name of ['__timer_manager', 'setTimeout', 'clearTimeout', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'console', 'FinalizationRegistry']) {
  // `var` globals of the host can't be deleted: they are overwritten.
  if (!Reflect.deleteProperty(globalThis, name)) globalThis[name] = undefined;
}
