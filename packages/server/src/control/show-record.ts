/** `carillon record`: has the running server record a call, or end that. */
import { CannotStart } from "../cannot-start.ts";
import type { Settings } from "../settings.ts";
import { askServer } from "./control-client.ts";
import { controlPath } from "./control-server.ts";
import type { RecordLine } from "./recorder.ts";

export interface RecordWish {
  /** As typed: its id, the beginning of it, or who is in it. */
  readonly call: string;
  /** Ends what is recorded. */
  readonly stop: boolean;
  /** Pictures as well. */
  readonly webm: boolean;
  readonly json: boolean;
}

/** What to print. Throws CannotStart in words where nothing is recorded. */
export async function showRecord(
  settings: Pick<Settings, "data">,
  { json, ...wish }: RecordWish,
): Promise<string> {
  let said: RecordLine | undefined;
  await askServer(controlPath(settings.data), { ask: "record", ...wish }, (line) => {
    const heard = line as unknown as RecordLine;
    // A call that went over to another worker tells of another file before its end.
    if (wish.stop && "name" in heard && heard.name === "Recording") return "more";
    said = heard;
    return "enough";
  });
  if (!said) throw new CannotStart("The server has ended before it said how it went.");
  if ("error" in said) throw new CannotStart(said.error);
  if (said.name === "Recorded" && said.paths.length === 0) {
    throw new CannotStart(`Nothing was recorded: ${said.why ?? "not a word was said"}.`);
  }
  return json ? `${JSON.stringify(said)}\n` : inWords(said, wish.call);
}

function inWords(said: Exclude<RecordLine, { error: string }>, call: string): string {
  if (said.name === "Recorded") {
    const why = said.why === undefined ? "" : ` It was ended: ${said.why}.`;
    return `Recorded.${why}\n${said.paths.map((path) => `  ${path}\n`).join("")}`;
  }
  return `It is being recorded, and both are told. It ends with the call, or with:
  carillon record ${call} --stop
It is written to:
  ${said.path}
`;
}
