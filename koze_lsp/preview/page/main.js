// The page of the preview: everything that is shown comes from one state; everything that is done goes to the server.
import { ENDED, Stage } from './api.js';
import { Clock } from './clock.js';
import { bindForms } from './forms.js';
import { $, h, render, setText, toast } from './dom.js';
import { clock as face, span } from './format.js';
import { drawCalls, drawDiagnostics, drawInstance, drawNotes, notesFor } from './panels.js';
import { Timeline } from './timeline.js';
import { PageView } from './view.js';

const LOST = 'What was typed into the page is gone: a tick replaces the whole body, and typed text with it, as it does in the framework.';
const ui = { cursor: null, call: 0, instance: null, typed: 0, lostAt: null };

const stage = new Stage((fresh) => { if (fresh) begin(); draw(); });
const view = new PageView(stage, {
  link: (href) => follow(href),
  lost: () => { ui.lostAt = stage.last?.index ?? 0; draw(); },
  submitted: () => toast('Forms are not sent in the preview: server actions do not run here.'),
});
const clock = new Clock(stage, animate, ended);
const timeline = new Timeline($('timeline'), { seek, choose: (key) => { ui.instance = key; draw(); } });

function begin() {
  ui.cursor = null;
  ui.lostAt = null;
  clock.base = stage.state.now;
  clock.since = performance.now();
}

function shownMoment() {
  const { moments } = stage;
  if (ui.cursor === null) return moments.at(-1) ?? null;
  let found = moments[0] ?? null;
  for (const moment of moments) if (moment.at <= ui.cursor + 0.5) found = moment;
  return found;
}

function chosenInstance() {
  const { instances } = stage.state;
  return instances.find(({ workflow, id }) => `${workflow} ${id}` === ui.instance) ?? instances[0] ?? null;
}

function draw() {
  const { state } = stage;
  if (state === null) return;
  clock.sync();
  const moment = shownMoment();
  const instance = chosenInstance();
  setText($('application'), state.application);
  setText($('route'), state.route);
  if (document.activeElement !== $('url')) $('url').value = state.url || state.route;
  $('url').readOnly = state.kind !== 'route';
  document.title = `${state.url || state.route} · Koze preview`;
  drawPolling(state, moment);
  drawScenarios(state.scenario);
  for (const box of document.querySelectorAll('[data-condition]')) box.checked = state.conditions[box.dataset.condition];
  const notes = notesFor(state, moment, ui.cursor !== null);
  if (ui.lostAt !== null && moment !== null && moment.index <= ui.lostAt + 2) notes.push(['hint lost', LOST]);
  if (stage.lost) notes.unshift(['bad', ENDED]);
  drawNotes(notes, () => { ui.cursor = null; draw(); });
  drawCalls(moment, ui.call, (index) => { ui.call = index; draw(); });
  drawInstance(state, instance);
  drawDiagnostics(state, moment);
  timeline.draw(stage, clock.now, instance === null ? null : `${instance.workflow} ${instance.id}`);
  view.show(moment);
  $('frame').hidden = state.kind !== 'route';
  $('no-page').hidden = state.kind === 'route';
  $('empty').hidden = moment === null || !moment.empty || !moment.ok;
  document.body.dataset.kind = state.kind;
  drawTransport(state);
}

function drawPolling(state, moment) {
  const chip = $('polling');
  const waits = state.next_tick !== null;
  const last = stage.last;
  const never = !waits && stage.moments.every(({ interval }) => interval === null);
  chip.className = `chip ${waits ? 'running' : never ? 'none' : 'complete'}`;
  setText(chip, state.kind !== 'route' ? '' : waits ? `polls every ${span(last?.interval ?? 0)}` : moment?.ok === false && never ? 'not rendered' : never ? 'does not poll' : 'polling has stopped');
}

function drawScenarios({ current, choices }) {
  render($('scenario'), [current, choices], () => [
    h('option', { value: '' }, 'the workflow itself'),
    ...choices.map((path) => h('option', { value: path }, path.split('/').at(-1))),
  ]);
  $('scenario').value = current ?? '';
}

