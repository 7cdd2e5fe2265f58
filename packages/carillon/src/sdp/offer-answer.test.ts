import { describe, expect, test } from "vitest";
import type { Description } from "./description.ts";
import {
  type Input,
  type Message,
  mayUse,
  type Output,
  printOutput,
  printState,
  type State,
  start,
  step,
} from "./offer-answer.ts";

const sdp = (name: string): Description => ({ session: [{ kind: "s", text: name }], media: [] });
const SDP = sdp("x");

const MESSAGES: readonly Message[] = [
  ...(["INVITE", "1xx", "1xx-rel", "2xx-INVITE", "ACK", "PRACK", "2xx-PRACK"] as const),
  ...(["UPDATE", "2xx-UPDATE", "failure-INVITE", "failure-PRACK", "failure-UPDATE"] as const),
];
const INPUTS: readonly Input[] = (["Sent", "Received"] as const).flatMap((kind) =>
  MESSAGES.flatMap((message): readonly Input[] =>
    message.startsWith("failure")
      ? [{ kind, message }]
      : [
          { kind, message },
          { kind, message, sdp: SDP },
        ],
  ),
);
const printInput = ({ kind, message, sdp: has }: Input): string =>
  `${kind} ${message}${has ? "(sdp)" : ""}`;

/** Every state that some sequence of messages leads to, found by trying them all. */
function reachable(inputs = INPUTS): ReadonlyMap<string, State> {
  const states = new Map([[printState(start()), start()]]);
  for (const state of states.values()) {
    for (const input of inputs) {
      const [next] = step(state, input);
      if (!states.has(printState(next))) states.set(printState(next), next);
    }
  }
  return states;
}

