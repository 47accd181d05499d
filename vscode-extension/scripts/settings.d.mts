type Manifest = { contributes: { configuration: { properties: Record<string, unknown> } } };
export function merge(manifest: object, schema: object): Manifest;
