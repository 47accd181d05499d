import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingOf, classOf, nameProblem, skeleton } from '../../src/workflowName';

test('names become bindings and classes as in the framework', () => {
  assert.equal(bindingOf('data-sync'), 'DATA_SYNC_WORKFLOW');
  assert.equal(bindingOf('dataSync'), 'DATASYNC_WORKFLOW');
  assert.equal(classOf('data-sync'), 'DataSyncWorkflow');
  assert.equal(classOf('migration'), 'MigrationWorkflow');
});

test('a name that gives no binding is refused', () => {
  for (const name of ['', '1st', 'a b', 'a.b', 'ä', '../up', '-x']) {
    assert.notEqual(nameProblem(name), undefined, name);
  }
  for (const name of ['a', 'data-sync', 'data_sync', 'v2']) {
    assert.equal(nameProblem(name), undefined, name);
  }
});

test('the skeleton exports the class that the binding names', () => {
  assert.match(skeleton('data-sync'), /export class DataSyncWorkflow extends WorkflowEntrypoint/);
});
