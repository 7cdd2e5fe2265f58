/** Parameters that were seen to be well-formed, and are taken apart when somebody asks for one. */
import type { Octets } from "./octets.ts";
import { NO_PARAMS, type Params } from "./params.ts";

/** Reads what stands from `start` to `end`; undefined where it breaks the grammar. */
type Reader = (text: Octets, start: number, end: number) => Params | undefined;

export class LazyParams implements Params {
  // Declared alone, so that each is written once: a message has several of these.
  declare private readonly text: Octets;
  declare private readonly start: number;
  declare private readonly end: number;
  declare private readonly reader: Reader;
  declare private read: Params | undefined;

  constructor(text: Octets, start: number, end: number, reader: Reader) {
    this.text = text;
    this.start = start;
    this.end = end;
    this.reader = reader;
    this.read = undefined;
  }

  get size(): number {
    return this.all().size;
  }

  get(name: string): string | undefined {
    return this.all().get(name);
  }

  has(name: string): boolean {
    return this.all().has(name);
  }

  keys(): MapIterator<string> {
    return this.all().keys();
  }

  values(): MapIterator<string> {
    return this.all().values();
  }

  entries(): MapIterator<[string, string]> {
    return this.all().entries();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.all().entries();
  }

  forEach(each: (value: string, name: string, all: Params) => void): void {
    for (const [name, value] of this.all()) each(value, name, this);
  }

  private all(): Params {
    this.read ??= this.reader(this.text, this.start, this.end) ?? NO_PARAMS;
    return this.read;
  }
}
