'use strict';

const assert = require('node:assert/strict');
const vscode = require('vscode');
const { EXTENSION, open, runAll } = require('../harness');

// A workspace with HTML, TypeScript and a wrangler file, but no Koze.
module.exports.run = () =>
  runAll({
    'without Koze the extension is not even loaded': async () => {
      for (const file of ['index.html', 'src/main.ts', 'wrangler.jsonc', 'package.json']) {
        await open(...file.split('/'));
      }
      await new Promise((resolve) => setTimeout(resolve, 4000));
      const extension = vscode.extensions.getExtension(EXTENSION);
      assert.ok(extension, 'it is installed');
      assert.equal(extension.isActive, false);
    },
  });
