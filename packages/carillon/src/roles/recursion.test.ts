/** The proxy follows a 3xx itself, where it is told to, and within bounds. */
import { describe, expect, test } from "vitest";
import { header, headerLines } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { type Answer, Pending } from "./answer.ts";
import type { CallAnswered, Calls } from "./calls-told.ts";
import { type Binding, type Location, MemoryLocation } from "./location.ts";
import type { Policy } from "./policy.ts";
import { MAX_FOLLOWED, MAX_RECURSIONS } from "./recursion.ts";

const ALICE = "203.0.113.4:5060";
const DESK = "203.0.113.9:5060";
const CAROLS = "203.0.113.20:5060";
const CAROL = "<sip:carol@house.example>";
const OTHER = "192.0.2.50:5060";

const titles = (sent: readonly Sent[]) => sent.map((one) => `${titleOf(one)} to ${one.to}`).sort();
const invitesIn = (sent: readonly Sent[]) => sent.filter((one) => titleOf(one) === "INVITE");

/** Bob has a desk phone, Carol a phone of hers, and Alice calls Bob. */
function staged(policy: Policy = {}, location: Location = new MemoryLocation(), calls?: Calls) {
  const all: Policy = { follow3xx: true, relay: () => true, ...policy };
  const stage = new DomainStage({ policy: () => all, location, ...(calls && { calls }) });
  stage.register("bob", DESK);
  stage.register("carol", CAROLS);
  const invites = new Map<string, string>();
  const heard = (sent: Sent[]): Sent[] => {
    for (const one of invitesIn(sent)) invites.set(String(one.to), one.octets);
    return sent;
  };
  const call = (parts: Parameters<typeof request>[1] = {}, method = "INVITE") => {
    const own = `Proxy-Authorization: ${stage.token("alice")}`;
    const more = { ...parts, lines: [own, ...(parts.lines ?? [])] };
    return heard(stage.say(ALICE, request(method, more)));
  };
  const says = (at: string, status: number, ...contacts: readonly string[]) => {
    const lines = contacts.map((one) => `Contact: ${one}`);
    return heard(stage.say(at, answer(invites.get(at) ?? "", status, at.slice(-8), lines)));
  };
  const cancel = () => stage.say(ALICE, request("CANCEL", { branch: "z9hG4bK-INVITE" }));
  return { stage, call, says, cancel };
}

