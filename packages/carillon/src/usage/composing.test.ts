import { describe, expect, test } from "vitest";
import * as receiver from "./composing-receiver.ts";
import * as sender from "./composing-sender.ts";

const P = sender.COMPOSING_DEFAULTS;

/** What it says, and when, if this happens at these seconds; ticks come when they are due. */
function told(events: readonly (readonly [second: number, kind: sender.Input["kind"]])[]) {
  const said: string[] = [];
  let [s] = sender.start(P, 0);
  const take = (input: sender.Input, now: number) => {
    const [next, ...outputs] = sender.step(P, s, input, now);
    s = next;
    for (const { kind } of outputs) said.push(`${now / 1000} ${kind}`);
  };
  const until = (now: number) => {
    while (sender.deadline(s) <= now) take({ kind: "Tick" }, sender.deadline(s));
  };
  for (const [second, kind] of events) {
    until(1000 * second - 1);
    take({ kind }, 1000 * second);
  }
  until(1_000_000);
  return said;
}

describe("who writes", () => {
  test("RFC 3994 §3.2 says so once, and nothing when the message goes", () => {
    //= RFC 3994 §3.2
    //# If a content message is sent before the idle threshold expires, no "idle" state indication
    //# is needed.
    expect(
      told([
        [0, "Composing"],
        [5, "Composing"],
        [10, "ContentSent"],
      ]),
    ).toEqual(["0 TellActive"]);
  });

  test("RFC 3994 §3.2 says that they have stopped, after 15 seconds or at once", () => {
    //= RFC 3994 §3.2
    //# If the user stops composing for more than a configured time interval, the idle timeout, the
    //# state transitions to "idle", and an "idle" status message is sent.
    //= RFC 3994 §3.2
    //# Unless otherwise configured by the user, the idle timeout SHOULD have a default value of 15
    //# seconds.
    expect(
      told([
        [0, "Composing"],
        [10, "Composing"],
      ]),
    ).toEqual(["0 TellActive", "25 TellIdle"]);
    expect(
      told([
        [0, "Composing"],
        [3, "Stop"],
        [4, "Stop"],
      ]),
    ).toEqual(["0 TellActive", "3 TellIdle"]);
  });

  test("RFC 3994 §3.2 says it again for as long as they write", () => {
    const typing = Array.from({ length: 20 }, (_, i) => [10 * i, "Composing"] as const);
    //= RFC 3994 §3.2
    //# Each transmission of the isComposing message resets the timer.
    expect(told(typing)).toEqual([
      "0 TellActive",
      "90 TellActive",
      "180 TellActive",
      "205 TellIdle",
    ]);
  });

  test("RFC 3994 §4 says no more once the other side does not want to hear it", () => {
    //= RFC 3994 §4
    //# In SIP-based IM, The composer MUST cease transmitting status messages if the receiver
    //# returned a 415 status code (Unsupported Media Type) in response to a MESSAGE request
    //# containing the status indication.
    expect(
      told([
        [0, "Composing"],
        [1, "Unsupported"],
        [100, "Composing"],
      ]),
    ).toEqual(["0 TellActive"]);
  });
});

describe("who reads", () => {
  const run = (...inputs: readonly (readonly [second: number, input: receiver.Input])[]) => {
    let [s] = receiver.start({}, 0);
    const changes: string[] = [];
    for (const [second, input] of inputs) {
      const [next, ...outputs] = receiver.step({}, s, input, 1000 * second);
      s = next;
      for (const { to } of outputs) changes.push(`${second} ${to}`);
    }
    return { changes, deadline: receiver.deadline(s) };
  };
  const active = (refreshSeconds?: number): receiver.Input => ({
    ...{ kind: "Told", state: "active", refreshSeconds },
  });

  test("RFC 3994 §3.3 sees somebody write until they stop, or are silent", () => {
    //= RFC 3994 §3.3
    //# The state at the receiver transitions from "active" to "idle" under three conditions:
    const idle = { kind: "Told", state: "idle", refreshSeconds: undefined } as const;
    for (const end of [idle, { kind: "ContentReceived" } as const]) {
      expect(run([0, active(60)], [9, end]).changes).toEqual(["0 Active", "9 Idle"]);
    }
    expect(run([0, active(60)], [59, { kind: "Tick" }], [60, { kind: "Tick" }]).changes).toEqual([
      ...["0 Active", "60 Idle"],
    ]);
  });

  test("RFC 3994 §3.3 waits as long as they say, or two minutes, and never for ever", () => {
    //= RFC 3994 §3.3
    //# Receivers MUST be able to handle multiple consecutive isComposing messages with "active"
    //# state, regardless of the refresh interval.
    //= RFC 3994 §3.3
    //# If the most recent "active" status message contained a <refresh> value, the refresh time-out
    //# is set to that value; otherwise, it is 120 seconds.
    expect(run([0, active(60)], [1, active()])).toEqual({
      changes: ["0 Active"],
      deadline: 121_000,
    });
    expect(run([0, active(2 ** 32 - 1)]).deadline).toBe(600_000);
  });
});
