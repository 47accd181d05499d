import assert from 'node:assert/strict';
import { test } from 'node:test';
import { merge } from '../../scripts/settings.mjs';

const SCHEMA = {
  properties: {
    'koze.rules': {
      type: 'object',
      properties: { 'poll-unit': { enum: ['off', 'error'] } },
      description: '`off`',
    },
    'koze.poll.minimum': { type: 'number', default: 250 },
    'koze.preview.trusted': { type: 'boolean' },
  },
};

function manifest(properties: object) {
  return { contributes: { configuration: { title: 'Koze', properties } } };
}

test("the server's settings are taken over, described in Markdown", () => {
  const { properties } = merge(manifest({}), SCHEMA).contributes.configuration;
  assert.deepEqual(properties, {
    'koze.rules': {
      markdownDescription: '`off`',
      scope: 'resource',
      type: 'object',
      properties: { 'poll-unit': { enum: ['off', 'error'] } },
    },
    'koze.poll.minimum': { scope: 'resource', type: 'number', default: 250 },
  });
});

test("the extension's own settings stay, the server's old ones go", () => {
  const merged = merge(manifest({ 'koze.old': {}, 'koze.server.path': { default: '' } }), SCHEMA);
  const keys = Object.keys(merged.contributes.configuration.properties);
  assert.deepEqual(keys, ['koze.rules', 'koze.poll.minimum', 'koze.server.path']);
});

test('an empty schema never empties the manifest', () => {
  assert.throws(() => merge(manifest({}), {}), /nothing was changed/);
});
