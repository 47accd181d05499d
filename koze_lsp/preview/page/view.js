// The user's page in its frame: loaded once, then its body is swapped, as the framework's client does it.
import { $ } from './dom.js';

export class PageView {
  constructor(stage, { link, lost, submitted }) {
    this.stage = stage;
    this.frame = $('frame');
    this.loaded = null; // number of the moment whose document is in the frame
    this.shown = null;
    this.ready = false;
    this.wanted = null;
    window.addEventListener('message', ({ source, data }) => {
      // Whatever the page's own scripts may send: nothing here does more than show something.
      if (source !== this.frame.contentWindow || data?.koze !== true) return;
      if (data.ready === true) { this.ready = true; this.swap(); }
      else if (data.lost === true) lost();
      else if (data.submitted === true) submitted();
      else if (typeof data.link === 'string') link(data.link);
    });
  }

  /** Shows a moment. */
  show(moment) {
    if (moment === null) return;
    const { generation, frames } = this.stage.state;
    const key = `${generation} ${moment.index}`;
    if (this.shown === key) return;
    const before = this.moment;
    this.shown = key;
    this.moment = moment;
    const load = this.documentFor(moment);
    if (load !== this.loaded) {
      this.loaded = load;
      this.ready = false;
      this.wanted = load.endsWith(` ${moment.index}`) ? null : moment;
      // Another entry of the history would make "back" go through the ticks.
      const address = new URL(`${frames}${load.split(' ')[1]}`, window.location.href).href;
      const next = this.frame.cloneNode();
      next.src = address;
      this.frame.replaceWith(next);
      this.frame = next;
      return;
    }
    if (!moment.swapped && this.forward(before, moment)) return; // a poll that changed nothing leaves typed text
    this.wanted = moment;
    this.swap();
  }

  forward(before, moment) { return before !== undefined && moment.index === before.index + 1; }

  /** The last load at or before a moment: its head stays while bodies come and go. */
  documentFor(moment) {
    const { generation } = this.stage.state;
    let found = this.stage.moments[0].index;
    for (const { index, loaded } of this.stage.moments) {
      if (index > moment.index) break;
      if (loaded) found = index;
    }
    return `${generation} ${found}`;
  }

  async swap() {
    const moment = this.wanted;
    if (moment === null || !this.ready) return;
    const body = await this.stage.body(moment.index);
    if (this.wanted !== moment) return;
    this.wanted = null;
    this.frame.contentWindow.postMessage({ swap: body, index: moment.index }, '*');
  }
}
