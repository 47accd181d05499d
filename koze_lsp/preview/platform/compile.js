// Runs in the compiler's own isolate, never beside user code: removes types and turns ES modules into functions.
//
// A module becomes a generator. Its first run, up to `yield`, only tells its exports (functions are hoisted,
// `let` and `const` are still in their dead zone, as in a real module); its second run is the evaluation.
// Lines are kept. `columns` is per generated line [generatedColumn, sourceColumn, …], from 0, only where they differ.
'use strict';
const { stripTypes, parse, analyze, walk, isReference } = compiler;

// ---- Columns ---------------------------------------------------------------------------------------------

const BASE64 = new Map([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].map((c, i) => [c, i]));

/** The rows of a source map's `mappings` for a tool that keeps lines. */
const decodeMappings = (mappings) => {
  let column = 0;
  return mappings.split(';').map((line) => {
    let generated = 0;
    let delta = 0;
    const row = [];
    for (const segment of line === '' ? [] : line.split(',')) {
      const fields = [];
      let value = 0;
      let shift = 0;
      for (const character of segment) {
        const digit = BASE64.get(character);
        value |= (digit & 31) << shift;
        if (digit & 32) { shift += 5; continue; }
        fields.push(value & 1 ? -(value >> 1) : value >> 1);
        value = 0;
        shift = 0;
      }
      generated += fields[0];
      if (fields.length < 4) continue;
      column += fields[3];
      if (column - generated !== delta) { row.push(generated, column); delta = column - generated; }
    }
    return row;
  });
};

const mapThrough = (row, column) => {
  let best = -1;
  for (let i = 0; row !== undefined && i < row.length && row[i] <= column; i += 2) best = i;
  return best < 0 ? column : row[best + 1] + (column - row[best]);
};

/** Rows final → middle, then middle → source, as rows final → source. */
const compose = (outer, inner) => outer.map((row, line) => {
  const known = inner[line] ?? [];
  if (row.length === 0) return known;
  const pieces = row[0] === 0 ? row : [0, 0, ...row];
  const out = [];
  for (let i = 0; i < pieces.length; i += 2) {
    const [at, middle] = [pieces[i], pieces[i + 1]];
    const end = i + 2 < pieces.length ? middle + (pieces[i + 2] - at) : Infinity;
    out.push(at, mapThrough(known, middle));
    for (let j = 0; j < known.length; j += 2) {
      if (known[j] > middle && known[j] < end) out.push(at + (known[j] - middle), known[j + 1]);
    }
  }
  return out;
});

// ---- Errors ----------------------------------------------------------------------------------------------

const syntaxError = (message, line, column) => {
  const error = new Error(message);
  error.name = 'SyntaxError';
  error.at = { line, column };
  return error;
};
const POSITION = /\s*\((\d+):(\d+)\)$/;

// ---- Removing types --------------------------------------------------------------------------------------

const strip = (source) => {
  let result;
  try {
    result = stripTypes(source, {
      transforms: ['typescript'], disableESTransforms: true, filePath: 'source', sourceMapOptions: { compiledFilename: 'source' },
    });
  } catch (error) {
    const message = String(error.message).replace(/^Error transforming source: /, '');
    const at = POSITION.exec(message);
    if (at === null) throw syntaxError(message, 1, 1);
    throw syntaxError(message.replace(POSITION, ''), Number(at[1]), Number(at[2]));
  }
  return { code: result.code, columns: decodeMappings(result.sourceMap.mappings) };
};

const parseModule = (code, columns, options = {}) => {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true, ...options });
  } catch (error) {
    if (error.loc === undefined) throw error;
    const { line, column } = error.loc;
    const message = String(error.message).replace(POSITION, '');
    if (code[error.pos] === '@') {
      throw syntaxError('decorators are not supported by the preview', line, mapThrough(columns[line - 1], column) + 1);
    }
    throw syntaxError(message, line, mapThrough(columns[line - 1], column) + 1);
  }
};

// ---- Editing a text and keeping its columns ----------------------------------------------------------------