/** One dialog: `> INVITE(offer)` is sent, `< 200` received; a line for each with what came out. */
function play(...lines: readonly string[]): readonly string[] {
  let state = start();
  return lines.map((line) => {
    const [, way, message, name] = /^([<>]) ([^(]+)(?:\((.*)\))?$/.exec(line) ?? [];
    const input: Input = {
      kind: way === ">" ? "Sent" : "Received",
      message: message as Message,
      ...(name === undefined ? {} : { sdp: sdp(name) }),
    };
    const [next, ...outputs] = step(state, input);
    state = next;
    return [line, ...outputs.filter(({ kind }) => kind !== "Sends").map(printOutput)].join(": ");
  });
}

/** After these messages, the outputs of the last. */
const last = (...lines: readonly string[]): string | undefined => play(...lines).at(-1);

//= RFC 3262 §5
//# All user agents that support this extension MUST support all offer/answer exchanges that are
//# possible based on the rules in Section 13.2 of RFC 3261, based on the existence of INVITE and
//# PRACK as requests, and 2xx and reliable 1xx as non-failure reliable responses.
describe("RFC 6337 §2.2, table 1: the six patterns", () => {
  test("1: INVITE and its 2xx", () => {
    expect(play("> INVITE(a)", "< 1xx", "< 2xx-INVITE(b)", "> ACK")).toEqual([
      "> INVITE(a)",
      "< 1xx",
      "< 2xx-INVITE(b): Agreed (remote answered)",
      "> ACK",
    ]);
    expect(play("< INVITE(a)", "> 2xx-INVITE(b)", "< ACK")).toEqual([
      "< INVITE(a): Offered",
      "> 2xx-INVITE(b): Agreed (local answered)",
      "< ACK",
    ]);
  });

  //= RFC 3261 §13.2.2.4
  //# If the 2xx contains an offer (based on the rules above), the ACK MUST carry an answer in its
  //# body.
  test("2: 2xx and ACK", () => {
    expect(last("> INVITE", "< 2xx-INVITE(a)", "> ACK")).toContain("RFC 3261 §13.2.2.4");
    expect(play("> INVITE", "< 2xx-INVITE(a)", "> ACK(b)")).toEqual([
      "> INVITE",
      "< 2xx-INVITE(a): Offered",
      "> ACK(b): Agreed (local answered)",
    ]);
    expect(play("< INVITE", "> 2xx-INVITE(a)", "< ACK(b)")).toEqual([
      "< INVITE",
      "> 2xx-INVITE(a)",
      "< ACK(b): Agreed (remote answered)",
    ]);
  });

  test("3: INVITE and a reliable 1xx", () => {
    expect(play("> INVITE(a)", "< 1xx-rel(b)", "> PRACK", "< 2xx-PRACK", "< 2xx-INVITE")).toEqual([
      "> INVITE(a)",
      "< 1xx-rel(b): Agreed (remote answered)",
      "> PRACK",
      "< 2xx-PRACK",
      "< 2xx-INVITE",
    ]);
  });

  //= RFC 3262 §5
  //# If the UAC receives a reliable provisional response with an offer (this would occur if the UAC
  //# sent an INVITE without an offer, in which case the first reliable provisional response will
  //# contain the offer), it MUST generate an answer in the PRACK.
  test("4: a reliable 1xx and PRACK", () => {
    expect(play("> INVITE", "< 1xx-rel(a)", "> PRACK(b)", "< 2xx-PRACK")).toEqual([
      "> INVITE",
      "< 1xx-rel(a): Offered",
      "> PRACK(b): Agreed (local answered)",
      "< 2xx-PRACK",
    ]);
    expect(last("> INVITE", "< 1xx-rel(a)", "> PRACK")).toBe("> PRACK: Illegal (RFC 3262 §5)");
    expect(last("< INVITE", "> 1xx-rel(a)", "< PRACK(b)")).toContain("Agreed (remote answered)");
  });

  //= RFC 3262 §5
  //# If the UAS receives a PRACK with an offer, it MUST place the answer in the 2xx to the PRACK.
  test("5: PRACK and its 2xx, where the 1xx had the answer before", () => {
    const early = ["< INVITE(a)", "> 1xx-rel(b)", "< PRACK(c)"];
    expect(last(...early)).toBe("< PRACK(c): Offered");
    expect(last(...early, "> 2xx-PRACK")).toBe("> 2xx-PRACK: Illegal (RFC 3262 §5)");
    expect(last(...early, "> 2xx-PRACK(d)")).toContain("Agreed (local answered)");
    expect(
      last("> INVITE(a)", "< 1xx-rel(b)", "> PRACK(c)", "< 2xx-PRACK(d)", "< 2xx-INVITE", "> ACK"),
    ).toBe("> ACK");
  });

  //= RFC 3311 §5.2
  //# If the session description has changed, the UAS MUST adjust the session parameters accordingly
  //# and generate an answer in the 2xx response.
  test("6: UPDATE and its 2xx", () => {
    const call = ["> INVITE(a)", "< 2xx-INVITE(b)", "> ACK"];
    expect(last(...call, "> UPDATE(c)", "< 2xx-UPDATE(d)")).toContain("Agreed (remote answered)");
    expect(last(...call, "< UPDATE(c)", "> 2xx-UPDATE(d)")).toContain("Agreed (local answered)");
    expect(last(...call, "< UPDATE(c)", "> 2xx-UPDATE")).toContain("Illegal (RFC 3311 §5.2)");
  });
});

describe("RFC 6337 §3: in the INVITE transaction", () => {
  //= RFC 6337 §3.1.1
  //# A session description in an unreliable response that precedes a reliable response can be
  //# considered a "preview" of the answer that will be coming.
  test("RFC 6337 §3.1.1, figure 1: preview, answer, and what is ignored after it", () => {
    const lines = play(
      ...["> INVITE(a)", "< 1xx(b)", "< 1xx-rel", "> UPDATE(x)", "> PRACK", "< 2xx-PRACK"],
      ...["< 1xx-rel(b)", "> PRACK", "< 2xx-PRACK", "< 1xx-rel(x)", "> PRACK", "< 2xx-PRACK"],
      ...["< 2xx-INVITE(x)", "> ACK"],
    );
    expect(lines).toEqual([
      "> INVITE(a)",
      "< 1xx(b): Preview",
      "< 1xx-rel",
      "> UPDATE(x): Illegal (UAC-IU)",
      "> PRACK",
      "< 2xx-PRACK",
      "< 1xx-rel(b): Agreed (remote answered)",
      "> PRACK",
      "< 2xx-PRACK",
      "< 1xx-rel(x): Ignored (RFC 6337 §3.1.1)",
      "> PRACK",
      "< 2xx-PRACK",
      "< 2xx-INVITE(x): Ignored (RFC 6337 §3.1.1)",
      "> ACK",
    ]);
  });

  test("RFC 6337 §3.1.2, figure 2: the offer comes in the first reliable response", () => {
    expect(
      play(
        ...["> INVITE", "< 1xx", "< 1xx-rel(a)", "> PRACK(b)", "< 2xx-PRACK", "< 1xx-rel"],
        ...["> PRACK", "< 2xx-PRACK", "> UPDATE(c)", "< 2xx-UPDATE(d)", "< 2xx-INVITE", "> ACK"],
      ).filter((line) => line.includes(": ")),
    ).toEqual([
      "< 1xx-rel(a): Offered",
      "> PRACK(b): Agreed (local answered)",
      "< 2xx-UPDATE(d): Agreed (remote answered)",
    ]);
  });

  test("RFC 6337 §3.1.1: the server's descriptions are all the same", () => {
    expect(last("< INVITE(a)", "> 1xx(b)", "> 2xx-INVITE(c)")).toContain("Illegal");
    expect(last("< INVITE(a)", "> 1xx(b)", "> 2xx-INVITE(b)")).toContain("Agreed");
    expect(last("< INVITE(a)", "> 1xx-rel(b)", "< PRACK", "> 2xx-PRACK", "> 2xx-INVITE(b)")).toBe(
      "> 2xx-INVITE(b): Illegal (RFC 6337 §3.1.1)",
    );
  });

  //= RFC 3262 §5
  //# If the UAS had placed a session description in any reliable provisional response that is
  //# unacknowledged when the INVITE is accepted, the UAS MUST delay sending the 2xx until the
  //# provisional response is acknowledged.
  test("RFC 3262 §5: the 2xx waits for the PRACK", () => {
    expect(last("< INVITE(a)", "> 1xx-rel(b)", "> 2xx-INVITE")).toContain("Illegal (RFC 3262 §5)");
  });

  //= RFC 3261 §14.1
  //# If a UA receives a non-2xx final response to a re-INVITE, the session parameters MUST remain
  //# unchanged, as if no re-INVITE had been issued.
  test("RFC 3261 §14.1: a failed re-INVITE undoes what it and its UPDATEs changed", () => {
    const call = ["> INVITE(a)", "< 2xx-INVITE(b)", "> ACK"];
    expect(last(...call, "> INVITE(c)", "< failure-INVITE")).toBe(
      "< failure-INVITE: Dropped local offer",
    );
    expect(
      last(...call, "> INVITE(c)", "< 1xx-rel(d)", "> PRACK", "< 2xx-PRACK", "< failure-INVITE"),
    ).toBe("< failure-INVITE: RolledBack");
    let state = start();
    const say = (kind: Input["kind"], message: Message, text?: string): readonly Output[] => {
      const [next, ...out] = step(state, { kind, message, ...(text && { sdp: sdp(text) }) });
      state = next;
      return out;
    };
    for (const [kind, message, text] of [
      ["Sent", "INVITE", "a"],
      ["Received", "2xx-INVITE", "b"],
      ["Sent", "ACK", ""],
      ["Received", "INVITE", "c"],
      ["Sent", "1xx-rel", "d"],
      ["Received", "PRACK", ""],
      ["Sent", "2xx-PRACK", ""],
    ] as const) {
      say(kind, message, text);
    }
    expect(state.agreed).toEqual({ local: sdp("d"), remote: sdp("c") });
    const before = { local: sdp("a"), remote: sdp("b") };
    expect(say("Sent", "failure-INVITE")).toEqual([{ kind: "RolledBack", agreed: before }]);
    expect(state.agreed).toEqual(before);
  });

  test("phones that put the answer into an unreliable 183 and leave the 2xx empty", () => {
    expect(last("> INVITE(a)", "< 1xx(b)", "< 2xx-INVITE")).toContain("Agreed (remote answered)");
    expect(last("> INVITE(a)", "< 2xx-INVITE")).toBe(
      "< 2xx-INVITE: Dropped local offer: Broken (RFC 3261 §13.2.1)",
    );
    expect(last("> INVITE", "< 2xx-INVITE")).toContain("Broken");
    expect(last("< INVITE", "> 2xx-INVITE(a)", "< ACK")).toContain("Broken (RFC 3261 §13.2.2.4)");
  });
});

describe("RFC 6337 §4: crossing and glare, tables 3 and 4", () => {
  const call = ["> INVITE(a)", "< 2xx-INVITE(b)", "> ACK"];
  const invited = ["< INVITE(a)", "> 2xx-INVITE(b)", "< ACK"];

  //= RFC 6337 §4.3
  //# While an UPDATE client transaction is incomplete, a UA must reject another UPDATE request with
  //# a 491 response.
  //= RFC 6337 §4.3
  //# While an UPDATE client transaction is incomplete, a UA should reject a re-INVITE request with
  //# a 491 response.
  //= RFC 6337 §4.3
  //# While an INVITE client transaction is incomplete, and an ACK or a PRACK transaction associated
  //# with an offer/answer is incomplete, a UA should reject an UPDATE request with a 491 response.
  //= RFC 6337 §4.3
  //# While an INVITE server transaction is incomplete, and an ACK or a PRACK transaction associated
  //# with an offer/answer is incomplete, a UA should reject an UPDATE request with a 500 response.
  test.each([
    ["re-INVITE, re-INVITE", [...call, "> INVITE(c)", "< INVITE(d)"], "491 (UAS-IcI)"],
    ["re-INVITE, UPDATE", [...call, "> INVITE(c)", "< UPDATE(d)"], "491 (UAS-IcU)"],
    ["UPDATE, re-INVITE", [...call, "> UPDATE(c)", "< INVITE(d)"], "491 (UAS-UcI)"],
    ["UPDATE, UPDATE", [...call, "> UPDATE(c)", "< UPDATE(d)"], "491 (UAS-UcU)"],
    ["figure 15", [...call, "< UPDATE(c)", "< UPDATE(d)"], "500 (UAS-UsU)"],
    ["figure 16", [...call, "> UPDATE(c)", "< INVITE"], "491 (UAS-UcI)"],
    ["figure 17", [...call, "< UPDATE(c)", "< INVITE"], "500 (UAS-UsI)"],
    ["two INVITEs", [...call, "< INVITE(c)", "< INVITE(d)"], "500 (UAS-IsI)"],
    ["figure 6", [...invited, "< INVITE", "> 1xx-rel(c)", "< UPDATE(d)"], "500 (UAS-IsU)"],
    ["figure 7, 8", [...invited, "> INVITE(c)", "< UPDATE(d)"], "491 (UAS-IcU)"],
    [
      "figure 11",
      [...call, "> INVITE(c)", "< 1xx-rel(d)", "> PRACK(e)", "< UPDATE(f)"],
      "491 (UAS-IcU)",
    ],
    ["figure 12, 13", [...call, "< INVITE", "> 2xx-INVITE(c)", "< UPDATE(d)"], "500 (UAS-IsU)"],
    ["figure 18", [...call, "> INVITE", "< 1xx-rel(c)", "< UPDATE(d)"], "491 (UAS-IcU)"],
    ["figure 19", [...call, "< INVITE", "> 1xx-rel(c)", "< UPDATE(d)"], "500 (UAS-IsU)"],
  ])("%s", (_, lines, expected) => {
    expect(lines.slice(0, -1).length).toBeGreaterThan(3);
    expect(last(...lines)).toBe(`${lines.at(-1)}: Reject ${expected}`);
  });

  //= RFC 6337 §4.3
  //# While an INVITE transaction is incomplete or ACK transaction associated with an offer/answer
  //# is incomplete, a UA must not send another INVITE request.
  //= RFC 6337 §4.3
  //# While an UPDATE transaction is incomplete, a UA must not send another UPDATE request.
  //= RFC 6337 §4.3
  //# While an UPDATE transaction is incomplete, a UA should not send a re-INVITE request.
  //= RFC 6337 §4.3
  //# While an INVITE transaction is incomplete, and an ACK or a PRACK transaction associated with
  //# an offer/answer is incomplete, a UA should not send an UPDATE request.
  test.each([
    [[...call, "> INVITE(c)", "> INVITE(d)"], "UAC-II"],
    [[...call, "< INVITE(c)", "> INVITE(d)"], "UAC-II"],
    [[...call, "> UPDATE(c)", "> UPDATE(d)"], "UAC-UU"],
    [[...call, "> UPDATE(c)", "> INVITE"], "UAC-UI"],
    [[...call, "> INVITE", "> UPDATE(c)"], "UAC-IU"],
    [[...call, "< INVITE(c)", "> 1xx-rel(d)", "> UPDATE(e)"], "UAC-IU"],
    [[...call, "< INVITE(c)", "> 2xx-INVITE(d)", "> UPDATE(e)"], "UAC-IU"],
  ])("%j must not be sent", (lines, rule) => {
    expect(last(...lines)).toBe(`${lines.at(-1)}: Illegal (${rule})`);
  });

  //= RFC 6337 §2.3
  //# In that case, UAC may send again a PRACK request without an offer or send a CANCEL request to
  //# terminate the INVITE transaction.
  test("RFC 6337 §2.3: an offer in a PRACK that is refused", () => {
    const early = ["> INVITE(a)", "< 1xx-rel(b)", "> PRACK(c)", "< failure-PRACK"];
    expect(last(...early)).toBe("< failure-PRACK: Dropped local offer");
    expect(last(...early, "> PRACK", "< 2xx-PRACK", "> UPDATE(d)")).toBe("> UPDATE(d)");
  });

  test("the answer to an offer in a PRACK may come after the ACK", () => {
    const early = ["> INVITE(a)", "< 1xx-rel(b)", "> PRACK(c)", "< 2xx-INVITE", "> ACK"];
    expect(last(...early, "> UPDATE(d)")).toContain("Illegal (RFC 3264 §4)");
    expect(last(...early, "< 2xx-PRACK(d)")).toContain("Agreed (remote answered)");
    expect(last(...early, "< failure-PRACK")).toContain("Dropped local offer");
  });

  test("an UPDATE that moves nothing is free to cross one that does", () => {
    expect(last(...call, "> UPDATE(c)", "< UPDATE", "> 2xx-UPDATE", "< 2xx-UPDATE(d)")).toContain(
      "Agreed",
    );
  });
});

describe("all there is", () => {
  const states = reachable();

  test("every state, every message", () => {
    // RFC 6337 §4.3: what an UPDATE without an offer may cross is out of its scope.
    const inputs = INPUTS.filter(({ message, sdp: has }) => message !== "UPDATE" || has);
    const shown = [...reachable(inputs)];
    const lines = shown.map(([name, state]) => {
      const groups = new Map<string, string[]>();
      for (const input of inputs) {
        const [next, ...outputs] = step(state, input);
        const to = next === state ? "" : ` -> ${printState(next)}`;
        const what = `${outputs.map(printOutput).join(", ") || "nothing"}${to}`;
        groups.set(what, [...(groups.get(what) ?? []), printInput(input)]);
      }
      return [name, ...[...groups].map(([what, all]) => `  ${all.join(", ")}: ${what}`)].join("\n");
    });
    expect(lines.join("\n")).toMatchSnapshot();
    expect(shown.length).toBeGreaterThan(30);
    expect(states.size).toBeGreaterThan(shown.length);
  });

  //= RFC 3264 §4
  //# Furthermore, it MUST NOT generate a new offer if it has generated a prior offer for which it
  //# has not yet received an answer or a rejection.
  //= RFC 3264 §4
  //# However, it MUST NOT generate a new offer if it has received an offer which it has not yet
  //# answered or rejected.
  test("RFC 3264 §4: no offer goes out, and none is taken, while another is open", () => {
    for (const state of states.values()) {
      if (state.name === "Stable") continue;
      for (const input of INPUTS) {
        const [, first] = step(state, input);
        expect([first?.kind === "Offered", printState(state), printInput(input)][0]).toBe(false);
        const isOffer = first?.kind === "Sends" && first.as === "offer";
        expect([isOffer, printState(state), printInput(input)][0]).toBe(false);
      }
    }
  });

  test("what is refused or illegal changes nothing, and no state is a trap", () => {
    for (const [name, state] of states) {
      for (const input of INPUTS) {
        const [next, ...outputs] = step(state, input);
        const refused = outputs.some(({ kind }) => kind === "Reject" || kind === "Illegal");
        if (refused) expect([name, next === state]).toEqual([name, true]);
        if (refused) expect(outputs).toHaveLength(1);
      }
      expect([name, canSettle(state)]).toEqual([name, true]);
    }
  });

  test("who may do what is asked without doing it", () => {
    expect(mayUse(start(), "INVITE", SDP)).toBe(true);
    expect(mayUse(start(), "PRACK", SDP)).toBe(false);
    expect(mayUse(start(), "ACK")).toBe(false);
    const [offered] = step(start(), { kind: "Received", message: "INVITE", sdp: SDP });
    expect(mayUse(offered, "2xx-INVITE")).toBe(false);
    expect(mayUse(offered, "2xx-INVITE", SDP)).toBe(true);
  });
});

/** From any state, messages lead back to rest: nothing open, no transaction under way. */
function canSettle(from: State): boolean {
  const seen = new Map([[printState(from), from]]);
  for (const state of seen.values()) {
    const isIdle = state.invite.name === "None" && !state.updateSent && !state.updateReceived;
    if (state.name === "Stable" && isIdle) return true;
    for (const input of INPUTS) {
      const [next] = step(state, input);
      if (!seen.has(printState(next))) seen.set(printState(next), next);
    }
  }
  return false;
}
