// The other way round from encode.js: marked JSON to values.
'use strict';
const decode = (root) => {
  const seen = [];
  const visit = (value) => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) {
      const out = new Array(value.length);
      seen.push(out);
      value.forEach((item, i) => { if (!(item !== null && typeof item === 'object' && item.$hole === true)) out[i] = visit(item); });
      return out;
    }
    const keys = Object.keys(value);
    const mark = keys.length > 0 && keys[0].startsWith('$') ? keys[0] : null;
    const known = (item) => { seen.push(item); return item; };
    switch (mark) {
      case '$undefined': return undefined;
      case '$num': return Number(value.$num);
      case '$bigint': return BigInt(value.$bigint);
      case '$date': return known(new Date(value.$date));
      case '$regexp': { const at = value.$regexp.lastIndexOf('/'); return known(new RegExp(value.$regexp.slice(1, at), value.$regexp.slice(at + 1))); }
      case '$repeat': return value.$repeat[0].repeat(value.$repeat[1]);
      case '$map': { const map = known(new Map()); for (const [k, v] of value.$map) map.set(visit(k), visit(v)); return map; }
      case '$set': { const set = known(new Set()); for (const v of value.$set) set.add(visit(v)); return set; }
      case '$error': { const error = known(new Error(value.$error.message)); kernel.parts.install(error, 'name', value.$error.name); return error; }
      case '$bytes': return known(new Uint8Array(value.$bytes));
      case '$boxed': return known(Object(visit(value.$boxed)));
      case '$ref': return seen[value.$ref];
    }
    const out = known({});
    for (const key of keys) Object.defineProperty(out, key, { value: visit(value[key]), enumerable: true, writable: true, configurable: true });
    return out;
  };
  return visit(root);
};
kernel.parts.decode = decode;
