/**
 * A message's text, cut at its links: http and https only, and only what looks like what it is. A
 * link that shows one host and leads to another, as `https://bank.example@evil.example` does, stays
 * text.
 */

export type TextPart =
  | { readonly kind: "Text"; readonly text: string }
  /** `text` as it was written, `href` as the browser understands it. */
  | { readonly kind: "Link"; readonly text: string; readonly href: string };

/** What ends a link: white space, quotes, and characters that turn the text around them. */
const LINK = /\bhttps?:\/\/[^\s<>"'`\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/giu;
/** At the end these belong to the sentence; a closing bracket does if it was not opened. */
const TRAILING = new Set([..."!),.:;?]}*_…»”’"]);
const OPENING: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };
/** Longer than any address that somebody copies. */
const MOST = 2048;

export function textParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const link = withoutTail(found);
    const href = hrefOf(link);
    if (href === undefined) continue;
    if (index > from) parts.push({ kind: "Text", text: text.slice(from, index) });
    parts.push({ kind: "Link", text: link, href });
    from = index + link.length;
  }
  if (from < text.length) parts.push({ kind: "Text", text: text.slice(from) });
  return parts;
}

function withoutTail(found: string): string {
  let end = found.length;
  while (end > 0) {
    const last = found.charAt(end - 1);
    if (!TRAILING.has(last)) break;
    const opening = OPENING[last];
    if (opening !== undefined && isOpened(found.slice(0, end - 1), opening, last)) break;
    end--;
    // A thousand brackets are nobody's address, and counting each of them costs.
    if (found.length - end > 16) return "";
  }
  return found.slice(0, end);
}

/** Whether one of the brackets before is still open. */
function isOpened(text: string, opening: string, closing: string): boolean {
  let open = 0;
  for (const letter of text.slice(0, MOST)) {
    if (letter === opening) open++;
    if (letter === closing) open--;
  }
  return open > 0;
}

function hrefOf(link: string): string | undefined {
  if (link.length > MOST || !URL.canParse(link)) return undefined;
  const { protocol, username, password, href } = new URL(link);
  const isWeb = protocol === "http:" || protocol === "https:";
  return isWeb && username === "" && password === "" ? href : undefined;
}