class Edits {
  constructor(code) { this.code = code; this.list = []; }
  replace(start, end, text) { this.list.push({ start, end, text }); }
  insert(at, text) { this.list.push({ start: at, end: at, text }); }
  /** Removed text keeps its line breaks. */
  remove(start, end) { this.replace(start, end, this.code.slice(start, end).replace(/[^\n]+/g, '')); }
  apply() {
    this.list.sort((a, b) => a.start - b.start || a.end - b.end);
    const rows = [[]];
    let out = '';
    let generated = 0; // column in the last line of `out`
    let source = 0; // column in the source line
    let delta = 0;
    const copy = (text, tracked) => {
      for (let from = 0; ;) {
        if (tracked && source - generated !== delta) { rows.at(-1).push(generated, source); delta = source - generated; }
        const end = text.indexOf('\n', from);
        if (end < 0) { generated += text.length - from; if (tracked) source += text.length - from; break; }
        rows.push([]);
        generated = 0;
        if (tracked) source = 0;
        delta = 0;
        from = end + 1;
        if (!tracked) source = 0;
      }
      out += text;
    };
    let position = 0;
    for (const { start, end, text } of this.list) {
      if (start > position) copy(this.code.slice(position, start), true);
      const removed = this.code.slice(start, end);
      copy(text, false);
      const last = removed.lastIndexOf('\n');
      source = last < 0 ? source + removed.length : removed.length - last - 1;
      position = Math.max(position, end);
    }
    if (position < this.code.length) copy(this.code.slice(position), true);
    return { code: out, columns: rows };
  }
}

// ---- Modules -----------------------------------------------------------------------------------------------

