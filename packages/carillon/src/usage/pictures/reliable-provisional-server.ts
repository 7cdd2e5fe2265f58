/** Specimens of the machine's states and inputs. */
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../reliable-provisional-server.ts";
import * as machine from "../reliable-provisional-server.ts";

const ringing = { id: 1, status: 180, description: undefined };
const early = { id: 2, status: 183, description: "Answer" } as const;
const offered = { id: 3, status: 183, description: "Offer" } as const;
const timers = { timerRetransmit: 500, intervalRetransmit: 500, timerGiveUp: 32_000 };

const states: readonly State[] = [
  { name: "Idle", timerExtend: 150_000, rseq: 100, first: true },
  { name: "Idle", timerExtend: 150_000, rseq: 101, first: false },
  {
    ...{ name: "Unacknowledged", ...timers, rseq: 100, response: ringing },
    ...{ waiting: [], final: undefined },
  },
  {
    ...{ name: "Unacknowledged", ...timers, rseq: 100, response: offered },
    ...{ waiting: [early], final: undefined },
  },
  {
    ...{ name: "Unacknowledged", ...timers, rseq: 100, response: early },
    ...{ waiting: [], final: 200 },
  },
  { name: "Finished", timerEnd: 32_000, rseq: 100, response: ringing },
  { name: "Terminated" },
];

const prack = (rseq: number, description: boolean): Input => ({
  kind: "Prack",
  rack: { rseq, cseq: { number: 7, method: "INVITE" } },
  description,
});

const inputs: readonly (readonly [Input, number])[] = [
  [{ kind: "Provisional", response: ringing }, 7],
  [{ kind: "Provisional", response: early }, 7],
  [prack(100, false), 7],
  [prack(100, true), 7],
  [prack(99, false), 7],
  [{ kind: "Final", status: 200 }, 7],
  [{ kind: "Final", status: 486 }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 500],
  [{ kind: "Tick" }, 32_000],
  [{ kind: "Tick" }, 150_000],
  [{ kind: "Abandon" }, 7],
];

export const reliableProvisionalServer = (): Picture =>
  drawn({
    title: "Reliable provisional responses, sending",
    file: "usage/reliable-provisional-server.ts",
    source: "RFC 3262 §3",
    machine,
    params: { cseq: 7, inviteOffered: true, firstRSeq: 100, t1: 500 },
    states,
    inputs,
  });
