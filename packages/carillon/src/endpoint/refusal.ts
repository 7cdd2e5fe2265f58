/** Answering what could not be read, where its headers allow it. RFC 3261 §18.3, §16.3. */
import type { Octets } from "../grammar/octets.ts";
import { fromText } from "../grammar/octets.ts";
import type { ParseError } from "../grammar/result.ts";
import { parseMessage, type Request } from "../message/message.ts";

/**
 * The request in a form that can be answered, though something in it was wrong: its start line
 * made harmless and its body left out. Undefined where not even the headers can be told apart.
 */
export function answerable(octets: Octets, error: ParseError): Request | undefined {
  if (error.code === "bad-header" || error.code === "no-end") return undefined;
  const lineEnd = octets.indexOf("\r\n");
  const end = octets.indexOf("\r\n\r\n");
  if (lineEnd < 0 || end < lineEnd || octets.startsWith("SIP/")) return undefined;
  const method = /^[A-Za-z]{1,32} /.exec(octets)?.[0];
  if (!method || method === "ACK ") return undefined;
  const kept = octets
    .slice(lineEnd + 2, end)
    .split("\r\n")
    .filter((line) => !/^(content-length|l)[ \t]*:/i.test(line));
  const message = parseMessage(
    `${method}sip:refused.invalid SIP/2.0\r\n${kept.join("\r\n")}\r\n\r\n`,
  );
  return message.ok && message.value.kind === "Request" ? message.value : undefined;
}

/** The Warning that tells what was wrong. RFC 3261 §20.43. */
export const warning = (agent: string, what: string): Octets =>
  `399 ${agent} "${fromText(what).replaceAll(/["\\\r\n\0]/g, "'")}"`;