describe("RFC 3261 §16.7: a proxy that follows a 3xx", () => {
  //= RFC 3261 §16.7
  //# If the proxy chooses to recurse on any contacts in a 3xx response by adding them to the target
  //# set, it MUST remove them from the response before adding the response to the response context.
  //= RFC 3261 §16.7
  //# If the proxy recurses on all of the contacts in a 3xx response, the proxy SHOULD NOT add the
  //# resulting contactless response to the response context.
  test("calls whom it names by their bindings, and the caller hears nothing of it", () => {
    const { call, says } = staged();
    expect(titles(call())).toEqual([`INVITE to ${DESK}`]);
    const sent = says(DESK, 302, CAROL);
    expect(titles(sent)).toEqual([`ACK to ${DESK}`, `INVITE to ${CAROLS}`]);
    const [invite] = invitesIn(sent);
    expect(invite?.message).toMatchObject({ uri: `sip:carol@${CAROLS}` });
    expect(titles(says(CAROLS, 180))).toEqual([`180 INVITE to ${ALICE}`]);
    expect(titles(says(CAROLS, 200))).toEqual([`200 INVITE to ${ALICE}`]);
  });

  //= RFC 3261 §21.3.3
  //# If there is no explicit expiration time, the address is only valid once for recursing, and
  //# MUST NOT be cached for future transactions.
  test("RFC 3261 §21.3.3 asks anew where somebody is at the next call", () => {
    const { call, says } = staged();
    call();
    says(DESK, 302, CAROL);
    const again = call({ branch: "z9hG4bK-2", callId: "call-2" });
    expect(titles(again)).toEqual([`INVITE to ${DESK}`]);
  });

  test("does so for other requests than INVITE, and a failure there is the answer", () => {
    const { stage, call } = staged();
    const [sent] = call({}, "MESSAGE");
    const moved = answer(sent?.octets ?? "", 301, "b", [`Contact: ${CAROL}`]);
    const [next] = stage.say(DESK, moved);
    expect(next && titles([next])).toEqual([`MESSAGE to ${CAROLS}`]);
    const busy = answer(next?.octets ?? "", 486, "c");
    expect(titles(stage.say(CAROLS, busy))).toEqual([`486 MESSAGE to ${ALICE}`]);
  });

  test("goes to another domain where it is open, without what the URI wants added", () => {
    const { call, says } = staged();
    call();
    const sent = says(DESK, 302, `<sip:zoe@${OTHER};method=BYE?Subject=x&Replaces=y>`);
    const [invite] = invitesIn(sent);
    expect(invite?.to).toBe(OTHER);
    expect(invite?.message).toMatchObject({ uri: `sip:zoe@${OTHER}` });
    expect(invite?.octets).not.toMatch(/^(Subject|Replaces|Proxy-Authorization):/m);
    expect(headerLines(invite?.message as Sent["message"], "Record-Route")).toHaveLength(1);
    expect(titles(says(OTHER, 200))).toEqual([`200 INVITE to ${ALICE}`]);
  });

  test("leaves to the caller what it may not follow, every contact of it", () => {
    const closed = staged({ relay: () => false });
    closed.call();
    const sent = closed.says(DESK, 302, `<sip:zoe@${OTHER}>`, "<tel:+4930123>");
    expect(titles(sent)).toEqual([`302 INVITE to ${ALICE}`, `ACK to ${DESK}`]);
    const told = sent.find(({ to }) => to === ALICE);
    expect(told && headerLines(told.message, "Contact")).toHaveLength(2);
    const off = staged({ follow3xx: false });
    off.call();
    expect(titles(off.says(DESK, 302, CAROL))).toContain(`302 INVITE to ${ALICE}`);
  });

  test.each([
    ["nobody", "<sip:nobody@house.example>"],
    ["somebody who is not online", "<sip:alice@house.example>"],
    ["this server itself", "<sip:192.0.2.1:5060>"],
    ["this server by a port that means the same", "<sip:192.0.2.1>"],
    ["what cannot be read", "<sip:a b@c>"],
    ["no contact at all", ""],
  ])("finds nobody to follow to: %s", (_, contact) => {
    const { call, says } = staged();
    call();
    expect(titles(says(DESK, 302, ...(contact ? [contact] : [])))).toEqual([
      `302 INVITE to ${ALICE}`,
      `ACK to ${DESK}`,
    ]);
  });

  test.each([305, 380])("leaves a %i alone, which is about more than a place", (status) => {
    const { call, says } = staged();
    call();
    expect(titles(says(DESK, status, CAROL))).toContain(`${status} INVITE to ${ALICE}`);
  });

  //= RFC 3261 §16.5
  //# A proxy MUST NOT add additional targets to the target set if the Request-URI of the original
  //# request does not indicate a resource this proxy is responsible for.
  test("RFC 3261 §16.5 does not follow what another domain says of its own people", () => {
    const { call, says } = staged();
    expect(titles(call({ uri: `sip:zoe@${OTHER}` }))).toEqual([`INVITE to ${OTHER}`]);
    expect(titles(says(OTHER, 302, CAROL))).toContain(`302 INVITE to ${ALICE}`);
  });
});

