/** What an operator decides: who rings when, and who is sent elsewhere. */
import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { Pending } from "./answer.ts";
import type { Asked, Decision, Policy, Route } from "./policy.ts";

const ALICE = "203.0.113.4:5060";
const DESK = "203.0.113.9:5060";
const MOBILE = "203.0.113.10:5060";
const HOME = "203.0.113.11:5060";

const titles = (sent: readonly Sent[]) => sent.map((one) => `${titleOf(one)} to ${one.to}`);
const reasonOf = (sent: Sent | undefined) => sent && header(sent.message, "Reason");

function stageWith(policy: Policy) {
  const stage = new DomainStage({ policy: () => policy });
  const call = (parts: Parameters<typeof request>[1] = {}, method = "INVITE") =>
    stage.say(
      ALICE,
      request(method, {
        ...parts,
        lines: [`Proxy-Authorization: ${stage.token("alice")}`, ...(parts.lines ?? [])],
      }),
    );
  return { stage, call };
}

describe("RFC 3261 §16.6: devices by their q", () => {
  function ringing(ringMs?: number) {
    const forking = "by-q" as const;
    const { stage, call } = stageWith(ringMs === undefined ? { forking } : { forking, ringMs });
    const register = (at: string, q: string) =>
      stage.register("bob", at, { lines: [`Contact: <sip:bob@${at}>${q}`] });
    register(HOME, ";q=0.2");
    register(DESK, "");
    register(MOBILE, ";q=1.0");
    const first = call();
    const says = (at: string, sent: readonly Sent[], status: number) =>
      stage.say(
        at,
        answer(sent.find(({ to }) => to === at)?.octets ?? "", status, at.slice(8, 11)),
      );
    return { stage, first, says };
  }

  //= RFC 3261 §16.6
  //# Targets are processed from highest qvalue to lowest.
  test("the preferred ring first, together; the next when these have failed", () => {
    const { first, says } = ringing();
    expect(titles(first).sort()).toEqual([`INVITE to ${MOBILE}`, `INVITE to ${DESK}`].sort());
    expect(titles(says(DESK, first, 486))).toEqual([`ACK to ${DESK}`]);
    const next = says(MOBILE, first, 480);
    expect(titles(next).sort()).toEqual([`ACK to ${MOBILE}`, `INVITE to ${HOME}`]);
    expect(titles(says(HOME, next, 200))).toEqual([`200 INVITE to ${ALICE}`]);
  });

  test("who rings for too long is told why it stops, and the next rings", () => {
    const { stage, first, says } = ringing(15_000);
    says(DESK, first, 180);
    says(MOBILE, first, 486);
    stage.wait(14_000);
    const cancelled = stage
      .wait(1_100)
      .filter(({ message }) => titleOf({ message } as Sent) !== "INVITE");
    const cancel = cancelled.find((one) => titleOf(one) === "CANCEL");
    expect(cancel?.to).toBe(DESK);
    expect(reasonOf(cancel)).toBe('SIP;cause=408;text="Not answered in time"');
    const next = says(DESK, first, 487);
    expect(titles(next).sort()).toEqual([`ACK to ${DESK}`, `INVITE to ${HOME}`]);
    const best = says(HOME, next, 404);
    // Of all that was said, in every group: busy helps the caller more than not found.
    expect(titles(best).sort()).toEqual([`486 INVITE to ${ALICE}`, `ACK to ${HOME}`]);
  });

  test("who says nothing to the CANCEL is left behind after 2 s", () => {
    const { stage, first, says } = ringing(15_000);
    says(DESK, first, 180);
    says(MOBILE, first, 486);
    stage.wait(15_000);
    const next = stage.wait(2_100);
    expect(titles(next)).toContain(`INVITE to ${HOME}`);
    // Too late: the caller's call is somewhere else.
    expect(titles(says(DESK, first, 200))).toEqual([]);
  });
});

