import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "./glare.ts";
import { lifeOf, printStep } from "./picture.ts";
import * as modification from "./session-modification.ts";

const { deadline, start, step } = modification;
type Input = modification.Input;
type Output = modification.Output;
type Params = modification.Params;
type State = modification.State;

const established: Params = { ownsCallId: true, t1: 500, initial: undefined };
const reinvite: Change = { method: "INVITE", offer: true };
const update: Change = { method: "UPDATE", offer: true };
const refresh: Change = { method: "UPDATE", offer: false };

const modify = (change: Change): Input => ({ kind: "Modify", change });
const received = (change: Change): Input => ({ kind: "Received", change, random: 0.5 });
const replied = (method: "INVITE" | "UPDATE", status: number): Input => ({
  kind: "Replied",
  method,
  status,
});
const response = (
  method: "INVITE" | "UPDATE",
  status: number,
  retryAfterSeconds?: number,
): Input => ({ kind: "Response", method, status, retryAfterSeconds, random: 0.5 });
const ack: Input = { kind: "Ack" };
const answered: Input = { kind: "Answered" };

/** What each input is answered with, without the state. */
function told(p: Params, ...inputs: readonly Input[]): readonly string[] {
  let [s]: readonly [State, ...Output[]] = start(p, 0);
  return inputs.map((input) => {
    const [next, ...outputs] = step(p, s, input, 0);
    s = next;
    return printStep([{ name: next.name }, ...outputs]);
  });
}

/** `3500 Tick | Refuse UPDATE 504`: when, what, and what came out. */
const withoutState = (line: string): string => {
  const [before = "", ...outputs] = line.split(" | ");
  return [before.split(" ").slice(0, 2).join(" "), ...outputs].join(" | ");
};

const SEND_INVITE = "Send (change {method INVITE, offer})";
const SEND_UPDATE = "Send (change {method UPDATE, offer})";

describe("what is ours to send", () => {
  //= RFC 3261 §14.1
  //# Note that a UAC MUST NOT initiate a new INVITE transaction within a dialog while another
  //# INVITE transaction is in progress in either direction.
  //= RFC 3261 §14.1
  //# 1. If there is an ongoing INVITE client transaction, the TU MUST wait until the transaction
  //# reaches the completed or terminated state before initiating the new INVITE.
  test("RFC 3261 §14.1: one re-INVITE waits for the other's final response", () => {
    expect(told(established, modify(reinvite), modify(reinvite), response("INVITE", 200))).toEqual([
      `Inviting | ${SEND_INVITE}`,
      "Inviting",
      `Inviting | Changed INVITE | ${SEND_INVITE}`,
    ]);
  });

  //= RFC 3261 §14.1
  //# 2. If there is an ongoing INVITE server transaction, the TU MUST wait until the transaction
  //# reaches the confirmed or terminated state before initiating the new INVITE.
  test("RFC 3261 §14.1: and for the ACK of theirs, refused or not", () => {
    for (const status of [200, 488]) {
      const inputs = [received(reinvite), modify(reinvite), replied("INVITE", status), ack];
      expect(told(established, ...inputs).slice(1)).toEqual([
        "Invited",
        "Confirming",
        `Inviting | ${SEND_INVITE}`,
      ]);
    }
  });

  //= RFC 3311 §5.1
  //# If the UPDATE is being sent after the completion of the initial INVITE transaction, it cannot
  //# contain an offer if the caller has generated or received offers in a re-INVITE or UPDATE which
  //# have not been answered.
  test("RFC 3311 §5.1: an UPDATE with an offer waits while another offer has no answer", () => {
    expect(told(established, modify(reinvite), modify(update), response("INVITE", 200))).toEqual([
      `Inviting | ${SEND_INVITE}`,
      "Inviting",
      `Idle | Changed INVITE | ${SEND_UPDATE}`,
    ]);
    expect(told(established, received(update), modify(update), replied("UPDATE", 200))).toEqual([
      "Idle | Take (change {method UPDATE, offer})",
      "Idle",
      `Idle | ${SEND_UPDATE}`,
    ]);
  });

  test("RFC 3311 §5.1: one without an offer waits for no offer, only for an UPDATE", () => {
    const inputs = [modify(reinvite), modify(refresh), modify(refresh), response("UPDATE", 200)];
    expect(told(established, ...inputs).slice(1)).toEqual([
      "Inviting | Send (change {method UPDATE})",
      "Inviting",
      "Inviting | Changed UPDATE | Send (change {method UPDATE})",
    ]);
  });

  test("RFC 3311 §8: in an early dialog the caller and then the callee change the session", () => {
    const caller = { ...established, initial: { by: "Local", offer: true } } as const;
    const inputs = [
      modify(update), // too early: the INVITE's offer has no answer
      answered, // by the 180, which the PRACK acknowledges
      response("UPDATE", 200),
      received(update),
      replied("UPDATE", 200),
      response("INVITE", 200),
    ];
    expect(told(caller, ...inputs)).toEqual([
      "Inviting",
      `Inviting | ${SEND_UPDATE}`,
      "Inviting | Changed UPDATE",
      "Inviting | Take (change {method UPDATE, offer})",
      "Inviting",
      "Idle | Changed INVITE",
    ]);
  });

  test("RFC 3311 §5.1: after an INVITE without an offer the callee's comes first", () => {
    const callee = { ...established, initial: { by: "Remote", offer: false } } as const;
    const inputs: Input[] = [
      modify(update),
      { kind: "Offered", offer: { by: "Local", in: "INVITE" } },
      answered,
    ];
    expect(told(callee, ...inputs)).toEqual(["Invited", "Invited", `Invited | ${SEND_UPDATE}`]);
  });

  test("an INVITE without an offer leaves the answer to its own to the ACK", () => {
    const inputs = [received({ ...reinvite, offer: false }), replied("INVITE", 200)];
    expect(told(established, ...inputs, received(update), ack, received(update)).slice(2)).toEqual([
      "Confirming | Refuse UPDATE 491",
      "Idle",
      "Idle | Take (change {method UPDATE, offer})",
    ]);
    const redirected = [inputs[0] as Input, replied("INVITE", 300), received(update)];
    expect(told(established, ...redirected)[2]).toContain("Take");
  });
});

