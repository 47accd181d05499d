import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineTail } from '../../src/server/lineTail';

test('lines are whole even when chunks and characters are not', () => {
  const lines: string[] = [];
  const tail = new LineTail(2, (line) => lines.push(line));
  const bytes = new TextEncoder().encode('one\r\ntwö\nthree\nfour');
  tail.push(bytes.slice(0, 8)); // in the middle of ö
  tail.push(bytes.slice(8));
  assert.deepEqual(lines, ['one', 'twö', 'three']);
  assert.equal(tail.lastLine, 'four');
});

test('an empty stream has no last words', () => {
  assert.equal(new LineTail(2, () => undefined).lastLine, '');
});
