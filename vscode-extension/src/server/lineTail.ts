/** Cuts a stream of bytes into lines, hands each on and remembers the last few. */
export class LineTail {
  private readonly last: string[] = [];
  private rest = '';
  private readonly decoder = new TextDecoder();

  constructor(
    private readonly keep: number,
    private readonly onLine: (line: string) => void,
  ) {}

  push(chunk: Uint8Array): void {
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      this.last.push(line);
      this.onLine(line);
    }
    this.last.splice(0, Math.max(0, this.last.length - this.keep));
  }

  /** The last line that says something, or an empty string. */
  get lastLine(): string {
    return [...this.last, this.rest].filter((line) => line.trim() !== '').at(-1) ?? '';
  }
}