describe("what is theirs", () => {
  //= RFC 3261 §14.2
  //# A UAS that receives a second INVITE before it sends the final response to a first INVITE with
  //# a lower CSeq sequence number on the same dialog MUST return a 500 (Server Internal Error)
  //# response to the second INVITE and MUST include a Retry-After header field with a randomly
  //# chosen value of between 0 and 10 seconds.
  //= RFC 3261 §14.2
  //# MUST include a Retry-After header field with a randomly chosen value of between 0 and 10
  //# seconds.
  test("RFC 3261 §14.2: a second INVITE before the final response gets a 500", () => {
    expect(told(established, received(reinvite), received(reinvite))).toEqual([
      "Invited | Take (change {method INVITE, offer})",
      "Invited | Refuse INVITE 500 (retryAfterSeconds 5)",
    ]);
  });

  //= RFC 3261 §14.2
  //# A UAS that receives an INVITE on a dialog while an INVITE it had sent on that dialog is in
  //# progress MUST return a 491 (Request Pending) response to the received INVITE.
  test("RFC 3261 §14.2: an INVITE that crosses ours gets a 491", () => {
    expect(told(established, modify(reinvite), received(reinvite))[1]).toBe(
      "Inviting | Refuse INVITE 491",
    );
  });

  test("an INVITE whose sender has our 2xx, but whose ACK is late, is taken", () => {
    const inputs = [received(reinvite), replied("INVITE", 200), received(reinvite)];
    expect(told(established, ...inputs)[2]).toBe("Invited | Take (change {method INVITE, offer})");
  });

  //= RFC 3311 §5.2
  //# A UAS that receives an UPDATE before it has generated a final response to a previous UPDATE on
  //# the same dialog MUST return a 500 response to the new UPDATE, and MUST include a Retry-After
  //# header field with a randomly chosen value between 0 and 10 seconds.
  test("RFC 3311 §5.2: a second UPDATE before the final response gets a 500", () => {
    expect(told(established, received(refresh), received(refresh))[1]).toBe(
      "Idle | Refuse UPDATE 500 (retryAfterSeconds 5)",
    );
  });

  //= RFC 3311 §5.2
  //# However, unlike a re-INVITE, the UPDATE MUST be responded to promptly, and therefore the user
  //# cannot generally be prompted to approve the session changes. If the UAS cannot change the
  //# session parameters without prompting the user, it SHOULD reject the request with a 504
  //# response.
  test("RFC 3311 §5.2: an UPDATE that nobody answers is refused after 3.5 s", () => {
    const late = [
      [0, received(update)],
      [1000, received(update)],
      [4000, replied("UPDATE", 200)],
      [4000, received(update)],
      [5000, replied("UPDATE", 200)],
    ] as const;
    const lines = lifeOf(modification, established, late);
    expect(lines.filter((line) => / (Refuse|Take) /.test(line)).map(withoutState)).toEqual([
      "0 Received | Take (change {method UPDATE, offer})",
      "1000 Received | Refuse UPDATE 500 (retryAfterSeconds 5)",
      "3500 Tick | Refuse UPDATE 504",
      "4000 Received | Take (change {method UPDATE, offer})",
    ]);
    expect(lines.at(-1)).toBe("5000 Replied UPDATE 200 = Idle (tries 0)");
    // What waited for it goes out then.
    const waiting = [
      [0, received(update)],
      [10, modify(reinvite)],
    ] as const;
    expect(lifeOf(modification, established, waiting).at(-1)).toContain(
      ` | Refuse UPDATE 504 | ${SEND_INVITE}`,
    );
  });

  //= RFC 3311 §5.2
  //# If an UPDATE is received that contains an offer, and the UAS has generated an offer (in an
  //# UPDATE, PRACK or INVITE) to which it has not yet received an answer, the UAS MUST reject the
  //# UPDATE with a 491 response. Similarly, if an UPDATE is received that contains an offer, and
  //# the UAS has received an offer (in an UPDATE, PRACK, or INVITE) to which it has not yet
  //# generated an answer, the UAS MUST reject the UPDATE with a 500 response, and MUST include a
  //# Retry-After header field with a randomly chosen value between 0 and 10 seconds.
  test("RFC 3311 §5.2: an UPDATE that offers gets a 491 against ours, a 500 against theirs", () => {
    expect(told(established, modify(reinvite), received(update))[1]).toBe(
      "Inviting | Refuse UPDATE 491",
    );
    expect(told(established, modify(update), received(update))[1]).toBe("Idle | Refuse UPDATE 491");
    expect(told(established, modify(update), received(reinvite))[1]).toBe(
      "Idle | Refuse INVITE 491",
    );
    expect(told(established, received(reinvite), received(update))[1]).toBe(
      "Invited | Refuse UPDATE 500 (retryAfterSeconds 5)",
    );
    expect(told(established, received(update), received(reinvite))[1]).toBe(
      "Idle | Refuse INVITE 500 (retryAfterSeconds 5)",
    );
    const offered: Input = { kind: "Offered", offer: { by: "Local", in: "PRACK" } };
    const early = { ...established, initial: { by: "Local", offer: true } } as const;
    expect(told(early, offered, received(update))[1]).toBe("Inviting | Refuse UPDATE 491");
    expect(told(early, offered, received(refresh))[1]).toContain("Take");
  });

  //= RFC 3261 §14.2
  //# If a UAS generates a 2xx response and never receives an ACK, it SHOULD generate a BYE to
  //# terminate the dialog.
  test("RFC 3261 §14.2: a 2xx that nobody acknowledges ends the call, a refusal does not", () => {
    const life = (status: number) =>
      lifeOf(modification, established, [
        [0, received(reinvite)],
        [100, replied("INVITE", status)],
      ]).at(-1);
    expect(life(200)).toBe("32100 Tick = Terminated | Bye unacknowledged");
    expect(life(488)).toBe("32100 Tick = Idle (tries 0)");
  });
});

