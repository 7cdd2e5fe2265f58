/** Specimens of the machine's states and inputs. */

import { NEVER } from "../../transaction/timers.ts";
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../session-modification.ts";
import * as machine from "../session-modification.ts";

const reinvite = { method: "INVITE", offer: true } as const;
const update = { method: "UPDATE", offer: true } as const;
const refresh = { method: "UPDATE", offer: false } as const;
const nothing = {
  ...{ timerRetry: NEVER, wanted: undefined, tries: 0, updating: undefined },
  ...{ updated: false, timerPrompt: NEVER, offer: undefined },
};
const ours = { by: "Local", in: "INVITE" } as const;
const theirs = { by: "Remote", in: "INVITE" } as const;

const states: readonly State[] = [
  { name: "Idle", ...nothing },
  { name: "Idle", ...nothing, wanted: reinvite, timerRetry: 2100, tries: 1 },
  { name: "Idle", ...nothing, updating: update, offer: { by: "Local", in: "UPDATE" } },
  {
    ...{ name: "Idle", ...nothing, updated: true, timerPrompt: 3500 },
    offer: { by: "Remote", in: "UPDATE" },
  },
  { name: "Inviting", inviting: reinvite, ...nothing, offer: ours },
  { name: "Invited", ...nothing, offer: theirs },
  { name: "Invited", ...nothing, offer: ours },
  { name: "Confirming", timerAck: 32_000, status: 200, ...nothing, wanted: reinvite },
  { name: "Confirming", timerAck: 32_000, status: 488, ...nothing },
  { name: "Terminated" },
];

const response = (method: "INVITE" | "UPDATE", status: number, retryAfterSeconds?: number) =>
  ({ kind: "Response", method, status, retryAfterSeconds, random: 0.5 }) satisfies Input;

const inputs: readonly (readonly [Input, number])[] = [
  [{ kind: "Modify", change: reinvite }, 7],
  [{ kind: "Modify", change: update }, 7],
  [{ kind: "Modify", change: refresh }, 7],
  [response("INVITE", 200), 7],
  [response("INVITE", 481), 7],
  [response("INVITE", 488), 7],
  [response("INVITE", 491), 7],
  [response("UPDATE", 200), 7],
  [response("UPDATE", 408), 7],
  [response("UPDATE", 491), 7],
  [response("UPDATE", 500, 3), 7],
  [{ kind: "Received", change: reinvite, random: 0.5 }, 7],
  [{ kind: "Received", change: update, random: 0.5 }, 7],
  [{ kind: "Received", change: refresh, random: 0.5 }, 7],
  [{ kind: "Replied", method: "INVITE", status: 200 }, 7],
  [{ kind: "Replied", method: "INVITE", status: 488 }, 7],
  [{ kind: "Replied", method: "UPDATE", status: 200 }, 7],
  [{ kind: "Ack" }, 7],
  [{ kind: "Offered", offer: theirs }, 7],
  [{ kind: "Answered" }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 2100],
  [{ kind: "Tick" }, 3500],
  [{ kind: "Tick" }, 32_000],
  [{ kind: "Abandon" }, 7],
];

export const sessionModification = (): Picture =>
  drawn({
    title: "Changes of a session",
    file: "usage/session-modification.ts",
    source: "RFC 3261 §14, RFC 3311 §5",
    machine,
    params: { ownsCallId: true, t1: 500, initial: undefined },
    states,
    inputs,
  });
