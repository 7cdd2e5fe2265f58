/** What went over a network, drawn as a ladder: one tower a host, time downwards. */
import { parseCSeq } from "../message/cseq.ts";
import { header } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import type { Sight } from "./network.ts";

export interface LadderOptions {
  /** Columns between two towers. */
  readonly width?: number;
}

/** One line a message: time since the first, and an arrow from sender to receiver. */
export function ladder(
  sights: readonly Sight[],
  towers: readonly string[],
  { width = 30 }: LadderOptions = {},
): string {
  const start = sights[0]?.at ?? 0;
  const place = (name: string) => towers.indexOf(name) * width;
  const head = towers
    .map((name) => name.padEnd(width))
    .join("")
    .trimEnd();
  const lines = [`${" ".repeat(8)}${head}`];
  for (const sight of sights) {
    const [from, to] = [place(sight.from), place(sight.to)];
    if (from < 0 || to < 0) continue;
    const seconds = ((sight.at - start) / 1000).toFixed(3).padStart(7);
    lines.push(
      `${seconds} ${arrow(from, to, describe(sight), sight.lost, (towers.length - 1) * width)}`,
    );
  }
  return lines.join("\n");
}

/** The one line that says what a message is: its method or status, and what it is for. */
export function describe({ octets }: Pick<Sight, "octets">): string {
  const message = parseMessage(octets);
  if (!message.ok) return octets.trim() === "" ? "(keep-alive)" : "(not SIP)";
  if (message.value.kind === "Request") return message.value.method;
  const cseq = parseCSeq(header(message.value, "CSeq") ?? "");
  const { status, reasonPhrase } = message.value;
  return `${status} ${reasonPhrase} (${cseq.ok ? cseq.value.method : "?"})`;
}

function arrow(from: number, to: number, label: string, lost: boolean, end: number): string {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const inner = right - left - 1;
  const text = ` ${label} `.slice(0, inner - 2);
  const before = Math.floor((inner - text.length) / 2);
  const shaft = `${"-".repeat(before)}${text}${"-".repeat(inner - before - text.length)}`;
  const pointed =
    to > from ? `${shaft.slice(0, -1)}${lost ? "x" : ">"}` : `${lost ? "x" : "<"}${shaft.slice(1)}`;
  const row = `${" ".repeat(left)}|${pointed}|`.padEnd(end + 1).split("");
  return row.join("").trimEnd();
}