describe("what becomes of ours", () => {
  //= RFC 3261 §14.1
  //# If a UA receives a non-2xx final response to a re-INVITE, the session parameters MUST remain
  //# unchanged, as if no re-INVITE had been issued.
  //= RFC 3311 §5.3
  //# If a UA receives a non-2xx final response to a UPDATE, the session parameters MUST remain
  //# unchanged, as if no UPDATE had been issued.
  test("RFC 3261 §14.1: a refusal leaves the session as it was", () => {
    expect(told(established, modify(reinvite), response("INVITE", 488))[1]).toBe(
      "Idle | Unchanged INVITE 488",
    );
    expect(told(established, modify(update), response("UPDATE", 504))[1]).toBe(
      "Idle | Unchanged UPDATE 504",
    );
  });

  //= RFC 3261 §14.1
  //# Note that, as stated in Section 12.2.1.2, if the non-2xx final response is a 481
  //# (Call/Transaction Does Not Exist), or a 408 (Request Timeout), or no response at all is
  //# received for the re-INVITE (that is, a timeout is returned by the INVITE client transaction),
  //# the UAC will terminate the dialog.
  test("RFC 3261 §14.1: a 481 or silence ends the dialog", () => {
    for (const status of [408, 481]) {
      expect(told(established, modify(reinvite), response("INVITE", status))[1]).toBe(
        "Terminated | Bye unanswered",
      );
      expect(told(established, modify(refresh), response("UPDATE", status))[1]).toBe(
        "Terminated | Bye unanswered",
      );
    }
  });

  //= RFC 3261 §14.1
  //# If a UAC receives a 491 response to a re-INVITE, it SHOULD start a timer with a value T chosen
  //# as follows:
  //= RFC 3311 §5.3
  //# If a UAC receives a 491 response to a UPDATE, it SHOULD start a timer with a value T chosen as
  //# follows:
  //= RFC 3261 §14.1
  //# When the timer fires, the UAC SHOULD attempt the re-INVITE once more, if it still desires for
  //# that session modification to take place.
  //= RFC 3311 §5.3
  //# When the timer fires, the UAC SHOULD attempt the UPDATE once more, if it still desires for
  //# that session modification to take place.
  test("RFC 3261 §14.1: after a 491 it is tried again, each side after its own time", () => {
    for (const [ownsCallId, at] of [
      [true, 3060],
      [false, 1010],
    ] as const) {
      for (const [change, sent] of [
        [reinvite, SEND_INVITE],
        [update, SEND_UPDATE],
      ] as const) {
        const script = [
          [0, modify(change)],
          [10, response(change.method, 491)],
        ] as const;
        const lines = lifeOf(modification, { ...established, ownsCallId }, script);
        expect(lines.at(-1)).toMatch(new RegExp(`^${at} Tick = `));
        expect(lines.at(-1)).toContain(sent);
      }
    }
  });

  test("a 500 with a Retry-After of ten seconds is the same, a longer one a refusal", () => {
    expect(told(established, modify(update), response("UPDATE", 500, 10))[1]).toBe("Idle");
    expect(told(established, modify(update), response("UPDATE", 500, 11))[1]).toContain(
      "Unchanged",
    );
    expect(told(established, modify(update), response("UPDATE", 500))[1]).toContain("Unchanged");
    expect(told(established, modify(update), response("UPDATE", 503, 1))[1]).toContain("Unchanged");
  });

  test("what is wanted meanwhile takes the place of what waits, and waits as long", () => {
    const script = [
      [0, modify(reinvite)],
      [10, response("INVITE", 491)],
      [20, modify(update)],
    ] as const;
    const [waiting = "", sent = ""] = lifeOf(modification, established, script).slice(-2);
    expect(waiting).toContain("Idle (Retry 3060, wanted {method UPDATE, offer}, tries 1)");
    expect(sent).toMatch(/^3060 Tick = Idle /);
    expect(sent).toContain(SEND_UPDATE);
  });

  test("after the sixth 491 in a row it gives up", () => {
    let [s] = step(established, start(established, 0)[0], modify(reinvite), 0);
    const kinds: string[] = [];
    for (let n = 0; n < 6; n++) {
      const [next, ...outputs] = step(established, s, response("INVITE", 491), 0);
      kinds.push(...outputs.map(({ kind }) => kind));
      [s] = step(established, next, { kind: "Tick" }, deadline(next));
    }
    expect(kinds).toEqual(["Unchanged"]);
    expect(s.name).toBe("Idle");
  });
});

