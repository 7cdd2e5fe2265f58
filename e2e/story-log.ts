/** Everything that was said on the way, in order, with the seconds since the story began. */
export class StoryLog {
  readonly lines: string[] = [];
  readonly #startMs = performance.now();

  write(who: string, text: string): void {
    const seconds = ((performance.now() - this.#startMs) / 1000).toFixed(3).padStart(7);
    this.lines.push(`${seconds} ${who}: ${text}`);
  }
}
