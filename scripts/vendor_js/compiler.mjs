// What the compiler isolate needs: removal of types, a parser, scopes.
export { transform as stripTypes } from 'sucrase';
export { parse } from 'acorn';
export { analyze } from 'periscopic';
export { walk } from 'estree-walker';
export { default as isReference } from 'is-reference';
