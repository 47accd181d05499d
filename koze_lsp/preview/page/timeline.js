// The timeline: a row for the polls, one for each instance and each of its steps, and a cursor over all.
import { h, render } from './dom.js';
import { span } from './format.js';

const MINUTE = 60, HOUR = 3600, DAY = 86_400;
const DOMAINS = [8, 10, 15, 20, 30, 45, MINUTE, 90, 2 * MINUTE, 3 * MINUTE, 5 * MINUTE, 7.5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE,
  30 * MINUTE, 45 * MINUTE, HOUR, 1.5 * HOUR, 2 * HOUR, 3 * HOUR, 5 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 1.5 * DAY, 2 * DAY, 3 * DAY, 5 * DAY, 7 * DAY, 14 * DAY];
const STEPS = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
const KINDS = { ok: 'complete', error: 'errored', wait: 'waiting', retry: 'retry' };
const CONDITIONS = { hidden: 'the tab is hidden', offline: 'the network is down', expired: 'the session has expired', quiet: 'polls without news are left out' };
const MARKS = { load: 'loaded', edit: 'edited', fetch: 'polled', hidden: 'hidden', failed: 'failed' };

function domainFor(ms) {
  const seconds = ms / 1000;
  const found = DOMAINS.find((value) => value >= seconds);
  return (found ?? 2 ** Math.ceil(Math.log2(seconds / DAY)) * DAY) * 1000;
}

export class Timeline {
  constructor(element, { seek, choose }) {
    this.element = element;
    this.seek = seek;
    this.domain = 8000;
    this.choose = choose;
    this.cursor = h('div', {
      class: 'cursor', role: 'slider', tabindex: '0', 'aria-label': 'Moment that is shown', 'aria-valuemin': '0',
      title: 'Drag to see the page as it was; arrow keys go from tick to tick',
    }, h('span', { class: 'grip' }));
    this.axis = h('div', { class: 'axis' });
    this.rows = h('div', { class: 'rows' });
    this.over = h('div', { class: 'over' }, this.cursor);
    element.append(this.axis, this.rows, this.over);
    this.drag();
  }

  drag() {
    const at = (event) => {
      const { left, width } = this.over.getBoundingClientRect();
      return Math.max(0, Math.min(1, (event.clientX - left) / width)) * this.domain;
    };
    const down = (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      this.cursor.focus({ preventScroll: true });
      this.seek(at(event));
      const move = (moved) => this.seek(at(moved));
      const up = () => { window.removeEventListener('pointermove', move); };
      window.addEventListener('pointermove', move);
      window.addEventListener('pointerup', up, { once: true });
    };
    this.axis.addEventListener('pointerdown', down);
    this.cursor.addEventListener('pointerdown', down);
    this.rows.addEventListener('pointerdown', (event) => { if (event.target.closest('.track') !== null) down(event); });
    this.cursor.addEventListener('keydown', (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (way === undefined) return;
      event.preventDefault();
      this.seek(null, way);
    });
  }

  /** Where a time is, in the track's width. */
  at(ms) { return `${(Math.min(ms, this.domain) / this.domain * 100).toFixed(3)}%`; }

  /** Draws a state; `now` is the present of the running clock. */
  draw({ state, moments }, now, selected) {
    const ahead = [now * 1.1, state.next_tick !== null && state.next_tick < now * 2 + 20_000 ? state.next_tick : 0];
    const ends = moments.at(-1)?.at ?? 0;
    this.domain = domainFor(Math.max(8000, ends * 1.05, ...ahead));
    this.drawAxis();
    const key = [this.domain, state.version, state.generation, selected, moments.length];
    render(this.rows, key, () => [this.polls(state, moments), ...this.instances(state, moments, selected)]);
  }

  drawAxis() {
    render(this.axis, this.domain, () => {
      const step = STEPS.find((value) => this.domain / 1000 / value <= 6) ?? this.domain / 5000;
      const marks = [];
      for (let at = 0; at < this.domain * 0.97; at += step * 1000) {
        marks.push(h('span', { class: 'mark', style: { left: this.at(at) } }, span(at) || '0'));
      }
      return marks;
    });
  }

  /** Every animation frame: how far the present and the cursor are. */
  move(now, cursor) {
    if (now > this.domain) return true;
    this.element.style.setProperty('--now', this.at(now));
    const shown = cursor ?? now;
    this.element.style.setProperty('--at', this.at(shown));
    this.cursor.setAttribute('aria-valuenow', String(Math.round(shown)));
    this.cursor.setAttribute('aria-valuetext', span(shown) || '0 s');
    this.cursor.classList.toggle('past', cursor !== null);
    return false;
  }

  row(kind, label, ...track) {
    return h('div', { class: `row ${kind}` }, h('div', { class: 'label' }, ...label), h('div', { class: 'track' }, ...track));
  }

