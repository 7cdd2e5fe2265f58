/** `carillon trace`: the messages of the running server as a ladder that grows. */
import { messageLabel } from "carillon/message";
import type { Settings } from "../settings.ts";
import { askServer } from "./control-client.ts";
import { controlPath } from "./control-server.ts";
import type { TraceLine } from "./tracing.ts";

export interface TraceOptions {
  readonly json: boolean;
  /** The whole text of each message, and not its name alone. */
  readonly full: boolean;
  /** Only messages in which this stands: a Call-ID, a user, an address. */
  readonly only: string | undefined;
}

/** Prints until it is stopped, or the server is. */
export async function showTrace(
  settings: Pick<Settings, "data">,
  options: TraceOptions,
  print: (text: string) => void,
): Promise<void> {
  const heard = (line: Record<string, unknown>) => {
    const seen = line as unknown as TraceLine;
    if (options.only === undefined || isAbout(seen, options.only)) print(printed(seen, options));
    return "more" as const;
  };
  const connected = () => {
    if (!options.json) print(HEAD);
  };
  await askServer(controlPath(settings.data), "trace", heard, connected);
}

const isAbout = ({ peer, message }: TraceLine, what: string): boolean =>
  peer.includes(what) || message.includes(what);

const PEER = 28;
const LABEL = 30;
const HEAD = `${" ".repeat(13)}${"others".padEnd(PEER + 8)}${" ".repeat(LABEL + 3)}this server\n`;

export function printed(line: TraceLine, { json, full }: TraceOptions): string {
  if (json) return `${JSON.stringify(line)}\n`;
  const time = new Date(line.at).toISOString().slice(11, 23);
  const who = `${line.transport.toLowerCase()} ${line.peer}`.padEnd(PEER + 4);
  const label = messageLabel(line.message).slice(0, LABEL);
  const row = `${time}  ${who} ${arrow(label, line.direction)}\n`;
  return full ? `${row}\n${indented(line.message)}\n` : row;
}

function arrow(label: string, direction: "in" | "out"): string {
  const room = LABEL + 4;
  const before = Math.floor((room - label.length - 2) / 2);
  const shaft = `${"-".repeat(before)} ${label} ${"-".repeat(room - label.length - 2 - before)}`;
  return direction === "in" ? `|${shaft}>|` : `|<${shaft}|`;
}

/** What a peer wrote must not move the terminal's cursor. */
const indented = (message: string): string =>
  message
    .split("\r\n")
    .map((one) => `    ${one.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, ".")}\n`)
    .join("");
