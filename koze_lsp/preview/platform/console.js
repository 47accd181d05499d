// A console that records: level, arguments (encoded) and virtual time, bounded in number and size.
'use strict';
const { now, exceed, parts } = kernel;
const { stringify, push, splice } = kernel.primordials;

const entries = [];
const bounds = { entries: 1000, characters: 1 << 20 };
const used = { entries: 0, characters: 0 };

const shown = (value) => {
  try { return parts.encode(value); } catch (error) { return `[${kernel.describeError(error).message}]`; }
};
const record = (level, args) => {
  const encoded = [];
  for (let i = 0; i < args.length; i++) push(encoded, shown(args[i]));
  used.entries++;
  used.characters += stringify(encoded).length;
  if (used.entries > bounds.entries || used.characters > bounds.characters) {
    const message = `the console limit was reached (${bounds.entries} calls, ${bounds.characters} characters)`;
    exceed('console', message);
    throw new Error(message);
  }
  push(entries, { level, args: encoded, at_ms: now() - kernel.epoch });
};

const console = {};
for (const level of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table', 'dirxml', 'group', 'groupCollapsed', 'groupEnd', 'count', 'countReset', 'time', 'timeLog', 'timeEnd', 'clear']) {
  parts.install(console, level, { [level](...args) { record(level, args); } }[level]);
}
parts.install(console, 'assert', { assert(condition, ...args) { if (!condition) record('assert', [condition, ...args]); } }.assert);
parts.install(globalThis, 'console', console);

parts.consoleEntries = entries;
kernel.api.takeConsole = () => splice(entries, 0);
kernel.api.consoleBounds = (maxEntries, maxCharacters) => { bounds.entries = maxEntries; bounds.characters = maxCharacters; };
kernel.api.resetConsole = () => { used.entries = 0; used.characters = 0; };
