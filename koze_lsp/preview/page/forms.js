// The controls that take more than a click: an event with its payload, a restart, a saved course, the theme.
import { $, toast } from './dom.js';

/** The value of a JSON field, `undefined` when it is empty; a mistake is shown beneath it. */
function parsed(field, message) {
  message.textContent = '';
  field.removeAttribute('aria-invalid');
  const text = field.value.trim();
  if (text === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    message.textContent = `This is no JSON: ${error.message}`;
    field.setAttribute('aria-invalid', 'true');
    return null;
  }
}

export function bindForms({ command, instance, played }) {
  const act = (action, options = {}) => {
    const chosen = instance();
    if (chosen === null) return Promise.resolve({ error: 'no instance' });
    return command({ do: 'act', action, binding: chosen.binding, id: chosen.id, ...options });
  };

  $('actions').addEventListener('click', async (event) => {
    const { action } = event.target.closest('button')?.dataset ?? {};
    if (action === undefined) return;
    const { error } = await act(action);
    if (!error && action !== 'pause') played();
  });

  $('event-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const payload = parsed($('payload'), $('payload-error'));
    if (payload === null) return;
    const { error } = await act('sendEvent', { type: $('event-type').value.trim(), payload: payload.value ?? null });
    if (!error) played();
  });

  $('restart-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const input = parsed($('restart-input'), $('restart-error'));
    if (input === null) return;
    const step = $('restart-step').value;
    const options = step === '' ? {} : { from: JSON.parse(step) };
    if (input.value !== undefined) options.params = input.value;
    const { error } = await act('restart', options);
    if (!error) played();
  });

  $('copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText($('object').textContent);
      toast('Copied.');
    } catch {
      window.getSelection()?.selectAllChildren($('object'));
      toast('Selected: copy it with the keyboard.');
    }
  });

  bindSaving(command);
  bindTheme();
}

function bindSaving(command) {
  const dialog = $('save-dialog');
  $('save-open').addEventListener('click', async () => {
    const { text, error } = await command({ do: 'course' });
    if (error) return;
    $('save-text').textContent = text;
    $('save-error').textContent = '';
    $('save-overwrite').checked = false;
    dialog.showModal();
  });
  $('save-cancel').addEventListener('click', () => dialog.close());
  $('save-form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const { path, error } = await command({ do: 'save', name: $('save-name').value.trim(), overwrite: $('save-overwrite').checked });
    $('save-error').textContent = error ?? '';
    if (error) return;
    dialog.close();
    toast(`Saved as ${path}.`);
  });
}

/** Light or dark: the system's, unless the editor says so in the address's fragment, or the button does. */
function bindTheme() {
  const read = () => new URLSearchParams(window.location.hash.slice(1)).get('theme');
  const apply = (theme) => { if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme; };
  apply(read());
  window.addEventListener('hashchange', () => apply(read()));
  $('theme').addEventListener('click', () => {
    const now = document.documentElement.dataset.theme ?? (window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    apply(now === 'dark' ? 'light' : 'dark');
  });
}
