import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrashPolicy } from '../../src/server/crashPolicy';

test('four crashes are forgiven with growing pauses, the fifth is the last', () => {
  const policy = new CrashPolicy();
  const verdicts = [0, 10, 20, 30, 40].map((now) => policy.record(now));
  assert.deepEqual(verdicts, [
    { restart: true, delayMs: 0 },
    { restart: true, delayMs: 250 },
    { restart: true, delayMs: 500 },
    { restart: true, delayMs: 1000 },
    { restart: false },
  ]);
});

test('a crash long ago does not count', () => {
  const policy = new CrashPolicy({ crashes: 2, windowMs: 1000 });
  assert.equal(policy.record(0).restart, true);
  assert.equal(policy.record(1000).restart, true);
  assert.equal(policy.record(1999).restart, false);
});

test('after a restart by hand the count starts at nothing', () => {
  const policy = new CrashPolicy({ crashes: 2, windowMs: 1000 });
  policy.record(0);
  policy.forget();
  assert.equal(policy.count, 0);
  assert.equal(policy.record(1).restart, true);
});
