/** `carillon connect`: how far a call is that the server makes for two. */
import { CannotStart } from "../cannot-start.ts";
import type { Settings } from "../settings.ts";
import type { ConnectLine } from "./connector.ts";
import { askServer } from "./control-client.ts";
import { controlPath } from "./control-server.ts";

/** Who is called first, and then who. */
export interface ConnectWish {
  readonly first: string;
  readonly second: string;
  /** Each line is JSON. */
  readonly json: boolean;
}

/**
 * Prints until they have hung up, or it is stopped, which ends their call. Throws CannotStart in
 * words where they never talked.
 */
export async function showConnect(
  settings: Pick<Settings, "data">,
  { first, second, json }: ConnectWish,
  print: (text: string) => void,
): Promise<void> {
  let hasTalked = false;
  let problem: string | undefined;
  const heard = (line: Record<string, unknown>): "enough" | "more" => {
    const said = line as unknown as ConnectLine;
    if (json) print(`${JSON.stringify(said)}\n`);
    if ("error" in said) {
      problem = said.error;
      return "enough";
    }
    if (!json) print(`${wordsOf(said, first, second)}\n`);
    hasTalked ||= said.name === "Talking";
    if (said.name !== "Ended") return "more";
    if (!hasTalked) problem = said.message;
    return "enough";
  };
  await askServer(controlPath(settings.data), { ask: "connect", first, second }, heard);
  if (problem !== undefined) throw new CannotStart(problem);
}

function wordsOf(state: Exclude<ConnectLine, { error: string }>, first: string, second: string) {
  switch (state.name) {
    case "Calling": {
      const who = state.who === "first" ? first : second;
      return state.status >= 180 ? `It rings at ${who}.` : `${who} is called.`;
    }
    case "Talking":
      return `${first} and ${second} talk. Ctrl+C hangs up.`;
    case "Ended":
      return `It is over: ${state.message}`;
  }
}
