// Virtual time for people: "0 s", "500 ms", "2.5 s", "1 min 30 s", "1 d 2 h".
const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]];

export function span(ms) {
  if (ms === null || ms === undefined) return '';
  if (ms > 0 && ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(2))} s`;
  const parts = [];
  let rest = Math.round(ms / 1000) * 1000;
  for (const [unit, size] of UNITS) {
    if (rest < size) continue;
    parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ');
}

/** The clock's face: one decimal, so that it does not jump about. */
export function clock(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return span(ms);
}

export function json(value) {
  return JSON.stringify(value, null, 2) ?? 'undefined';
}
