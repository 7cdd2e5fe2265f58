/** What a message is, in one line: for ladders and logs. */
import type { Octets } from "../grammar/octets.ts";
import { parseCSeq } from "./cseq.ts";
import { header } from "./headers.ts";
import { parseMessage } from "./message.ts";

/**
 * What it is in one line, for ladders and logs: `INVITE`, `180 Ringing (INVITE)`, `(keep-alive)`,
 * `(not SIP)`.
 */
export const messageLabel = (octets: Octets): string => messageLabels(octets)[0] ?? "";

/**
 * The same, and then shorter and shorter: words go before the number and the method do. For where
 * there is little room.
 */
export function messageLabels(octets: Octets): readonly string[] {
  const message = parseMessage(octets);
  if (!message.ok) return [octets.trim() === "" ? "(keep-alive)" : "(not SIP)"];
  if (message.value.kind === "Request") return [message.value.method];
  const cseq = parseCSeq(header(message.value, "CSeq") ?? "");
  const { status, reasonPhrase } = message.value;
  const method = cseq.ok ? cseq.value.method : "?";
  const words = reasonPhrase.split(" ");
  const shorter = words.map((_, i) => words.slice(0, words.length - i).join(" "));
  const phrases = shorter.flatMap((phrase) => [phrase, abbreviated(phrase)]);
  return [
    ...phrases.map((phrase) => `${status} ${phrase} (${method})`),
    ...phrases.map((phrase) => `${status} ${phrase}`),
    String(status),
  ];
}

const abbreviated = (phrase: string): string =>
  phrase.replace(/\b(Auth|Temp|Trans|Unsup|Not Accept|Intern)[a-z]{3,}/g, "$1.");
