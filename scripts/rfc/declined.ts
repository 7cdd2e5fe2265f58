/** Requirements that are not obeyed, each with its reason: docs/rfc-declined.md. */
import type { Fault } from "./quotes.ts";
import type { Requirement } from "./requirements.ts";
import { isWithin, squeeze } from "./rfc-text.ts";

export interface Declined {
  readonly path: string;
  readonly line: number;
  readonly rfc: number;
  readonly section: string;
  /** How the sentence starts; `*` stands for every sentence of the section. */
  readonly start: string;
  readonly reason: string;
}

const ITEM = /^- RFC ([1-9]\d*) §([\w.]+?): "(.+?)": (\S.*)$/;

/** Items are `- RFC 3261 §16.1: "start of the sentence": reason`; a wrapped one is indented. */
export function readDeclined(
  path: string,
  text: string,
): { readonly declined: readonly Declined[]; readonly faults: readonly Fault[] } {
  const declined: Declined[] = [];
  const faults: Fault[] = [];
  for (const { line, item } of items(text)) {
    const match = ITEM.exec(item);
    if (match === null) {
      faults.push({ path, line, what: 'write - RFC 3261 §16.1: "start of the sentence": reason' });
      continue;
    }
    const [, rfc, section = "", start = "", reason = ""] = match;
    declined.push({ path, line, rfc: Number(rfc), section, start: squeeze(start), reason });
  }
  return { declined, faults };
}

export function declines(entry: Declined, { rfc, section, sentence }: Requirement): boolean {
  if (entry.rfc !== rfc || !isWithin(section.id, entry.section)) return false;
  return entry.start === "*" || sentence.startsWith(entry.start);
}

function items(text: string): readonly { readonly line: number; readonly item: string }[] {
  const found: { line: number; item: string }[] = [];
  for (const [index, content] of text.split("\n").entries()) {
    const last = found.at(-1);
    if (content.startsWith("- RFC ")) found.push({ line: index + 1, item: content });
    else if (last && /^\s+\S/.test(content)) last.item = squeeze(`${last.item} ${content}`);
  }
  return found;
}
