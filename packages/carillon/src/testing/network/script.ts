/**
 * Scripts of peers as text: what is expected, and what is said then, a line for each.
 *
 *     expect INVITE
 *     wait 200 ms
 *     send 200 OK
 *       Contact: <sip:bob@192.0.2.2>
 *       | v=0
 *     expect ACK within 500 ms
 *     send BYE
 *     expect 200 BYE
 *
 * Indented lines belong to the `send` above them: headers, and with a bar the lines of a body.
 */
import type { Millis } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";

export type Step = { readonly line: number } & Instruction;

export type Instruction =
  /** `INVITE`, `200`, or `200 BYE`; in time, or the script fails. */
  | { readonly kind: "Expect"; readonly what: string; readonly withinMs: Millis }
  /** What may come at any time and is passed over. */
  | { readonly kind: "Ignore"; readonly what: string }
  | { readonly kind: "Wait"; readonly ms: Millis }
  /** An answer to the last request, or to the last one with this method. */
  | ({
      readonly kind: "Answer";
      readonly status: number;
      readonly phrase: string;
      readonly to: string | undefined;
    } & Parts)
  /** In the dialog, if there is one; else to this URI. */
  | ({
      readonly kind: "Request";
      readonly method: string;
      readonly uri: string | undefined;
    } & Parts)
  /** Any octets, as JSON writes a string. */
  | { readonly kind: "Raw"; readonly octets: Octets }
  | { readonly kind: "Connect"; readonly transport: "TCP" | "TLS" | "WS"; readonly where: string }
  /** The connection of what was heard last. */
  | { readonly kind: "End"; readonly how: "Close" | "Finish" | "Reset" };

export interface Parts {
  readonly headers: readonly Octets[];
  readonly body: Octets;
}

/** Throws a RangeError with the line's number on what is no script. */
export function parseScript(text: string): readonly Step[] {
  const steps: { line: number; text: string; more: string[] }[] = [];
  const lines = text.split("\n");
  const margin = Math.min(...lines.filter((one) => one.trim() !== "").map(indent));
  for (const [i, one] of lines.entries()) {
    if (one.trim() === "" || one.trim().startsWith("#")) continue;
    if (indent(one) > margin) steps.at(-1)?.more.push(one.trim());
    else steps.push({ line: i + 1, text: one.trim(), more: [] });
  }
  return steps.map(({ line, text: words, more }) => {
    const step = instruction(words, partsOf(more));
    if (!step) throw new RangeError(`line ${line}: not understood: ${words}`);
    return { line, ...step };
  });
}

/** Longer than any timer of a transaction: silence is a failure of its own. */
const PATIENCE_MS: Millis = 40_000;

function instruction(text: string, parts: Parts): Instruction | undefined {
  const [verb = "", ...words] = text.split(" ");
  const rest = words.join(" ");
  switch (verb) {
    case "expect": {
      const [, what = "", withinMs] = /^(.+?)(?: within (\d+) ms)?$/.exec(rest) ?? [];
      return { kind: "Expect", what, withinMs: withinMs ? Number(withinMs) : PATIENCE_MS };
    }
    case "ignore":
      return { kind: "Ignore", what: rest };
    case "wait":
      return words[1] === "ms" ? { kind: "Wait", ms: Number(words[0]) } : undefined;
    case "send":
      return sending(rest, parts);
    case "raw":
      return { kind: "Raw", octets: JSON.parse(rest) };
    case "connect": {
      const [transport = "", where = ""] = words;
      if (transport !== "TCP" && transport !== "TLS" && transport !== "WS") return undefined;
      return { kind: "Connect", transport, where };
    }
    case "close":
      return { kind: "End", how: "Close" };
    case "finish":
      return { kind: "End", how: "Finish" };
    case "reset":
      return { kind: "End", how: "Reset" };
    default:
      return undefined;
  }
}

function sending(text: string, parts: Parts): Instruction | undefined {
  const answer = /^(\d{3}) (.*?)(?: to ([A-Z]+))?$/.exec(text);
  if (answer) {
    const [, status, phrase = "", to] = answer;
    return { kind: "Answer", status: Number(status), phrase, to, ...parts };
  }
  const request = /^([A-Z]+)(?: (\S+))?$/.exec(text);
  if (!request) return undefined;
  const [, method = "", uri] = request;
  return { kind: "Request", method, uri, ...parts };
}

function partsOf(lines: readonly string[]): Parts {
  const isBody = (line: string) => line.startsWith("|");
  const body = lines.filter(isBody).map((line) => `${line.slice(1).trim()}\r\n`);
  return { headers: lines.filter((line) => !isBody(line)), body: body.join("") };
}

const indent = (line: string): number => line.length - line.trimStart().length;
