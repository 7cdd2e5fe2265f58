/**
 * Keys as INFO carries them, before RFC 6086 gave INFO packages: `application/dtmf-relay` with a
 * signal and its duration, and `application/dtmf` with the signal alone. No RFC says how; phones
 * and exchanges agree on it all the same.
 */
import { isDigits } from "../grammar/chars.ts";
import type { Octets } from "../grammar/octets.ts";
import { bad, ok, type Result } from "../grammar/result.ts";
import { KEYS } from "./keys.ts";
import type { DtmfTone } from "./media.ts";

export const DTMF_RELAY = "application/dtmf-relay";
export const DTMF = "application/dtmf";

/** The numbers of RFC 4733 §3.2 for those that are no digits. */
const NUMBERED: Readonly<Record<string, string>> = {
  ...{ "10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D" },
};
const USUAL_MS = 160;
const MAX_MS = 60_000;
/** Longer bodies say something else. */
const MAX_BODY = 200;

/** The body of an INFO of this type that says a key. */
export const formatDtmf = (type: string, { tone, durationMs }: DtmfTone): Octets =>
  type === DTMF ? tone : `Signal=${tone}\r\nDuration=${durationMs}\r\n`;

/** Errors: `bad-body` (400), and 415 for another type. */
export function parseDtmf(type: string, body: Octets): Result<DtmfTone> {
  if (type !== DTMF && type !== DTMF_RELAY) return wrong("it says no key", 415);
  if (body.length > MAX_BODY) return wrong("it is too long");
  const fields = type === DTMF ? new Map([["signal", body.trim()]]) : fieldsOf(body);
  const signal = (fields.get("signal") ?? "").toUpperCase();
  const tone = NUMBERED[signal] ?? signal;
  if (tone.length !== 1 || !KEYS.includes(tone)) return wrong("its signal is no key");
  const said = fields.get("duration") ?? "";
  const durationMs = isDigits(said) && said !== "" ? Math.min(Number(said), MAX_MS) : USUAL_MS;
  return ok({ tone, durationMs });
}

/** `name = value` on each line. */
function fieldsOf(body: Octets): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of body.split("\n")) {
    const equal = line.indexOf("=");
    if (equal < 0) continue;
    const name = line.slice(0, equal).trim().toLowerCase();
    if (!fields.has(name)) fields.set(name, line.slice(equal + 1).trim());
  }
  return fields;
}

const wrong = (words: string, status = 400) =>
  bad("bad-body", words, 0, "application/dtmf-relay", status);
