// Runs in the user's page, which is sandboxed: swaps the body as the framework's client does, and tells the panel
// what it cannot see from outside. The scripts of a new body do not run, typed text is lost: as in the framework.
(() => {
  const panel = window.parent;
  const say = (message) => panel.postMessage({ koze: true, ...message }, '*');
  let typed = false;

  window.addEventListener('message', ({ source, data }) => {
    if (source !== panel || typeof data?.swap !== 'string') return;
    if (typed) say({ lost: true });
    typed = false;
    const { scrollX, scrollY } = window;
    document.body.innerHTML = data.swap;
    window.scrollTo(scrollX, scrollY);
    say({ swapped: data.index });
  });

  document.addEventListener('input', () => { typed = true; });
  document.addEventListener('submit', (event) => { event.preventDefault(); say({ submitted: true }); }, true);
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href]');
    if (!link || link.getAttribute('href').startsWith('#')) return;
    event.preventDefault();
    say({ link: link.getAttribute('href') });
  }, true);
  say({ ready: true });
})();
