// Printing: what `{…}`, `{@raw}`, `{@html}` and spread attributes put into the page.
const ESCAPES = { __proto__: null, '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeChar = (char) => ESCAPES[char];
const esc = (value) => (value == null ? '' : replace(text(value), /[&<>"']/g, escapeChar));
const rawHtml = (value) => (value == null ? '' : text(value));

// The framework's own rules, which are no full sanitiser: what it lets through, the preview shows too.
const SANITIZERS = [
  [/<script\b[^>]*>[\s\S]*?<\/script>/gi, ''],
  [/<iframe\b[^>]*>[\s\S]*?<\/iframe>/gi, ''],
  [/<object\b[^>]*>[\s\S]*?<\/object>/gi, ''],
  [/<embed\b[^>]*>/gi, ''],
  [/\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ''],
  [/\s(href|src|xlink:href)\s*=\s*(["'])\s*javascript:[\s\S]*?\2/gi, ' $1="#"'],
  [/\s(href|src|xlink:href)\s*=\s*javascript:[^\s>]+/gi, ' $1="#"'],
  [/\ssrcdoc\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ''],
];
const sanitizeHtml = (value) => {
  let html = rawHtml(value);
  for (let i = 0; i < SANITIZERS.length; i++) html = replace(html, SANITIZERS[i][0], SANITIZERS[i][1]);
  return html;
};

const spread = (attributes, escape) => {
  if (attributes == null || attributes === false) return '';
  let out = '';
  for (const [name, value] of Object.entries(Object(attributes))) {
    if (!/^[A-Za-z_:][A-Za-z0-9_.:-]*$/.test(name) || /^on/i.test(name)) continue;
    if (value == null || typeof value === 'function' || typeof value === 'symbol') continue;
    const lower = name.toLowerCase();
    if (!page.booleans.has(lower)) out += ` ${name}="${escape(value)}"`;
    else if (lower === 'hidden' && value === 'until-found') out += ` ${name}="until-found"`;
    else if (value) out += ` ${name}`;
  }
  return out;
};