function drawTransport(state) {
  setText($('play'), clock.playing ? 'Pause' : 'Play');
  $('play').disabled = !clock.playing && clock.due === null && ui.cursor === null;
  $('next').disabled = state.next_tick === null;
  $('event').disabled = state.next_event === null;
}

function animate(now) {
  setText($('clock'), face(ui.cursor ?? now));
  if (timeline.move(now, ui.cursor)) timeline.draw(stage, now, chosenInstance() && ui.instance);
}

/** Shows an earlier moment: a time, or so many ticks from the one that is shown. */
function seek(at, way = 0) {
  if (clock.playing) settle(clock.pause());
  const present = clock.now;
  let target = at;
  if (at === null) {
    const { moments } = stage;
    const index = Math.max(0, Math.min(moments.length - 1, moments.indexOf(shownMoment()) + way));
    target = index === moments.length - 1 && way > 0 ? present : moments[index]?.at ?? 0;
  }
  ui.cursor = target >= present - 1 ? null : target;
  draw();
}

const settle = (at) => { if (at > stage.state.now) command({ do: 'advance', to: at }); };

/** Sends a command, at the virtual moment that the clock shows. */
async function command(given) {
  try {
    const at = clock.playing ? clock.now : undefined;
    const told = await stage.do(at === undefined || given.do === 'advance' ? given : { ...given, at });
    if (told.error) toast(told.error);
    return told;
  } catch (error) { ended(error); return { error: error.message }; }
}

function ended(error) {
  clock.playing = false;
  if (stage.state === null || !stage.lost) toast(error.message);
  document.body.classList.toggle('ended', stage.lost);
  draw();
}

function follow(href) {
  if (href.startsWith('#')) return;
  const url = new URL(href, `http://page.invalid${stage.state.url}`);
  if (url.host !== 'page.invalid') toast(`${href} leads out of the application; the preview does not follow it.`);
  else command({ do: 'go', url: `${url.pathname}${url.search}` }).then(({ error }) => { if (!error) clock.play(); });
}

function togglePlay() {
  if (ui.cursor !== null) ui.cursor = null;
  if (clock.playing) settle(clock.pause()); else clock.play();
  draw();
}

async function jump(given) {
  ui.cursor = null;
  clock.playing = false;
  await command(given);
  draw();
}

const nextEvent = () => jump({ do: 'event' });
const again = async () => { await command({ do: 'restart' }); clock.play(); draw(); };

$('play').addEventListener('click', togglePlay);
$('next').addEventListener('click', () => jump({ do: 'next' }));
$('event').addEventListener('click', nextEvent);
$('again').addEventListener('click', again);
$('url').addEventListener('change', ({ target }) => { target.blur(); follow(target.value.trim()); });
$('speed').addEventListener('change', ({ target }) => clock.setSpeed(Number(target.value)));
$('instance').addEventListener('change', ({ target }) => { ui.instance = target.value; draw(); });
$('scenario').addEventListener('change', async ({ target }) => { await command({ do: 'scenario', path: target.value || null }); clock.play(); draw(); });
for (const box of document.querySelectorAll('[data-condition]')) {
  box.addEventListener('change', () => command({ do: 'condition', name: box.dataset.condition, on: box.checked }));
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, button, dialog, summary, [role=slider]')) {
    if (event.key !== ' ' && event.target.closest('button')) shortcut(event);
    return;
  }
  shortcut(event);
});
function shortcut(event) {
  const run = { ' ': togglePlay, n: () => $('next').click(), e: () => $('event').click(), r: again }[event.key.toLowerCase()];
  if (run === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  run();
}

bindForms({ command, instance: chosenInstance, played: () => { if (!clock.playing) clock.play(); draw(); } });
stage.refresh().then(() => { clock.play(); stage.listen(ended); draw(); }).catch(ended);