const nameOf = (node) => (node.type === 'Literal' ? node.value : node.name);
const member = (object, name) => (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`);

const patternNames = (node, out = []) => {
  if (node === null) return out;
  switch (node.type) {
    case 'Identifier': out.push(node.name); break;
    case 'ObjectPattern': for (const item of node.properties) patternNames(item.type === 'RestElement' ? item.argument : item.value, out); break;
    case 'ArrayPattern': for (const item of node.elements) patternNames(item, out); break;
    case 'RestElement': patternNames(node.argument, out); break;
    case 'AssignmentPattern': patternNames(node.left, out); break;
  }
  return out;
};

class ModuleTransform {
  constructor(code, columns) {
    this.code = code;
    this.columns = columns;
    this.edits = new Edits(code);
    this.sources = []; // {specifier, names: [{name, line, column}], line, column}
    this.imported = new Map(); // local name → text that reads it
    this.exports = []; // [exported name, text that reads it]
    this.reexports = []; // {name, source, imported} (imported null = the namespace)
    this.stars = []; // indices of sources
    this.dynamic = new Set();
    this.asynchronous = false;
    this.program = parseModule(code, columns, { locations: true });
  }

  at(node) {
    const { line, column } = node.loc.start;
    return { line, column: mapThrough(this.columns[line - 1], column) + 1 };
  }

  source(node) {
    const specifier = node.value;
    let index = this.sources.findIndex((item) => item.specifier === specifier);
    if (index < 0) { index = this.sources.length; this.sources.push({ specifier, names: [], ...this.at(node) }); }
    return index;
  }

  import(node) {
    const index = this.source(node.source);
    const object = `$koze_i${index}`;
    for (const item of node.specifiers) {
      if (item.type === 'ImportNamespaceSpecifier') { this.imported.set(item.local.name, object); continue; }
      const name = item.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(item.imported);
      this.imported.set(item.local.name, member(object, name));
      this.sources[index].names.push({ name, ...this.at(item) });
    }
    this.edits.remove(node.start, node.end);
  }

  exportNamed(node) {
    if (node.source) {
      const index = this.source(node.source);
      for (const item of node.specifiers) this.reexports.push({ name: nameOf(item.exported), source: index, imported: nameOf(item.local) });
      this.edits.remove(node.start, node.end);
      return;
    }
    if (node.declaration === null) {
      for (const item of node.specifiers) this.exports.push([nameOf(item.exported), nameOf(item.local)]);
      this.edits.remove(node.start, node.end);
      return;
    }
    const { declaration } = node;
    const names = declaration.type === 'VariableDeclaration'
      ? declaration.declarations.flatMap((item) => patternNames(item.id)) : [declaration.id.name];
    for (const name of names) this.exports.push([name, name]);
    this.edits.remove(node.start, declaration.start);
  }

  exportDefault(node) {
    const { declaration } = node;
    const declares = declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration';
    if (declares && declaration.id) {
      this.exports.push(['default', declaration.id.name]);
      this.edits.remove(node.start, declaration.start);
    } else if (declaration.type === 'FunctionDeclaration') {
      this.exports.push(['default', '$koze_default']);
      this.edits.remove(node.start, declaration.start);
      const open = this.code.indexOf('(', declaration.start);
      this.edits.insert(open, ' $koze_default');
    } else {
      this.exports.push(['default', '$koze_default.default']);
      this.edits.replace(node.start, declaration.start, 'const $koze_default = { default: ');
      this.edits.insert(declaration.end, ' }');
    }
  }

  exportAll(node) {
    const index = this.source(node.source);
    if (node.exported) this.reexports.push({ name: nameOf(node.exported), source: index, imported: null });
    else this.stars.push(index);
    this.edits.remove(node.start, node.end);
  }

  declarations() {
    const kept = [];
    for (const node of this.program.body) {
      if (node.type === 'ImportDeclaration') this.import(node);
      else if (node.type === 'ExportNamedDeclaration') { this.exportNamed(node); if (node.declaration) kept.push(node.declaration); }
      else if (node.type === 'ExportDefaultDeclaration') { this.exportDefault(node); kept.push(node.declaration); }
      else if (node.type === 'ExportAllDeclaration') this.exportAll(node);
      else kept.push(node);
    }
    return kept;
  }

  references(body) {
    const root = { type: 'Program', body };
    const { map, scope } = analyze(root);
    const self = this;
    let current = scope;
    let depth = 0;
    walk(root, {
      enter(node, parent, key) {
        if (map.has(node)) current = map.get(node);
        if (/Function/.test(node.type)) depth++;
        if (depth === 0 && (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)
          || (node.type === 'VariableDeclaration' && node.kind === 'await using'))) self.asynchronous = true;
        if (node.type === 'MetaProperty' && node.meta.name === 'import') self.edits.replace(node.start, node.end, '$koze_meta');
        if (node.type === 'ImportExpression') {
          self.edits.replace(node.start, node.start + 6, '$koze_import');
          if (node.source.type === 'Literal') self.dynamic.add(node.source.value);
        }
        if (node.type === 'Identifier' && parent && isReference(node, parent)) self.reference(node, parent, key, current);
      },
      leave(node) {
        if (/Function/.test(node.type)) depth--;
        if (map.has(node)) current = current.parent;
      },
    });
  }

  reference(node, parent, key, scope) {
    const text = this.imported.get(node.name);
    if (text === undefined || scope.find_owner(node.name) !== null) return;
    if (parent.type === 'Property' && parent.shorthand) {
      if (key === 'value') this.edits.replace(node.start, node.end, `${node.name}: ${text}`);
    } else if (((parent.type === 'CallExpression' && key === 'callee') || (parent.type === 'TaggedTemplateExpression' && key === 'tag')) && text.includes('.')) {
      this.edits.replace(node.start, node.end, `(0, ${text})`);
    } else this.edits.replace(node.start, node.end, text);
  }

  result() {
    const body = this.declarations();
    this.references(body);
    const imports = this.sources.map((_, index) => `$koze_i${index} = $koze_m[${index}]`);
    const getters = this.exports.map(([name, local]) => `${JSON.stringify(name)}: () => ${this.imported.get(local) ?? local}`);
    const head = `(${this.asynchronous ? 'async ' : ''}function* ($koze_m, $koze_exports, $koze_meta, $koze_import) { "use strict"; `
      + `${imports.length > 0 ? `const ${imports.join(', ')}; ` : ''}$koze_exports({${getters.join(', ')}}); yield; `;
    if (this.code.startsWith('#!')) this.edits.remove(0, this.code.indexOf('\n') < 0 ? this.code.length : this.code.indexOf('\n'));
    const edited = this.edits.apply();
    const columns = compose(edited.columns, this.columns);
    const first = columns[0] ?? [];
    columns[0] = (first[0] === 0 ? first : [0, 0, ...first]).map((value, i) => (i % 2 === 0 ? value + head.length : value));
    return {
      code: `${head}${edited.code}\n})`, columns, asynchronous: this.asynchronous, dynamic: [...this.dynamic],
      imports: this.sources, reexports: this.reexports, stars: this.stars, exports: this.exports.map(([name]) => name),
    };
  }
}

const guarded = (run) => {
  try { return { ok: run() }; } catch (error) {
    return { error: { name: error.name, message: String(error.message), ...(error.at ?? { line: null, column: null }) } };
  }
};
const plain = (source) => ({ code: source, columns: [] });
// What is no matter of grammar: TypeScript's parser lets it pass.
const SEMANTIC = /already been declared|outside of function|is not defined|Deleting local|Assigning to|Undefined label|Unsyntactic|initializ/;
kernel.api.syntax = (source) => guarded(() => {
  const { code, columns } = strip(source);
  try {
    parseModule(code, columns, { locations: true, allowReturnOutsideFunction: true, allowImportExportEverywhere: true });
  } catch (error) {
    if (!SEMANTIC.test(error.message)) throw error;
  }
  return null;
});
kernel.api.strip = (source) => guarded(() => strip(source));
kernel.api.module = (source, typescript) => guarded(() => {
  const { code, columns } = typescript ? strip(source) : plain(source);
  return new ModuleTransform(code, columns).result();
});
