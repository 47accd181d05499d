// The cards beside the page: calls, the status object, the instance and its controls, diagnostics, notes.
import { $, h, render, setText } from './dom.js';
import { json, span } from './format.js';

const ENDED = ['complete', 'errored', 'terminated'];

export function drawCalls(moment, chosen, choose) {
  const calls = moment?.calls ?? [];
  const number = Math.min(chosen, Math.max(0, calls.length - 1));
  setText($('calls-when'), moment === null ? '' : `at ${span(moment.at) || '0 s'}`);
  render($('calls'), [calls, number, moment?.index], () => (calls.length === 0
    ? [h('tr', {}, h('td', { colspan: '4', class: 'none' }, moment?.ok === false ? 'The page was not rendered.' : 'This page calls no workflowStatus.'))]
    : calls.map((call, index) => callRow(call, index, index === number, choose))));
  const call = calls[number];
  const text = call === undefined ? '' : json(call.object);
  setText($('object-title'), call === undefined ? 'status object' : `workflowStatus('${call.workflow}', '${call.id}')`);
  setText($('object'), text);
  $('copy').disabled = text === '';
}

function callRow(call, index, selected, choose) {
  const poll = call.poll ? [h('code', {}, String(call.poll)), h('small', {}, ` ${span(call.interval)}`)] : [h('small', {}, 'no poll')];
  const flags = [];
  if (call.wins) flags.push(h('span', { class: 'tag wins', title: 'The shortest interval is in force' }, 'wins'));
  if (call.terminal === true) flags.push(h('span', { class: 'tag', title: 'This call needs no more polls' }, 'finished'));
  if (call.terminal === false) flags.push(h('span', { class: 'tag open', title: 'Polling goes on until this call is finished' }, 'open'));
  const status = call.error === null ? h('span', { class: `state ${call.status}` }, String(call.status)) : h('span', { class: 'state errored' }, call.error);
  return h('tr', { 'aria-selected': String(selected), onclick: () => choose(index) },
    h('td', {}, h('button', { type: 'button', class: 'plain', onclick: () => choose(index) }, String(call.workflow), ' ', h('small', {}, String(call.id)))),
    h('td', {}, ...poll), h('td', {}, status), h('td', { class: 'flags' }, ...flags));
}

export function drawInstance(state, instance) {
  render($('instance'), state.instances.map(({ workflow, id }) => [workflow, id]), () => state.instances.map(({ workflow, id }) => h('option', { value: `${workflow} ${id}` }, `${workflow} ${id}`)));
  $('instance').hidden = state.instances.length === 0;
  if (instance !== null) $('instance').value = `${instance.workflow} ${instance.id}`;
  const status = instance?.status ?? 'none';
  $('instance-status').className = `chip ${status}`;
  setText($('instance-status'), instance === null ? 'no workflow runs for this page' : status);
  const ended = instance === null || ENDED.includes(status);
  const sleeping = instance?.steps.some((step) => step.outcome === 'open' && (step.kind !== 'do' || step.bars.at(-1)?.[2] === 'retry')) ?? false;
  const open = instance?.steps.filter((step) => step.outcome === 'open') ?? [];
  const waits = open.length > 0 && open.every(({ kind }) => kind === 'waitForEvent');
  setText($('actions').querySelector('[data-action=skipSleep]'), waits ? 'Let the wait time out' : 'Skip sleep');
  const can = {
    skipSleep: sleeping && !ended, failNextAttempt: !ended, pause: !ended && !['paused', 'waitingForPause'].includes(status),
    resume: ['paused', 'waitingForPause'].includes(status), terminate: !ended, restart: instance !== null,
  };
  for (const button of $('actions').querySelectorAll('button')) button.disabled = !can[button.dataset.action];
  for (const control of [...$('event-form').elements, ...$('restart-form').elements]) control.disabled = instance === null;
  drawEvent(state);
  render($('restart-step'), instance?.steps.map(({ label, kind }) => [label, kind]) ?? [], () => [
    h('option', { value: '' }, 'the beginning'),
    ...(instance?.steps ?? []).map((step) => h('option', { value: JSON.stringify({ name: step.name, count: step.count, type: step.kind === 'waitForEvent' || step.kind === 'do' ? step.kind : 'sleep' }) }, step.label)),
  ]);
  drawOutcome(instance);
}

function drawEvent(state) {
  const type = $('event-type');
  render($('event-types'), state.waits, () => state.waits.map((value) => h('option', { value })));
  if ((type.value === '' || type.dataset.given === type.value) && state.waits.length > 0 && document.activeElement !== type) {
    [type.value] = state.waits;
    type.dataset.given = type.value;
  }
}

function drawOutcome(instance) {
  const key = instance === null ? null : [instance.output, instance.error, instance.status];
  render($('outcome'), key, () => {
    if (instance === null) return [];
    if (instance.error !== null && instance.error !== undefined) return [h('p', { class: 'outcome errored' }, `${instance.error.name}: ${instance.error.message}`)];
    if (instance.status !== 'complete') return [];
    return [h('p', { class: 'outcome complete' }, h('span', {}, 'output '), h('code', {}, JSON.stringify(instance.output)))];
  });
}

export function drawDiagnostics(state, moment) {
  const rows = state.diagnostics.map((item) => ({ ...item, place: `${item.path.split('/').at(-1)}:${item.line}:${item.column}` }));
  if (moment?.error) {
    const { file, line, column, message } = moment.error;
    rows.unshift({ severity: 'error', code: 'render', message, place: file ? `${file.split('/').at(-1)}:${line}:${column}` : '' });
  }
  for (const message of state.problems) rows.unshift({ severity: 'error', code: 'preview', message, place: '' });
  setText($('diagnostics-count'), rows.length === 0 ? '' : String(rows.length));
  render($('diagnostics'), rows, () => (rows.length === 0
    ? [h('li', { class: 'none' }, 'Nothing to report about this page.')]
    : rows.map((row) => h('li', { class: row.severity }, h('span', { class: 'tag' }, row.code), h('span', { class: 'message' }, row.message), h('small', {}, row.place)))));
}

/** What one should know about what the page shows at this moment. */
export function notesFor(state, moment, past) {
  const notes = [];
  if (past) notes.push(['past', `The page as it was at ${span(moment?.at ?? 0) || '0 s'}.`, 'Back to now', 'now']);
  if (moment === null) return notes;
  if (moment.event === 'hidden') notes.push(['hint', 'The tab is hidden: this tick made no request, the page stays.']);
  if (moment.event === 'failed') notes.push(['bad', `The poll got no answer (${moment.failure}): the page and its interval stay.`]);
  else if (!moment.ok && moment.http === 401) notes.push(['bad', 'HTTP 401, the session has expired: the page and its interval stay.']);
  else if (!moment.ok && moment.event === 'fetch' && moment.error) notes.push(['bad', `HTTP ${moment.http}: the framework keeps the page that was there.`]);
  else if (moment.redirect !== null) notes.push(['hint', `This page redirects to ${moment.redirect}.`]);
  const lost = moment.calls.find((call) => call.status === 'errored' && call.error === null);
  if (lost) {
    notes.push(['hint', `'${lost.workflow}' is errored, and its status.error is null: the framework loses a workflow's own error. Test status.status === 'errored' in the template.`]);
  }
  if (state.problems.length > 0) notes.push(['bad', state.problems[0]]);
  return notes;
}

export function drawNotes(notes, act) {
  render($('notes'), notes, () => notes.map(([kind, text, label, action]) => h('p', { class: `note ${kind}` }, h('span', {}, text),
    label ? h('button', { type: 'button', onclick: () => act(action) }, label) : null)));
}
