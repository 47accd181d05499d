// One request: its state, its rendering, and the result as a JSON text.
const fresh = (request) => {
  const next = {
    __proto__: null,
    locals: { params: request.params },
    env: request.bindings === null ? null : makeEnv(request.bindings, request.vars),
    world: request.world,
    url: request.url,
    headers: new Headers(request.headers),
    calls: [],
    data: create(null),
    boundaries: [],
    chunks: [],
    nextBoundary: 1,
    html: '',
    error: null,
  };
  let url;
  const parsed = () => (url ??= new URL(request.url));
  next.data_ = {
    get url() { return parsed(); },
    get pathname() { return parsed().pathname; },
    get searchParams() { return parsed().searchParams; },
    params: request.params,
    slug: request.params.slug ?? Object.values(request.params)[0],
    method: 'GET',
  };
  return next;
};

const failureOf = (error) => {
  const out = { ...describeError(error), redirect: null, status: 0 };
  try {
    if (error?.isRedirectError) {
      out.redirect = text(error.location);
      out.status = +error.status || 303;
    } else if (error?.isPageError) out.status = +error.status || 500;
  } catch {
    // a thrown object whose properties throw has no more to say
  }
  return out;
};

const directiveTag = () => {
  const poll = state.locals.__kozePoll;
  if (!poll || poll.done) return '';
  return `\n<script type="application/json" id="__koze_poll">${directive(poll)}</script>`;
};
const directive = (poll) => replace(stringify({ interval: poll.interval }), /</g, '\\u003c');

const run = async (request) => {
  const current = state;
  try {
    current.html = text(await page.render(current.data_));
    for (let i = 0; i < current.boundaries.length; i++) {
      const boundary = current.boundaries[i];
      push(current.chunks, [boundary.id, text(boundary.render(await boundary.promise))]);
    }
  } catch (error) {
    current.error = failureOf(error);
  }
};

const plain = (value) => {
  if (typeof value === 'string' || typeof value === 'boolean') return stringify(value);
  if (typeof value === 'number') return value - value === 0 ? text(value) : stringify(text(value));
  if (value === null || value === undefined) return 'null';
  try {
    return stringify(text(value));
  } catch {
    return '"[value]"';
  }
};
const list = (items, print) => {
  let out = '[';
  for (let i = 0; i < items.length; i++) out += (i ? ',' : '') + print(items[i]);
  return out + ']';
};

/** The result as a JSON text made of strings alone: no object of ours passes through what a page may have changed. */
const result = () => {
  let poll = 'null';
  if (!state.error) {
    try {
      const entry = state.locals.__kozePoll;
      if (entry) poll = `{"done":${!!entry.done},"directive":${entry.done ? 'null' : stringify(directive(entry))}}`;
    } catch (error) {
      state.error = failureOf(error);
    }
  }
  let data;
  try {
    data = stringify(state.data);
  } catch {
    data = undefined; // the framework then writes null
  }
  const { error } = state;
  const failure = error
    ? `{"message":${plain(error.message)},"name":${plain(error.name)},"stack":${plain(error.stack)},` +
      `"redirect":${plain(error.redirect)},"status":${plain(error.status)}}`
    : 'null';
  const calls = list(
    state.calls,
    (call) =>
      `{"workflow":${plain(call.name)},"id":${plain(call.id)},"poll":${plain(call.poll)},"status":${plain(call.status)},` +
      `"error":${plain(call.error)},"terminal":${plain(call.terminal)}}`,
  );
  const chunks = list(state.chunks, (chunk) => `[${plain(chunk[0])},${plain(chunk[1])}]`);
  return (
    `{"html":${plain(state.html)},"error":${failure},"poll":${poll},"calls":${calls},"chunks":${chunks},` +
    `"data":${data ?? 'null'}}`
  );
};

kernel.api.kozeSetup = (options) => {
  page.registry = options.registry;
  page.booleans = new Set(options.booleans);
  page.legacy = options.legacy;
};
kernel.api.kozePage = (factory) => {
  page.render = factory(koze);
};
// The answer is written when the loop asks for it: by then all that the page left behind without await has run.
kernel.api.kozeRender = (request) => {
  if (request.at > kernel.now()) kernel.setNow(request.at);
  state = fresh(request);
  kernel.setLabel('the page');
  return then(run(request), () => ({ toJSON: result }));
};
