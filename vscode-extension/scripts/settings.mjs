// How the server's settings become VS Code's. No I/O: scripts/generate-settings.mjs reads and writes.

/** Settings of the extension itself: written by hand, never touched. */
const OWN = /^koze\.(?:server|trace)\./;

/** Said by the client, not set by anyone: whether the workspace is trusted. */
const SAID = 'koze.preview.trusted';

/** The manifest with the server's settings first, in the schema's order, then the extension's own. */
export function merge(manifest, schema) {
  const before = Object.entries(manifest.contributes.configuration.properties);
  const own = before.filter(([key]) => OWN.test(key));
  const theirs = Object.entries(schema.properties ?? {})
    .filter(([key]) => key.startsWith('koze.') && !OWN.test(key) && key !== SAID)
    .map(([key, value]) => [key, setting(value)]);
  if (theirs.length === 0) {
    throw new Error('the schema has no setting that starts with koze.: nothing was changed');
  }
  const properties = Object.fromEntries([...theirs, ...own]);
  const configuration = { ...manifest.contributes.configuration, properties };
  return { ...manifest, contributes: { ...manifest.contributes, configuration } };
}

/** Descriptions are written with backticks, which VS Code renders only under another key. */
function setting({ description, ...rest }) {
  const text = description === undefined ? {} : { markdownDescription: description };
  return { ...text, scope: 'resource', ...rest };
}
