/** Warning. RFC 3261 §20.43. */
import { isDigits, isSpace, isToken, skipSpace, trimEnd } from "../../grammar/chars.ts";
import { fromText, type Octets, toText } from "../../grammar/octets.ts";
import { quote, skipQuoted, unquote } from "../../grammar/quoted.ts";
import { ok, type Result } from "../../grammar/result.ts";
import { readHostPort } from "../../uri/host.ts";
import { badHeader } from "./header-error.ts";
import { formatList, parseList } from "./list.ts";

/** What went wrong beyond the status. RFC 3261 §20.43. */
export interface Warning {
  /** 300 to 399 where it is about the session's description or the session. */
  readonly code: number;
  /** Who says so: a host, with a port or not, or a pseudonym. */
  readonly agent: string;
  /** For people, decoded from UTF-8. */
  readonly text: string;
}

const SOURCE = "RFC 3261 §20.43";

/**
 * `Warning = "Warning" HCOLON warning-value *(COMMA warning-value)`.
 * RFC 3261 §20.43. Errors: `bad-header` (400).
 */
export const parseWarning = (octets: Octets): Result<readonly Warning[]> =>
  parseList(octets, SOURCE, readWarning);

/** `warning-value = warn-code SP warn-agent SP warn-text` */
function readWarning(octets: Octets, start: number, end: number): Result<Warning> {
  const agentStart = skipSpace(octets, start + 3, end);
  let agentEnd = agentStart;
  while (agentEnd < end && !isSpace(octets.charCodeAt(agentEnd))) agentEnd++;
  const textStart = skipSpace(octets, agentEnd, end);
  const agent = octets.slice(agentStart, agentEnd);
  if (!isDigits(octets, start, start + 3) || agentStart === start + 3 || !isAgent(agent)) {
    return badHeader("expected three digits and a host", start, SOURCE);
  }
  const textEnd = trimEnd(octets, textStart, end);
  if (octets[textStart] !== '"' || skipQuoted(octets, textStart, textEnd) !== textEnd) {
    return badHeader("expected a text in quotes", textStart, SOURCE);
  }
  const text = toText(unquote(octets.slice(textStart, textEnd)));
  return ok({ code: Number(octets.slice(start, start + 3)), agent, text });
}

/**
 * Throws a RangeError on an empty list, a code that is not from 100 to 999, and an agent that is
 * neither host nor token.
 */
export const formatWarning = (warnings: readonly Warning[]): Octets =>
  formatList(warnings, ({ code, agent, text }) => {
    if (!Number.isInteger(code) || code < 100 || code > 999) throw new RangeError(`code: ${code}`);
    if (!isAgent(agent)) throw new RangeError(`not an agent: ${JSON.stringify(agent)}`);
    return `${code} ${agent} ${quote(fromText(text))}`;
  });

/** `warn-agent = hostport / pseudonym`, `pseudonym = token` */
const isAgent = (agent: string): boolean => isToken(agent) || readHostPort(agent) !== undefined;
