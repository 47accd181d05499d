// Small helpers for elements. Text is only ever set as text.
export const $ = (id) => document.getElementById(id);

/** An element: h('li', { class: 'x', onclick: f, style: { left: '4%' } }, 'text', child). */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, item] of Object.entries(value)) element.style.setProperty(key, item);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const known = new WeakMap();
/** Makes an element's children anew, but only when what they show has changed: focus and selection stay. */
export function render(element, key, make) {
  const text = JSON.stringify(key);
  if (known.get(element) === text) return;
  known.set(element, text);
  element.replaceChildren(...make());
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let fading;
export function toast(text) {
  const element = $('toast');
  element.textContent = text;
  element.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { element.hidden = true; }, 6000);
}
