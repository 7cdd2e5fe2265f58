/** What went over a network, drawn as a ladder: one tower a host, time downwards. */
import { isKeepAlive } from "../endpoint/read-message.ts";
import { messageLabels } from "../message/message-label.ts";
import type { Sight } from "./network.ts";
import { plainWords } from "./plain-words.ts";

/** How a ladder is drawn. */
export interface LadderOptions {
  /** Columns between two towers. */
  readonly width?: number;
  /** Says beside each message what it means, for people who meet SIP for the first time. */
  readonly explained?: boolean;
  /** Draws what only keeps connections alive, too (RFC 5626 §3.5); true if left out. */
  readonly keepAlives?: boolean;
}

/** One line a message: time since the first, and an arrow from sender to receiver. */
export function ladder(
  sights: readonly Sight[],
  towers: readonly string[],
  { width = 30, explained = false, keepAlives = true }: LadderOptions = {},
): string {
  const start = sights[0]?.at ?? 0;
  const end = (towers.length - 1) * width;
  const place = (name: string) => towers.indexOf(name) * width;
  const head = towers.map((name) => name.padEnd(width)).join("");
  const lines = [`${" ".repeat(TIME)}${head.trimEnd()}`];
  for (const sight of sights) {
    const [from, to] = [place(sight.from), place(sight.to)];
    if (from < 0 || to < 0 || (!keepAlives && isKeepAlive(sight.octets))) continue;
    const seconds = ((sight.at - start) / 1000).toFixed(3).padStart(TIME - 1);
    const row = arrow(from, to, sight, end);
    const words = explained ? `  ${plainWords(sight)}` : "";
    lines.push(`${seconds} ${row}${words}`.trimEnd());
  }
  return lines.join("\n");
}

/** Columns before the first tower. */
const TIME = 8;

function arrow(from: number, to: number, sight: Sight, end: number): string {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  const inner = Math.max(0, right - left - 1);
  const room = inner - 4;
  const all = messageLabels(sight.octets);
  const label = all.find(({ length }) => length <= room) ?? all.at(-1)?.slice(0, room) ?? "";
  const text = label === "" ? "" : ` ${label} `;
  const before = Math.floor((inner - text.length) / 2);
  const shaft = `${"-".repeat(before)}${text}${"-".repeat(inner - before - text.length)}`;
  const head = sight.lost ? "x" : to > from ? ">" : "<";
  const pointed = to > from ? `${shaft.slice(0, -1)}${head}` : `${head}${shaft.slice(1)}`;
  return `${" ".repeat(left)}|${pointed}|`.padEnd(end + 1);
}
