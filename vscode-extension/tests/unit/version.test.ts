import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionProblem } from '../../src/server/version';

test('a server of the range fits, others are named', () => {
  assert.equal(versionProblem('0.1.4', '^0.1.0'), undefined);
  assert.match(versionProblem('0.0.9', '^0.1.0') ?? '', /older/);
  assert.match(versionProblem('0.2.0', '^0.1.0') ?? '', /newer/);
});

test('what is no version is not judged', () => {
  assert.equal(versionProblem(undefined, '^0.1.0'), undefined);
  assert.equal(versionProblem('main', '^0.1.0'), undefined);
});
