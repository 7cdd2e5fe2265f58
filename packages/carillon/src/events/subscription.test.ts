import { describe, expect, test } from "vitest";
import { formatDialogInfo } from "../documents/dialog-info.ts";
import { formatPidf, type Presence } from "../documents/pidf.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Message, Request } from "../message/message.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import { partsOf } from "../ua/phone-parts.ts";
import type { EventPackage } from "./event-package.ts";
import { dialogs, presence } from "./packages.ts";
import { fetchState, type SubscribeOptions, subscribe } from "./subscribe.ts";
import type { SubscriptionState } from "./subscription.ts";

const BOB = "sip:bob@example.com";
const OPEN: Presence = {
  entity: BOB,
  tuples: [
    {
      ...{ id: "1", basic: "open", contact: undefined, priority: undefined },
      ...{ notes: [], timestamp: undefined },
    },
  ],
  ...{ notes: [], activities: [] },
};

interface Notice {
  readonly state?: string;
  readonly event?: string;
  readonly tag?: string;
  readonly seq?: number;
  readonly type?: string;
  readonly body?: string;
  readonly lines?: readonly string[];
  readonly contact?: string;
}

async function watching<T>(pack: EventPackage<T>, options: SubscribeOptions = {}) {
  const lone = lonePhone();
  await lone.register();
  const subscription = subscribe(lone.phone, pack, BOB, options);
  const got: { value: T; source: string }[] = [];
  const states: SubscriptionState["name"][] = [];
  const all = async () => {
    for await (const one of subscription.notifications()) got.push(one);
  };
  const follow = async () => {
    for await (const { name } of subscription.states()) states.push(name);
  };
  void all();
  void follow();
  const seen = new Set<string>();
  /** Those that have not been seen: they are sent again until they are answered. */
  const fresh = (): readonly Request[] =>
    lone.requests("SUBSCRIBE").filter(({ text }) => !seen.has(text) && seen.add(text));
  const one = (): Request => {
    const [request, ...more] = fresh();
    if (request && more.length === 0) return request;
    throw new Error(`${more.length + (request ? 1 : 0)} SUBSCRIBEs`);
  };
  let count = 0;
  /** A NOTIFY in the dialog of this SUBSCRIBE; gives back what the phone says to it. */
  const notify = async (subscribe: Request, notice: Notice = {}): Promise<Message | undefined> => {
    count++;
    const { state = "active;expires=3600", event = pack.event, tag = "n1", body = "" } = notice;
    const typed = body === "" ? [] : [`Content-Type: ${notice.type ?? pack.accept[0]}`];
    const [text] = lone.wire.datagram(
      requestText("NOTIFY", {
        ...{ from: `<${BOB}>;tag=${tag}`, to: header(subscribe, "From") ?? "", body },
        ...{ callId: header(subscribe, "Call-ID") ?? "", seq: notice.seq ?? count },
        branch: `z9hG4bKn${count}`,
        lines: [
          `Contact: <${notice.contact ?? `sip:${tag}@192.0.2.77`}>`,
          ...[`Event: ${event}`, `Subscription-State: ${state}`, ...typed, ...(notice.lines ?? [])],
        ],
      }),
      lone.server,
    );
    await lone.wait(0);
    return text === undefined ? undefined : read(text);
  };
  const none = () => expect(fresh().map(({ text }) => text)).toEqual([]);
  const { agent } = partsOf(lone.phone);
  return { ...lone, subscription, got, states, fresh, one, none, notify, agent };
}

