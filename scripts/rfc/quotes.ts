/** Quotes of RFCs in the sources: a line `//= RFC 3261 §17.1.1.2`, then lines `//# text`. */
import { canonical } from "./rfc-text.ts";

export interface Quote {
  readonly path: string;
  readonly line: number;
  readonly rfc: number;
  readonly section: string;
  readonly text: string;
  /** In a test: what the quote says is shown there. */
  readonly isTest: boolean;
}

export interface Fault {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

interface OpenQuote {
  readonly line: number;
  readonly rfc: number;
  readonly section: string;
  readonly text: string[];
}

const SOURCE = /^\s*\/\/= RFC ([1-9]\d*) §((?:[1-9]\d*|[A-Z])(?:\.\d+)*)$/;
const TEXT = /^\s*\/\/# (.*\S)\s*$/;

export function readQuotes(
  path: string,
  text: string,
): { readonly quotes: readonly Quote[]; readonly faults: readonly Fault[] } {
  const quotes: Quote[] = [];
  const faults: Fault[] = [];
  let open: OpenQuote | undefined;
  const fault = (line: number, what: string): unknown => faults.push({ path, line, what });
  const close = (): void => {
    if (open === undefined) return;
    const { text: lines, ...where } = open;
    if (lines.length === 0) fault(open.line, "a source without a quote: lines `//# text` follow");
    else
      quotes.push({
        path,
        ...where,
        text: canonical(lines.join("\n")),
        isTest: /\.test\.tsx?$/.test(path),
      });
    open = undefined;
  };
  for (const [index, content] of text.split("\n").entries()) {
    const line = index + 1;
    const source = SOURCE.exec(content);
    const words = TEXT.exec(content)?.[1];
    if (source !== null) {
      close();
      open = { line, rfc: Number(source[1]), section: source[2] ?? "", text: [] };
    } else if (words !== undefined) {
      if (open === undefined) fault(line, "a quote without its source: `//= RFC 3261 §17.1` first");
      else open.text.push(words);
    } else {
      if (/^\s*\/\/[=#]/.test(content)) fault(line, "write `//= RFC 3261 §17.1`, then `//# text`");
      close();
    }
  }
  close();
  return { quotes, faults };
}