  bar(from, to, kind, title) {
    const style = { left: this.at(from) };
    if (to === null) style.width = `calc(var(--now) - ${this.at(from)})`;
    else style.width = `${Math.max(0, (Math.min(to, this.domain) - from) / this.domain * 100).toFixed(3)}%`;
    return h('span', { class: `span ${kind}`, style, title });
  }

  polls(state, moments) {
    const track = state.spans.map(({ condition, from, to }) => this.bar(from, to, `condition ${condition}`, CONDITIONS[condition] ?? condition));
    let before = -1;
    for (const moment of moments) {
      const pixel = Math.round(moment.at / this.domain * 400);
      if (pixel === before && moment.event === 'fetch' && moment.ok && moment !== moments.at(-1)) continue; // too many to tell apart
      before = pixel;
      const kind = `${MARKS[moment.event]}${moment.ok ? '' : ' bad'}${moment.swapped && moment.changed ? ' new' : ''}${moment.done ? ' done' : ''}`;
      track.push(h('span', { class: `poll ${kind}`, style: { left: this.at(moment.at) }, title: `${span(moment.at) || '0 s'}: ${told(moment)}` }));
    }
    if (state.next_tick !== null) track.push(h('span', { class: 'poll next', style: { left: this.at(state.next_tick) }, title: `next poll at ${span(state.next_tick)}` }));
    return this.row('polls', [h('span', {}, state.kind === 'route' ? 'polls' : 'time')], ...track);
  }

  instances(state, moments, selected) {
    const rows = [];
    for (const instance of [...state.instances, ...observed(state, moments)]) {
      const key = `${instance.workflow} ${instance.id}`;
      const label = h('button', {
        type: 'button', class: 'name', title: `${key}: ${instance.status}`, 'aria-pressed': String(key === selected), onclick: () => this.choose(key),
      }, h('span', { class: `dot ${instance.status}` }), h('span', { class: 'text' }, instance.workflow), ' ', h('small', {}, instance.id));
      const spans = instance.spans.map(([from, to, status]) => (to === from && ['complete', 'errored', 'terminated'].includes(status)
        ? h('span', { class: `end ${status}`, style: { left: this.at(from) }, title: `${status} at ${span(from)}` })
        : this.bar(from, to, status, status)));
      rows.push(this.row(`instance ${instance.status}`, [label], ...spans));
      for (const step of instance.steps) rows.push(this.step(step));
      if (instance.more > 0) rows.push(this.row('step', [h('small', {}, `and ${instance.more} more steps`)]));
    }
    return rows;
  }

  step(step) {
    const open = step.kind === 'do' ? 'running' : 'waiting';
    const tries = step.attempts > 1 ? ` ×${step.attempts}` : '';
    const name = step.count > 1 ? `${step.name} (${step.count})` : step.name;
    const icon = { do: '', sleep: '☾ ', waitForEvent: '✉ ' }[step.kind] ?? '';
    const title = [step.label, step.kind === 'waitForEvent' ? `waits for ${step.event}` : step.kind, step.outcome, step.error?.message].filter(Boolean).join(' · ');
    const bars = step.bars.map(([from, to, kind]) => this.bar(from, to, KINDS[kind] ?? open, title));
    return this.row(`step ${step.kind}`, [h('span', { class: 'text', title }, `${icon}${name}`), h('small', {}, tries)], ...bars);
  }
}

/** Instances of which only the page's own calls tell: a scenario says what they are. */
function observed(state, moments) {
  const simulated = new Set(state.instances.map(({ workflow, id }) => `${workflow} ${id}`));
  const found = new Map();
  for (const moment of moments) {
    for (const call of moment.calls) {
      const key = `${call.workflow} ${call.id}`;
      if (simulated.has(key) || call.id === null || call.id === '') continue;
      const status = call.error === null ? call.status : 'errored';
      const instance = found.get(key) ?? { workflow: call.workflow, id: call.id, spans: [], steps: [], more: 0 };
      found.set(key, instance);
      instance.status = status;
      const last = instance.spans.at(-1);
      if (last?.[2] === status) continue;
      if (last !== undefined) last[1] = moment.at;
      instance.spans.push([moment.at, ['complete', 'errored', 'terminated'].includes(status) ? moment.at : null, status]);
    }
  }
  return [...found.values()];
}

/** A moment of the poll loop in a few words. */
export function told(moment) {
  if (moment.event === 'hidden') return 'the tab is hidden, no request';
  if (moment.event === 'failed') return `no answer: ${moment.failure}`;
  if (moment.redirect !== null) return `redirect to ${moment.redirect}`;
  const what = { load: 'load', edit: 'shown anew after a change', fetch: 'poll' }[moment.event];
  if (!moment.ok) return `${what}: HTTP ${moment.http}`;
  return `${what}${moment.done ? ', the last one' : ''}${moment.event === 'fetch' && !moment.changed ? ', nothing new' : ''}`;
}