describe("RFC 3261 §8.3: redirect server", () => {
  const away: Route = ({ uri }) =>
    uri.host === "other.example"
      ? {
          kind: "Redirect",
          contacts: [{ uri: `sip:${uri.user}@gw.other.example` }, { uri: "tel:+4930123", q: 0.25 }],
        }
      : undefined;

  //= RFC 3261 §8.3
  //# When a redirect server returns a 3xx response to a request, it populates the list of (one or
  //# more) alternative locations into the Contact header field.
  test("points invitations to another domain there, and stays out of the call", () => {
    const { stage, call } = stageWith({ route: away });
    const [answered] = call({ uri: "sip:zoe@other.example" });
    expect(answered && titleOf(answered)).toBe("302 INVITE");
    expect(answered && headerLines(answered.message, "Contact")).toEqual([
      "<sip:zoe@gw.other.example>",
      "<tel:+4930123>;q=0.25",
    ]);
    expect(stage.log.at(-1)).toMatchObject({ kind: "Redirected", status: 302 });
    // What is not redirected goes its usual way.
    expect(titles(call({ branch: "z9hG4bK-2", callId: "2" }))).toEqual([`480 INVITE to ${ALICE}`]);
  });

  test("strangers are asked who they are, and learn nothing of where it leads", () => {
    const { stage } = stageWith({ route: away });
    const [asked] = stage.say(ALICE, request("INVITE", { uri: "sip:zoe@other.example" }));
    expect(asked && titleOf(asked)).toBe("407 INVITE");
  });

  test("a route sees who asks for what, and may refuse in words", () => {
    const seen: Asked[] = [];
    const route: Route = (asked) => {
      seen.push(asked);
      const moreAt = ["sip:news@house.example", "https://house.example/night"];
      return { kind: "Refuse", status: 403, why: "no calls to numbers at night", moreAt };
    };
    const { call } = stageWith({ route });
    const [refused] = call({ uri: "sip:bob@house.example" }, "MESSAGE");
    expect(refused && titleOf(refused)).toBe("403 MESSAGE");
    expect(refused && header(refused.message, "Warning")).toContain("no calls to numbers at night");
    //= RFC 3261 §20.18
    //# The Error-Info header field provides a pointer to additional information about the error
    //# status response.
    expect(refused && headerLines(refused.message, "Error-Info")).toEqual([
      ...["<sip:news@house.example>", "<https://house.example/night>"],
    ]);
    expect(seen).toMatchObject([{ method: "MESSAGE", account: "alice", isOurs: true }]);
  });

  test("a route that takes its time is waited for; one that fails costs this request", () => {
    const waiting: Pending<Decision | undefined>[] = [];
    const route: Route = () => {
      const later = new Pending<Decision | undefined>();
      waiting.push(later);
      return later;
    };
    const { stage, call } = stageWith({ route });
    expect(call({ uri: "sip:zoe@other.example" })).toEqual([]);
    call({ uri: "sip:zoe@other.example", branch: "z9hG4bK-2", callId: "2" });
    const settle = (run: () => void) =>
      stage.wire.input({ kind: "Call", run }).map(({ kind }) => kind);
    const decision: Decision = { kind: "Redirect", status: 301, contacts: [{ uri: "sip:z@h" }] };
    expect(settle(() => waiting[0]?.resolve(decision))).toEqual(["Datagram"]);
    expect(settle(() => waiting[1]?.reject(new Error("no table")))).toEqual(["Datagram"]);
    expect(stage.log.at(-1)).toMatchObject({ status: 500 });
  });

  test("a redirection to what is no URI is the operator's mistake, and costs this request", () => {
    const { stage, call } = stageWith({
      route: () => ({ kind: "Redirect", contacts: [{ uri: "not a uri>\r\nX: y" }] }),
    });
    const [failed] = call();
    expect(failed && titleOf(failed)).toBe("500 INVITE");
    expect(failed?.octets).not.toContain("\r\nX: y");
    expect(stage.log.at(-1)?.why).toContain("no URI");
  });
});
