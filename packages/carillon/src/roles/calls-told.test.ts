import { expect, test } from "vitest";
import { answer, DomainStage, request, type Sent } from "../testing/domain-stage.ts";
import type { CallAnswered, CallBegan, CallEnded, CallName, Calls } from "./calls-told.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";

function stage(more: Partial<Calls> = {}) {
  const answered: CallAnswered[] = [];
  const ended: CallEnded[] = [];
  const calls: Calls = {
    answered: (call) => answered.push(call),
    ended: (call) => ended.push(call),
    ...more,
  };
  const domain = new DomainStage({ calls });
  domain.register("bob", BOB);
  const call = (callId = "call-1"): readonly Sent[] =>
    domain.say(
      ALICE,
      request("INVITE", {
        callId,
        branch: `z9hG4bK-${callId}`,
        lines: [
          "Contact: <sip:alice@203.0.113.4>",
          `Proxy-Authorization: ${domain.token("alice")}`,
        ],
      }),
    );
  const invited = (sent: readonly Sent[]) => sent.find(({ to }) => to === BOB)?.octets ?? "";
  return { domain, call, invited, answered, ended };
}

const cookieIn = (octets: string) => /Record-Route: (<[^>]*>)/.exec(octets)?.[1] ?? "";

test("a call that is answered and hung up is told in two halves of one name", () => {
  const { domain, call, invited, answered, ended } = stage();
  const at = domain.wire.now;
  const invite = invited(call());
  expect(answered).toEqual([]);
  domain.wait(4000);
  domain.say(BOB, answer(invite, 200, "b", [`Contact: <sip:bob@${BOB}>`]));
  expect(answered).toEqual([
    {
      callId: "call-1",
      callerTag: "a",
      caller: "sip:alice@house.example",
      callee: "bob",
      invitedAt: at,
      at: at + 4000,
      status: 200,
    },
  ]);
  // A 200 that comes again is no second answer.
  domain.say(BOB, answer(invite, 200, "b", [`Contact: <sip:bob@${BOB}>`]));
  domain.wait(60_000);
  const bye = (from: string, to: string, uri: string, branch: string) =>
    request("BYE", { from, to, uri, branch, lines: [`Route: ${cookieIn(invite)}`], seq: 7 });
  const [alice, bob] = ["<sip:alice@house.example>;tag=a", "<sip:bob@house.example>;tag=b"];
  domain.say(BOB, bye(bob, alice, "sip:alice@203.0.113.4", "z9hG4bK-b"));
  expect(ended).toEqual([{ callId: "call-1", callerTag: "a", at: at + 64_000, by: "callee" }]);
  domain.say(ALICE, bye(alice, bob, `sip:bob@${BOB}`, "z9hG4bK-a"));
  expect(ended[1]).toEqual({ callId: "call-1", callerTag: "a", at: at + 64_000, by: "caller" });
  expect(answered).toHaveLength(1);
});

test("a call that comes to nothing is told with why, once", () => {
  const { domain, call, invited, answered, ended } = stage();
  domain.say(BOB, answer(invited(call("busy")), 486, "b"));
  const cancelled = invited(call("cancelled"));
  domain.say(BOB, answer(cancelled, 180, "b"));
  domain.say(ALICE, request("CANCEL", { callId: "cancelled", branch: "z9hG4bK-cancelled" }));
  domain.say(BOB, answer(cancelled, 487, "b"));
  domain.register("bob", BOB, {
    seq: 2,
    branch: "z9hG4bK-off",
    lines: ["Contact: *", "Expires: 0"],
  });
  call("offline");
  expect(answered.map(({ callId, status }) => `${callId} ${status}`)).toEqual([
    "busy 486",
    "cancelled 487",
    "offline 480",
  ]);
  expect(ended).toEqual([]);
});

test("what is no call is not told", () => {
  const { domain, answered, ended } = stage();
  const lines = [`Proxy-Authorization: ${domain.token("alice")}`];
  const [message] = domain.say(ALICE, request("MESSAGE", { lines }));
  domain.say(BOB, answer(message?.octets ?? "", 200, "b"));
  domain.say(ALICE, request("INVITE"));
  expect([answered, ended]).toEqual([[], []]);
});

/** One that writes down all it hears of how calls go on. */
function listener() {
  const began: CallBegan[] = [];
  const refreshed: CallName[] = [];
  const heard: string[] = [];
  const calls: Partial<Calls> = {
    began: (call) => {
      began.push(call);
      const of = (text: string) => void heard.push(`${call.callId} ${text}`);
      return {
        ringing: ({ calleeTag }) => of(`rings at ${calleeTag}`),
        answered: ({ status, calleeTag, sessionSeconds }) =>
          of(`${status} of “${calleeTag}”, ends after ${sessionSeconds}`),
      };
    },
    refreshed: (call) => refreshed.push(call),
  };
  return { calls, began, refreshed, heard };
}

test("a call is told when it begins, rings, and is answered, and by which device", () => {
  const { calls, began, heard } = listener();
  const { domain, call, invited } = stage(calls);
  const at = domain.wire.now;
  const invite = invited(call());
  expect(began).toEqual([
    {
      callId: "call-1",
      callerTag: "a",
      at,
      caller: "sip:alice@house.example",
      callerName: "",
      callerAccount: "alice",
      callee: "bob",
      called: "sip:bob@house.example",
    },
  ]);
  domain.say(BOB, answer(invite, 180, "b"));
  const lines = [`Contact: <sip:bob@${BOB}>`, "Session-Expires: 1800;refresher=uas"];
  domain.say(BOB, answer(invite, 200, "b", lines));
  domain.say(BOB, answer(invite, 200, "b", lines));
  expect(heard).toEqual(["call-1 rings at b", "call-1 200 of “b”, ends after 1800"]);
});

test("a call that comes to nothing is over for whoever heard it begin", () => {
  const { calls, began, heard } = listener();
  const { domain, call, invited } = stage(calls);
  domain.say(BOB, answer(invited(call("busy")), 486, "b", ["Session-Expires: 90"]));
  domain.register("bob", BOB, {
    seq: 2,
    branch: "z9hG4bK-off",
    lines: ["Contact: *", "Expires: 0"],
  });
  call("offline");
  expect(began).toHaveLength(2);
  expect(heard).toEqual([
    "busy 486 of “b”, ends after undefined",
    "offline 480 of “”, ends after undefined",
  ]);
});

test("what refreshes a call is told by the call's name, whichever side it comes from", () => {
  const { calls, refreshed } = listener();
  const { domain, call, invited } = stage(calls);
  const invite = invited(call());
  domain.say(BOB, answer(invite, 200, "b", [`Contact: <sip:bob@${BOB}>`]));
  const [alice, bob] = ["<sip:alice@house.example>;tag=a", "<sip:bob@house.example>;tag=b"];
  const route = [`Route: ${cookieIn(invite)}`];
  const to = (uri: string, branch: string) => ({ uri, branch, lines: route, seq: 7 });
  const byBob = { from: bob, to: alice, ...to("sip:alice@203.0.113.4", "z9hG4bK-u") };
  domain.say(BOB, request("UPDATE", byBob));
  const byAlice = { from: alice, to: bob, ...to(`sip:bob@${BOB}`, "z9hG4bK-i") };
  domain.say(ALICE, request("INVITE", { ...byAlice, lines: [...route, "Contact: <sip:a@b>"] }));
  domain.say(ALICE, request("INFO", { ...byAlice, branch: "z9hG4bK-n", seq: 8 }));
  const one = { callId: "call-1", callerTag: "a", at: domain.wire.now };
  expect(refreshed).toEqual([one, one]);
});
