/** A line of the log as it is written: for programs as JSON, for people in plain words. */

/** Where the log is to be read: `plain` by people at a terminal, `json` by programs. */
export type LogFormat = "json" | "plain";

/** What moves a terminal's cursor or turns its text round; JSON itself escapes the rest of them. */
const UNSEEN = /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (text: string): string =>
  text.replaceAll(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** `json` is one object, with a line end behind it. */
export function logLine(json: string, format: LogFormat): string {
  if (format === "json") return escaped(json);
  const { time, level, msg, ...rest } = JSON.parse(json) as Record<string, unknown>;
  const at = String(time).slice(0, 23).replace("T", " ");
  const more = Object.entries(rest).map(([name, value]) => `  ${name}=${shown(value)}`);
  const words = typeof msg === "string" ? JSON.stringify(msg).slice(1, -1) : "";
  return `${escaped(`${at}  ${LEVELS[Number(level)] ?? "     "}  ${words}${more.join("")}`)}\n`;
}

const LEVELS: Readonly<Record<number, string>> = {
  20: "debug",
  30: "info ",
  40: "warn ",
  50: "ERROR",
  60: "FATAL",
};

/** In quotes where it would not be one word. */
function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return typeof value === "string" && json === `"${value}"` && !/[ =]/.test(value) ? value : json;
}