describe("RFC 3261 §16.5: nothing goes round", () => {
  //= RFC 3261 §16.5
  //# As above, any given URI MUST NOT be added to the set more than once.
  test("who was asked is not asked again, by whatever name", () => {
    const { call, says } = staged();
    call();
    says(DESK, 302, CAROL);
    const sent = says(CAROLS, 302, "<sip:bob@house.example>", "<sip:b%6Fb@house.example>");
    expect(titles(sent)).toEqual([`302 INVITE to ${ALICE}`, `ACK to ${CAROLS}`]);
  });

  test("a device of a later group is not called before its turn, nor twice", () => {
    const { stage, call, says } = staged({ forking: "by-q" });
    const mobile = "203.0.113.10:5060";
    stage.register("bob", mobile, { lines: [`Contact: <sip:bob@${mobile}>;q=0.2`] });
    call();
    const sent = says(DESK, 302, "<sip:bob@house.example>", CAROL);
    expect(titles(sent)).toEqual([`ACK to ${DESK}`, `INVITE to ${CAROLS}`]);
    expect(titles(says(CAROLS, 486))).toEqual([`ACK to ${CAROLS}`, `INVITE to ${mobile}`]);
  });

  test(`after ${MAX_RECURSIONS} redirections the next one is the caller's`, () => {
    const { call, says } = staged();
    call();
    let at = DESK;
    for (let nth = 1; nth <= MAX_RECURSIONS; nth++) {
      const next = `192.0.2.${50 + nth}:5060`;
      expect(titles(says(at, 302, `<sip:x@${next}>`))).toContain(`INVITE to ${next}`);
      at = next;
    }
    expect(titles(says(at, 302, "<sip:x@192.0.2.99>"))).toContain(`302 INVITE to ${ALICE}`);
  });

  test(`${MAX_FOLLOWED} targets come of one request, the preferred ones`, () => {
    const { call, says } = staged();
    call();
    const many = (from: number, q: string) =>
      Array.from({ length: 12 }, (_, i) => `<sip:x@192.0.2.${from + i}:5060>;q=${q}`).join(", ");
    says(DESK, 302, CAROL);
    const invites = invitesIn(says(CAROLS, 302, many(50, "0.1"), many(70, "0.9")));
    expect(invites).toHaveLength(MAX_FOLLOWED - 1);
    expect(invites.filter(({ to }) => /192\.0\.2\.[78]\d/.test(String(to)))).toHaveLength(12);
  });
});

describe("RFC 5393 §5.3.3: Max-Breadth", () => {
  //= RFC 5393 §5.3.3
  //# SIP proxies MUST NOT allow the Outgoing Max-Breadth to exceed the Incoming Max-Breadth in a
  //# given response context.
  test("of the branch that was redirected is shared among those that come of it", () => {
    const { call, says } = staged();
    call({ lines: ["Max-Breadth: 5"] });
    const sent = invitesIn(says(DESK, 302, CAROL, `<sip:zoe@${OTHER}>`));
    expect(sent.map(({ message }) => header(message, "Max-Breadth")).sort()).toEqual(["2", "3"]);
  });

  test("that is too little leaves the redirection to the caller", () => {
    const { call, says } = staged();
    call({ lines: ["Max-Breadth: 1"] });
    const sent = says(DESK, 302, CAROL, `<sip:zoe@${OTHER}>`);
    expect(titles(sent)).toContain(`302 INVITE to ${ALICE}`);
  });
});

describe("what has ended is not gone on with", () => {
  test("by the caller", () => {
    const { call, says, cancel } = staged();
    call();
    says(DESK, 180);
    cancel();
    expect(titles(says(DESK, 302, CAROL))).toEqual([`302 INVITE to ${ALICE}`, `ACK to ${DESK}`]);
  });

  //= RFC 3261 §16.7
  //# If a 6xx response is received, it is not immediately forwarded, but the stateful proxy SHOULD
  //# cancel all client pending transactions as described in Section 10, and it MUST NOT create any
  //# new branches in this context.
  test("RFC 3261 §16.7 by somebody who declined for all", () => {
    const { stage, call, says } = staged();
    const mobile = "203.0.113.10:5060";
    stage.register("bob", mobile);
    call();
    says(mobile, 603);
    expect(titles(says(DESK, 302, CAROL))).toEqual([`603 INVITE to ${ALICE}`, `ACK to ${DESK}`]);
  });

  test("while a store was asked; what is not ended goes on then", () => {
    for (const isCancelled of [false, true]) {
      const location = new SlowLocation();
      const { stage, call, says, cancel } = staged({}, location);
      call();
      says(DESK, 180);
      location.isSlow = true;
      expect(titles(says(DESK, 302, CAROL))).toEqual([`ACK to ${DESK}`]);
      if (isCancelled) cancel();
      const outputs = stage.wire.input({ kind: "Call", run: () => location.answer() });
      const octets = outputs.map((one) => ("octets" in one ? one.octets.slice(0, 11) : ""));
      expect(octets.filter(Boolean)).toEqual([isCancelled ? "SIP/2.0 302" : "INVITE sip:"]);
    }
  });

  test("a store that fails finds nobody", () => {
    const location = new SlowLocation();
    const { stage, call, says } = staged({}, location);
    call();
    location.isSlow = true;
    says(DESK, 302, CAROL);
    const outputs = stage.wire.input({ kind: "Call", run: () => location.fail() });
    expect(outputs.map((one) => ("octets" in one ? one.octets.slice(0, 11) : ""))).toContain(
      "SIP/2.0 302",
    );
  });
});