describe("a subscription", () => {
  test("RFC 6665 §4.1.2.1 begins with a SUBSCRIBE, and is there with a NOTIFY", async () => {
    const { subscription, one, say, notify, got, states } = await watching(presence);
    const request = one();
    expect(request.uri).toBe(BOB);
    expect(header(request, "Event")).toBe("presence");
    expect(header(request, "Expires")).toBe("3600");
    expect(header(request, "Accept")).toBe("application/pidf+xml");
    expect(headerLines(request, "Contact")).toHaveLength(1);
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    expect(subscription.state.name).toBe("Subscribing");
    expect(await notify(request, { body: formatPidf(OPEN) })).toMatchObject({ status: 200 });
    await subscription.established;
    expect(got).toEqual([{ value: OPEN, source: "sip:n1@192.0.2.77" }]);
    expect(states).toEqual(["Subscribing", "Active"]);
  });

  test("RFC 6665 §4.1.2.4 takes a NOTIFY that comes before the answer", async () => {
    const { subscription, one, say, notify, got } = await watching(presence);
    const request = one();
    await notify(request, { state: "pending;expires=3600" });
    expect(subscription.state.name).toBe("Pending");
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await notify(request, { body: formatPidf(OPEN) });
    expect(subscription.state.name).toBe("Active");
    expect(got).toHaveLength(1);
  });

  test("RFC 6665 §4.1.2.2 is refreshed in its dialog, before it expires", async () => {
    const { one, say, notify, wait } = await watching(presence);
    const request = one();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await notify(request, { body: formatPidf(OPEN), lines: ["Record-Route: <sip:proxy;lr>"] });
    await wait(3_001_000);
    const refresh = one();
    //= RFC 6665 §3.1
    //# SUBSCRIBE requests are target refresh requests, as that term is defined in [RFC3261].
    expect(refresh.uri).toBe("sip:n1@192.0.2.77");
    expect(header(refresh, "Route")).toBe("<sip:proxy;lr>");
    expect(header(refresh, "To")).toBe(`<${BOB}>;tag=n1`);
    expect(header(refresh, "Call-ID")).toBe(header(request, "Call-ID"));
    expect(header(refresh, "CSeq")).toBe("2 SUBSCRIBE");
    expect(headerLines(refresh, "Contact")).toHaveLength(1);
  });

  test("RFC 6665 §3.2 follows a notifier that moves", async () => {
    const { one, say, notify, subscription } = await watching(presence);
    const request = one();
    await notify(request, { body: formatPidf(OPEN) });
    //= RFC 6665 §3.2
    //# NOTIFY is a target refresh request, as that term is defined in [RFC3261].
    await notify(request, { contact: "sip:moved@192.0.2.78" });
    subscription.refresh();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    expect(one().uri).toBe("sip:moved@192.0.2.78");
  });

  test("RFC 6665 §4.1.2.3 ends with a SUBSCRIBE that expires at once", async () => {
    const { subscription, one, say, notify, states, agent } = await watching(presence);
    const request = one();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await notify(request);
    const ended = subscription.end();
    const last = one();
    expect(header(last, "Expires")).toBe("0");
    await say(answerTo(last, 200, { lines: ["Expires: 0"] }));
    await notify(request, { state: "terminated;reason=timeout" });
    await ended;
    expect(subscription.state).toEqual({ name: "Ended", reason: "unsubscribed" });
    expect(states).toEqual(["Subscribing", "Active", "Ended"]);
    expect(agent.takers.census()).toMatchObject({ tasks: 0, dialogs: 0 });
    // What comes in its dialog then is nobody's.
    expect(await notify(request)).toMatchObject({ status: 481 });
  });

  test("that is refused is over, and says why", async () => {
    const { subscription, one, say, agent } = await watching(presence);
    await say(answerTo(one(), 403, { toTag: "n1" }));
    expect(subscription.state).toMatchObject({ name: "Ended", error: { code: "SIP_FORBIDDEN" } });
    await expect(subscription.established).rejects.toMatchObject({ status: 403 });
    await subscription.end();
    expect(await subscription.notifications().next()).toMatchObject({ done: true });
    expect(agent.takers.census()).toMatchObject({ tasks: 0, dialogs: 0 });
  });

  test("RFC 6665 §4.1.2.1 obeys a 423, in the same attempt", async () => {
    const { one, say, notify, subscription } = await watching(presence, { expiresSeconds: 60 });
    const first = one();
    await say(answerTo(first, 423, { toTag: "n1", lines: ["Min-Expires: 600"] }));
    const second = one();
    expect(header(second, "Expires")).toBe("600");
    expect(header(second, "Call-ID")).toBe(header(first, "Call-ID"));
    expect(header(second, "CSeq")).toBe("2 SUBSCRIBE");
    await notify(second);
    expect(subscription.state.name).toBe("Active");
  });

  test("RFC 6665 §4.1.3 that the notifier ends is tried again when it says so", async () => {
    const { subscription, one, say, notify, none, wait, agent } = await watching(presence);
    const request = one();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await notify(request);
    const last = await notify(request, { state: "terminated;reason=probation;retry-after=100" });
    expect(last).toMatchObject({ status: 200 });
    expect(subscription.state).toMatchObject({ name: "Waiting", reason: "probation" });
    await wait(99_000);
    none();
    // What comes of the one before is nobody's.
    expect(await notify(request)).toMatchObject({ status: 481 });
    await wait(2000);
    const again = one();
    expect(header(again, "Call-ID")).not.toBe(header(request, "Call-ID"));
    expect(header(again, "CSeq")).toBe("1 SUBSCRIBE");
    await say(answerTo(again, 200, { toTag: "n2", lines: ["Expires: 3600"] }));
    await notify(again, { tag: "n2", seq: 1 });
    expect(subscription.state.name).toBe("Active");
    expect(agent.takers.census()).toMatchObject({ tasks: 2, dialogs: 1 });
  });

  test("RFC 6665 §4.1.3 that is rejected is not tried again", async () => {
    const { subscription, one, say, notify, none, wait } = await watching(presence);
    const request = one();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await notify(request, { state: "terminated;reason=rejected" });
    expect(subscription.state).toMatchObject({
      reason: "rejected",
      error: { code: "SIP_FORBIDDEN" },
    });
    await wait(200_000);
    none();
  });

  test("RFC 6665 §4.1.2.4 to which no NOTIFY comes is tried again, unless not wanted", async () => {
    const { subscription, one, say, wait } = await watching(presence);
    await say(answerTo(one(), 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await wait(33_000);
    expect(subscription.state.name).toBe("Waiting");
    await wait(31_000);
    expect(subscription.state.name).toBe("Subscribing");
    one();
    const once = await watching(presence, { again: false });
    await once.say(answerTo(once.one(), 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    await once.wait(33_000);
    expect(once.subscription.state).toMatchObject({ name: "Ended", reason: "no NOTIFY came" });
  });

  test("leaves with its phone", async () => {
    const { phone, one, say, notify, subscription, requests, wait, isStopped } =
      await watching(presence);
    const request = one();
    await notify(request);
    void phone.close();
    const last = one();
    expect(header(last, "Expires")).toBe("0");
    await say(answerTo(last, 200, { toTag: "n1", lines: ["Expires: 0"] }));
    await wait(3000);
    expect(isStopped()).toBe(true);
    expect(subscription.state.name).toBe("Ended");
    await subscription.end();
    requests("REGISTER");
    expect(() => subscribe(phone, presence, BOB)).toThrow("closed");
  });

  test("can be ended by a signal, before anything came of it", async () => {
    const control = new AbortController();
    const { subscription, one, notify, say, none } = await watching(presence, {
      signal: control.signal,
    });
    const request = one();
    control.abort();
    none();
    await notify(request);
    const last = one();
    expect(header(last, "Expires")).toBe("0");
    await say(answerTo(last, 481, { toTag: "n1" }));
    expect(subscription.state).toEqual({ name: "Ended", reason: "unsubscribed" });
  });
});

describe("a NOTIFY", () => {
  test("RFC 6665 §8.3.2 about another event is refused, and changes nothing", async () => {
    const { subscription, one, notify } = await watching(presence);
    const request = one();
    //= RFC 6665 §8.3.2
    //# 489 (Bad Event) is used to indicate that the server did not understand the event package
    //# specified in a "Event" header field.
    expect(await notify(request, { event: "dialog" })).toMatchObject({ status: 489 });
    expect(await notify(request, { event: "presence;id=1" })).toMatchObject({ status: 489 });
    expect(subscription.state.name).toBe("Subscribing");
  });

  test("with a body that cannot be read is refused", async () => {
    const { one, notify, got, subscription } = await watching(presence);
    const request = one();
    const html = await notify(request, { body: "<p/>", type: "text/html" });
    expect(html).toMatchObject({ status: 415 });
    expect(html && header(html, "Accept")).toBe("application/pidf+xml");
    expect(await notify(request, { body: "<p/>" })).toMatchObject({ status: 400 });
    const unknown = ["Require: frobnication"];
    expect(await notify(request, { lines: unknown })).toMatchObject({ status: 420 });
    expect(await notify(request, { state: "" })).toMatchObject({ status: 400 });
    expect(subscription.state.name).toBe("Subscribing");
    // How it ends is heard all the same.
    const last = await notify(request, {
      ...{ body: "<p/>", type: "text/html", state: "terminated;reason=noresource" },
    });
    expect(last).toMatchObject({ status: 200 });
    expect([got, subscription.state.name]).toEqual([[], "Ended"]);
  });

  test("that is out of order is refused", async () => {
    const { one, notify, got } = await watching(presence);
    const request = one();
    await notify(request, { seq: 7, body: formatPidf(OPEN) });
    expect(await notify(request, { seq: 6, body: formatPidf(OPEN) })).toMatchObject({
      status: 500,
    });
    expect(got).toHaveLength(1);
  });

  test("RFC 3856 §6.9 from a second notifier is refused where a package has one only", async () => {
    const { one, notify } = await watching(presence);
    const request = one();
    await notify(request);
    expect(await notify(request, { tag: "n2" })).toMatchObject({ status: 481 });
  });

  test("RFC 4235 §3.9 from each device makes a subscription of its own, where it may", async () => {
    const { one, say, notify, got, wait, fresh, subscription, agent } = await watching(dialogs);
    const request = one();
    const body = (id: string) =>
      formatDialogInfo({
        ...{ version: 0, state: "full", entity: BOB },
        dialogs: [{ id, state: "early" }],
      });
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    //= RFC 4235 §3.9
    //# Subscribers to this package MUST be prepared to install subscription state for each NOTIFY
    //# generated as a result of a single SUBSCRIBE.
    for (const tag of ["n1", "n2", "n3"]) {
      expect(await notify(request, { tag, seq: 1, body: body(tag) })).toMatchObject({
        status: 200,
      });
    }
    expect(got.map(({ source }) => source)).toEqual([
      ...["sip:n1@192.0.2.77", "sip:n2@192.0.2.77", "sip:n3@192.0.2.77"],
    ]);
    await wait(3_001_000);
    const refreshed = fresh().map((each) => each.uri);
    expect(refreshed).toEqual(got.map(({ source }) => source));
    // One device leaves; the others are watched on.
    await notify(request, { tag: "n2", seq: 2, state: "terminated;reason=noresource" });
    expect(subscription.state.name).toBe("Active");
    const late = subscription.notifications();
    expect([await late.next(), await late.next()]).toMatchObject([
      { value: { source: "sip:n1@192.0.2.77" } },
      { value: { source: "sip:n3@192.0.2.77" } },
    ]);
    for (const tag of ["n1", "n3"]) {
      await notify(request, { tag, seq: 3, state: "terminated;reason=noresource" });
    }
    expect(subscription.state.name).toBe("Ended");
    expect(agent.takers.census()).toMatchObject({ tasks: 0, dialogs: 0 });
  });

  test("from ever more devices is refused at some point", async () => {
    const { one, notify } = await watching(dialogs);
    const request = one();
    for (let i = 0; i < 16; i++) await notify(request, { tag: `n${i}`, seq: 1 });
    expect(await notify(request, { tag: "n16", seq: 1 })).toMatchObject({ status: 481 });
  });

  test("RFC 4235 §4.3 that leaves something out makes it ask for all", async () => {
    const { one, say, notify, none, got } = await watching(dialogs);
    const request = one();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    const part = (version: number) => {
      const dialog = { id: "1", state: "early" } as const;
      return formatDialogInfo({ version, state: "partial", entity: BOB, dialogs: [dialog] });
    };
    const full = formatDialogInfo({ version: 0, state: "full", entity: BOB, dialogs: [] });
    await notify(request, { body: full });
    await notify(request, { body: part(1) });
    none();
    //= RFC 4235 §4.3
    //# If the document did not contain full state, the subscriber SHOULD generate a refresh request
    //# (SUBSCRIBE) to trigger a full state notification.
    await notify(request, { body: part(3) });
    expect(header(one(), "Expires")).toBe("3600");
    await notify(request, { body: part(2) });
    expect(got.map(({ value }) => value.version)).toEqual([0, 1, 3]);
  });

  test("of a part, before the SUBSCRIBE is answered, makes it ask as soon as it may", async () => {
    const { one, say, notify, none } = await watching(dialogs);
    const request = one();
    const body = formatDialogInfo({ version: 4, state: "partial", entity: BOB, dialogs: [] });
    await notify(request, { body });
    none();
    await say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 3600"] }));
    expect(header(one(), "CSeq")).toBe("2 SUBSCRIBE");
  });

  test("that is the only thing in its dialog", async () => {
    const { one, wire, server } = await watching(presence);
    const request = one();
    const parts = { to: header(request, "From") ?? "", callId: header(request, "Call-ID") ?? "" };
    const [text] = wire.datagram(requestText("MESSAGE", parts), server);
    expect(text).toMatch(/^SIP\/2.0 405 /);
  });

  test("of thousands that nobody looks at, the last are kept", async () => {
    const { one, notify, subscription } = await watching(presence);
    const request = one();
    const values = subscription.values();
    const first = values.next();
    for (let i = 0; i < 100; i++) {
      await notify(request, { body: formatPidf({ ...OPEN, notes: [`${i}`] }) });
    }
    expect((await first).value).toMatchObject({ notes: ["0"] });
    expect((await values.next()).value).toMatchObject({ notes: ["36"] });
  });
});

describe("a state that is asked for once", () => {
  test("RFC 6665 §4.4.3 is the body of the one NOTIFY", async () => {
    const lone = lonePhone();
    await lone.register();
    const state = fetchState(lone.phone, presence, "pres:bob@example.com");
    const [request] = lone.requests("SUBSCRIBE");
    if (!request) throw new Error("no SUBSCRIBE");
    //= RFC 6665 §4.4.3
    //# A natural consequence of the behavior described in the preceding sections is that an
    //# immediate fetch without a persistent subscription may be effected by sending a SUBSCRIBE
    //# with an "Expires" of 0.
    expect([request.uri, header(request, "Expires")]).toEqual([BOB, "0"]);
    await lone.say(answerTo(request, 200, { toTag: "n1", lines: ["Expires: 0"] }));
    const lines = [
      ...["Contact: <sip:n1@192.0.2.77>", "Event: presence", "Content-Type: application/pidf+xml"],
      "Subscription-State: terminated;reason=timeout",
    ];
    await lone.say(
      requestText("NOTIFY", {
        ...{ from: `<${BOB}>;tag=n1`, to: header(request, "From") ?? "", lines },
        ...{ callId: header(request, "Call-ID") ?? "", body: formatPidf(OPEN) },
      }),
    );
    expect(await state).toEqual(OPEN);
    expect(partsOf(lone.phone).agent.takers.census().tasks).toBe(0);
  });

  test("or a SipError", async () => {
    const lone = lonePhone();
    await lone.register();
    const state = fetchState(lone.phone, presence, BOB).catch((error: unknown) => error);
    const [request] = lone.requests("SUBSCRIBE");
    if (!request) throw new Error("no SUBSCRIBE");
    await lone.say(answerTo(request, 404, { toTag: "n1" }));
    expect(await state).toMatchObject({ code: "SIP_NOT_FOUND" });
    expect(() => subscribe(lone.phone, presence, "bob")).toThrow(RangeError);
    expect(() => subscribe({}, presence, BOB)).toThrow(TypeError);
  });
});
