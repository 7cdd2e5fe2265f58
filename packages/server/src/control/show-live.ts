/** `carillon calls --live`: who talks to whom at this moment, and how. */
import { spoken as duration } from "../calls.ts";
import type { Settings } from "../settings.ts";
import { readName } from "../store/name.ts";
import { askServer } from "./control-client.ts";
import { controlPath } from "./control-server.ts";
import { type LiveCall, namedCalls } from "./live-calls.ts";

export async function showLive(
  settings: Pick<Settings, "data">,
  { person, json }: { readonly person: string | undefined; readonly json: boolean },
): Promise<string> {
  let all: readonly LiveCall[] = [];
  await askServer(controlPath(settings.data), "calls", (line) => {
    all = (line as unknown as { calls: readonly LiveCall[] }).calls;
    return "enough";
  });
  const wanted = person === undefined ? all : namedCalls(all, nameOf(person));
  if (json) return `${JSON.stringify(wanted, undefined, 2)}\n`;
  return wanted.length === 0 ? "Nobody is in a call.\n" : wanted.map(lineOf).join("");
}

const nameOf = (typed: string): string => {
  const read = readName(typed);
  return read.ok ? read.value.name : typed;
};

/** `3f9a02  talking 1 min 4 s  sip:alice@h.example -> sip:bob@h.example  through here: …` */
export function lineOf({ id, state, seconds, caller, called, bridge }: LiveCall): string {
  const how = bridge === undefined ? "straight from one phone to the other" : through(bridge);
  return `${id}  ${state} ${duration(seconds * 1000)}  ${caller} -> ${called}  ${how}\n`;
}

function through({ spoken, why, isRecorded }: NonNullable<LiveCall["bridge"]>): string {
  const words = spoken.length === 0 ? "" : ` (${spoken.join(" - ")})`;
  return `through here${words}: ${why}${isRecorded ? "; RECORDED" : ""}`;
}