class SlowLocation implements Location {
  isSlow = false;
  readonly #all = new MemoryLocation();
  readonly #asked: {
    readonly found: readonly Binding[];
    readonly by: Pending<readonly Binding[]>;
  }[] = [];

  bindings(user: string, now: number): Answer<readonly Binding[]> {
    const found = this.#all.bindings(user, now);
    if (!this.isSlow) return found;
    const by = new Pending<readonly Binding[]>();
    this.#asked.push({ found, by });
    return by;
  }

  answer(): void {
    for (const { found, by } of this.#asked) by.resolve(found);
  }

  fail(): void {
    for (const { by } of this.#asked) by.reject(new Error("no disk"));
  }

  replace(user: string, bindings: readonly Binding[]): void {
    this.#all.replace(user, bindings);
  }

  drop(connection: number): void {
    this.#all.drop(connection);
  }

  online(user: string, now: number): boolean {
    return this.#all.online(user, now);
  }
}

describe("an operator's redirection", () => {
  const route: NonNullable<Policy["route"]> = ({ uri }) =>
    uri.host === "other.example"
      ? { kind: "Redirect", contacts: [{ uri: `sip:${uri.user}@${OTHER}` }] }
      : undefined;

  test("is followed from here, where it is open", () => {
    const { stage, call, says } = staged({ route });
    const sent = call({ uri: "sip:zoe@other.example" });
    expect(titles(sent)).toEqual([`INVITE to ${OTHER}`]);
    expect(stage.log.at(-1)).toMatchObject({ kind: "Forwarded" });
    expect(titles(says(OTHER, 302, CAROL))).toContain(`INVITE to ${CAROLS}`);
  });

  test("is the caller's where it is closed", () => {
    const { stage, call } = staged({ route, relay: () => false });
    const [told] = call({ uri: "sip:zoe@other.example" });
    expect(told && titles([told])).toEqual([`302 INVITE to ${ALICE}`]);
    expect(told && headerLines(told.message, "Contact")).toEqual([`<sip:zoe@${OTHER}>`]);
    expect(stage.log.at(-1)).toMatchObject({ kind: "Redirected", status: 302 });
  });

  test("of a person here is a call of theirs, in its record", () => {
    const calls: CallAnswered[] = [];
    const away: NonNullable<Policy["route"]> = ({ uri }) =>
      uri.user === "bob" ? { kind: "Redirect", contacts: [{ uri: `sip:b@${OTHER}` }] } : undefined;
    const told = { answered: (one: CallAnswered) => calls.push(one), ended() {} };
    const { call, says } = staged({ route: away }, new MemoryLocation(), told);
    expect(titles(call())).toEqual([`INVITE to ${OTHER}`]);
    says(OTHER, 200);
    expect(calls).toMatchObject([{ callee: "bob", status: 200 }]);
  });

  test("takes nothing out of the house that belongs to no call here: REGISTER, a To tag", () => {
    const { call } = staged({ route });
    const uri = "sip:other.example";
    const registered = call({ uri, to: "<sip:alice@house.example>" }, "REGISTER");
    expect(invitesIn(registered)).toEqual([]);
    expect(registered.map(({ to }) => to)).toEqual([ALICE]);
    const bye = call({ uri: "sip:zoe@other.example", to: "<sip:zoe@other.example>;tag=z" }, "BYE");
    expect(titles(bye)).toEqual([`302 BYE to ${ALICE}`]);
  });

  test("with a broken Max-Breadth is refused", () => {
    const { call } = staged({ route });
    const [told] = call({ uri: "sip:zoe@other.example", lines: ["Max-Breadth: 0"] });
    expect(told && titles([told])).toEqual([`400 INVITE to ${ALICE}`]);
  });
});
