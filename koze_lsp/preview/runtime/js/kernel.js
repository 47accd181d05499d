// The page's part of an isolate. The files of this folder are one scope, joined by host.py in this order: kernel,
// printing, environment, koze (with workflow in it), modules, request.
// Installed as the body of function (kernel). Built-ins are taken before any user code runs, so that a page that
// changes them spoils only its own output.
'use strict';
const { apply, stringify, push, then, NativePromise, NativeError, describeError } = Object.assign(
  { describeError: kernel.describeError },
  kernel.primordials,
);
const { keys, hasOwn, create } = Object;
const text = String;
const replace = kernel.primordials.uncurry(String.prototype.replace);
const resolved = (value) => NativePromise.resolve(value);

const page = { __proto__: null, registry: {}, render: null, booleans: new Set(), legacy: false };
let state = null; // of the current request
