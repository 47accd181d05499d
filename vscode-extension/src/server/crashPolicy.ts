/** How often the server may end by itself, and how long to wait before it is started again. */
export interface CrashLimits {
  /** With this many crashes inside the window the server is not started again. */
  readonly crashes: number;
  /** Milliseconds in which crashes count together. */
  readonly windowMs: number;
}

export const DEFAULT_LIMITS: CrashLimits = { crashes: 5, windowMs: 3 * 60_000 };

export type Verdict = { readonly restart: true; readonly delayMs: number } | { readonly restart: false };

/** Counts crashes in a sliding window. Knows no editor and no clock, so that tests can drive it. */
export class CrashPolicy {
  private times: number[] = [];

  constructor(private readonly limits: CrashLimits = DEFAULT_LIMITS) {}

  /** Records a crash at `now` (milliseconds of any monotonous clock) and says what to do. */
  record(now: number): Verdict {
    this.times = this.times.filter((time) => now - time < this.limits.windowMs);
    this.times.push(now);
    if (this.times.length >= this.limits.crashes) {
      return { restart: false };
    }
    // The first restart is at once, a server that keeps falling gets a little air: 0, 250, 500, 1000 ms.
    const earlier = this.times.length - 1;
    return { restart: true, delayMs: earlier === 0 ? 0 : 125 * 2 ** earlier };
  }

  get count(): number {
    return this.times.length;
  }

  /** A person asked for a restart: the past no longer counts. */
  forget(): void {
    this.times = [];
  }
}