test("two who change the session at the same time, again and again, both get their way", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const change = fc.constantFrom(reinvite, update);
  fc.assert(
    fc.property(change, change, fc.infiniteStream(random), (ours, theirs, dice) => {
      const sides = [true, false].map((ownsCallId) => ({ ...established, ownsCallId }));
      const states = sides.map((p) => start(p, 0)[0]);
      const changed = [0, 0];
      let now = 0;
      const wire: [to: number, input: Input][] = [];
      const roll = () => dice.next().value ?? 0;
      const feed = (side: number, input: Input): void => {
        const [p, s] = [sides[side], states[side]];
        if (!p || !s) throw new Error("two sides");
        const [next, ...outputs] = step(p, s, input, now);
        states[side] = next;
        for (const output of outputs) {
          if (output.kind === "Changed") {
            changed[side] = (changed[side] ?? 0) + 1;
            if (output.method === "INVITE") wire.push([1 - side, ack]);
          }
          if (output.kind === "Send") {
            wire.push([1 - side, { kind: "Received", change: output.change, random: roll() }]);
          }
          if (output.kind === "Refuse") {
            const { method, status, retryAfterSeconds } = output;
            const random = roll();
            wire.push([1 - side, { kind: "Response", method, status, retryAfterSeconds, random }]);
          }
          if (output.kind === "Take") {
            feed(side, replied(output.change.method, 200));
            wire.push([1 - side, response(output.change.method, 200)]);
          }
        }
      };
      feed(0, modify(ours));
      feed(1, modify(theirs));
      for (let n = 0; n < 100; n++) {
        const [next] = wire.splice(0, 1);
        if (next) feed(...next);
        else {
          now = Math.min(...states.map(deadline));
          if (now === Number.POSITIVE_INFINITY) break;
          for (const side of [0, 1]) feed(side, { kind: "Tick" });
        }
      }
      expect(changed).toEqual([1, 1]);
      expect(states.map(({ name }) => name)).toEqual(["Idle", "Idle"]);
    }),
  );
});
