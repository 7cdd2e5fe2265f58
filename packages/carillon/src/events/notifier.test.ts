import { describe, expect, test } from "vitest";
import { parseDialogInfo } from "../documents/dialog-info.ts";
import { type Presence, parsePidf } from "../documents/pidf.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Message, Request } from "../message/message.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { type RequestParts, requestText } from "../testing/request-text.ts";
import { partsOf } from "../ua/phone-parts.ts";
import type { NotifyOptions } from "./notifier.ts";
import { notify } from "./notify.ts";
import { ownDialogs } from "./own-state.ts";
import { dialogs, presence, registrations } from "./packages.ts";

const ALICE = "sip:alice@example.com";
const CONTACT = "Contact: <sip:bob@192.0.2.77>";

async function telling(allow: NotifyOptions["allow"] = () => true) {
  const lone = lonePhone();
  await lone.register();
  let note = "first";
  const value = (): Presence => ({ entity: ALICE, tuples: [], notes: [note], activities: [] });
  const notifier = notify(lone.phone, presence, { value }, { allow });
  const say = (what: string) => {
    note = what;
    notifier.changed();
  };
  let count = 0;
  const subscribe = async (
    lines: readonly string[] = [],
    parts: RequestParts = {},
  ): Promise<Message | undefined> => {
    const branch = `z9hG4bKs${++count}`;
    const all = [
      CONTACT,
      ...(lines.some((one) => one.startsWith("Event")) ? [] : ["Event: presence"]),
    ];
    const texts = lone.wire.datagram(
      requestText("SUBSCRIBE", {
        branch,
        callId: `s${count}`,
        ...parts,
        lines: [...all, ...lines],
      }),
      lone.server,
    );
    await lone.wait(0);
    const answer = texts.map(read).find(({ kind }) => kind === "Response");
    return answer;
  };
  const seen = new Set<string>();
  const fresh = () =>
    lone.requests("NOTIFY").filter(({ text }) => !seen.has(text) && seen.add(text));
  const one = (): Request => {
    const [request, ...more] = fresh();
    if (request && more.length === 0) return request;
    throw new Error(`${more.length + (request ? 1 : 0)} NOTIFYs`);
  };
  const none = () => expect(fresh().map(({ text }) => text)).toEqual([]);
  const { agent } = partsOf(lone.phone);
  return { ...lone, agent, notifier, tell: say, subscribe, fresh, one, none };
}

const noteOf = ({ body }: Request) => {
  const pidf = parsePidf(body);
  return pidf.ok ? pidf.value.notes[0] : undefined;
};
const stateOf = (request: Request) => header(request, "Subscription-State");

/** A SUBSCRIBE in the dialog of this NOTIFY. */
const inDialog = (notify: Request, seq = 2): RequestParts => ({
  ...{ from: header(notify, "To") ?? "", to: header(notify, "From") ?? "" },
  ...{ callId: header(notify, "Call-ID") ?? "", seq },
});

describe("a phone that tells of itself", () => {
  test("RFC 6665 §4.2.1.2 accepts, and tells the state at once", async () => {
    const { subscribe, one, notifier } = await telling();
    const answer = await subscribe(["Expires: 600", "Record-Route: <sip:proxy;lr>"]);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer && header(answer, "Expires")).toBe("600");
    expect(answer && headerLines(answer, "Contact")).toHaveLength(1);
    expect(answer && header(answer, "Record-Route")).toBe("<sip:proxy;lr>");
    const told = one();
    expect(told.uri).toBe("sip:bob@192.0.2.77");
    expect(header(told, "Route")).toBe("<sip:proxy;lr>");
    expect(header(told, "From")).toBe(answer && header(answer, "To"));
    expect([header(told, "Event"), stateOf(told)]).toEqual(["presence", "active;expires=600"]);
    expect([header(told, "Content-Type"), noteOf(told)]).toEqual(["application/pidf+xml", "first"]);
    expect(notifier.watchers).toEqual([
      { peer: { uri: "sip:bob@example.com", displayName: "" }, isPending: false },
    ]);
  });

  test("RFC 6665 §4.2.1.1 refuses what it knows nothing of, and says what it knows", async () => {
    const { subscribe, wire, server } = await telling();
    const answer = await subscribe(["Event: weather"]);
    expect(answer).toMatchObject({ status: 489 });
    expect(answer && header(answer, "Allow-Events")).toBe("presence, refer");
    expect(await subscribe(["Event: refer"])).toMatchObject({ status: 403 });
    const [options] = wire.datagram(requestText("OPTIONS"), server).map(read);
    //= RFC 6665 §4.4.4
    //# The "Allow-Events" header field, if present, MUST include a comprehensive and inclusive list
    //# of tokens that indicates the event packages for which the user agent can act as a notifier.
    expect(options && header(options, "Allow-Events")).toBe("presence, refer");
  });

  test("refuses who may not, what cannot be written, and what is too short", async () => {
    const { subscribe, none } = await telling(({ uri }) => uri !== "sip:bob@example.com");
    expect(await subscribe()).toMatchObject({ status: 403 });
    const carol = { from: "<sip:carol@example.com>;tag=c" };
    const other = await subscribe(["Accept: text/html"], carol);
    expect(other).toMatchObject({ status: 406 });
    const short = await subscribe(["Expires: 10"], carol);
    expect(short).toMatchObject({ status: 423 });
    expect(short && header(short, "Min-Expires")).toBe("60");
    const lost = { ...carol, to: `<${ALICE}>;tag=gone` };
    expect(await subscribe([], lost)).toMatchObject({ status: 481 });
    none();
  });

  test("RFC 6665 §4.2.1.3 tells nothing before somebody has said yes", async () => {
    const answer = Promise.withResolvers<boolean>();
    const { subscribe, one, none, say, tell, notifier, wait } = await telling(() => answer.promise);
    expect(await subscribe()).toMatchObject({ status: 200 });
    const pending = one();
    expect([stateOf(pending), pending.body]).toEqual(["pending;expires=3600", ""]);
    expect(notifier.watchers).toMatchObject([{ isPending: true }]);
    await say(answerTo(pending, 200));
    tell("not yours");
    none();
    // Nor does who asks once.
    await subscribe(["Expires: 0"], { from: "<sip:carol@example.com>;tag=c" });
    const once = one();
    expect([stateOf(once), once.body]).toEqual(["terminated;reason=timeout", ""]);
    answer.resolve(true);
    await wait(0);
    expect(noteOf(one())).toBe("not yours");
  });

  test("RFC 6665 §4.2.1.3 says so when somebody has said no", async () => {
    const { subscribe, fresh, agent, say } = await telling(() => Promise.reject(new Error("no")));
    await subscribe();
    const [pending, rejected] = fresh() as [Request, Request];
    expect([stateOf(pending), stateOf(rejected), rejected.body]).toEqual([
      ...["pending;expires=3600", "terminated;reason=rejected", ""],
    ]);
    for (const each of [pending, rejected]) await say(answerTo(each, 200));
    expect(agent.takers.census()).toMatchObject({ tasks: 0, dialogs: 0 });
  });

  test("tells of changes, one after the other and not too often", async () => {
    const { subscribe, one, none, say, tell, wait } = await telling();
    await subscribe();
    const first = one();
    tell("second");
    tell("third");
    none();
    await say(answerTo(first, 200));
    none();
    //= RFC 3856 §6.10
    //# A PA SHOULD NOT generate notifications for a single presentity at a rate of more than once
    //# every five seconds.
    await wait(5000);
    expect(noteOf(one())).toBe("third");
  });

  test("RFC 6665 §4.2.1.4 is refreshed, tells the state, and ends when it is not", async () => {
    const { subscribe, one, say, agent, wait, fresh } = await telling();
    await subscribe(["Expires: 600"]);
    const first = one();
    await say(answerTo(first, 200));
    const again = await subscribe(["Expires: 120", "Contact: <sip:bob@192.0.2.78>"], {
      ...inDialog(first),
    });
    expect(again && header(again, "Expires")).toBe("120");
    const second = one();
    expect([stateOf(second), header(second, "CSeq")]).toEqual(["active;expires=120", "2 NOTIFY"]);
    await say(answerTo(second, 200));
    const old = await subscribe(["Expires: 120"], inDialog(first, 1));
    expect(old).toMatchObject({ status: 500 });
    expect(await subscribe(["Event: dialog"], inDialog(first, 3))).toMatchObject({ status: 481 });
    await wait(121_000);
    const last = one();
    expect([stateOf(last), noteOf(last)]).toEqual(["terminated;reason=timeout", "first"]);
    await say(answerTo(last, 200));
    expect(agent.takers.census()).toMatchObject({ tasks: 0, dialogs: 0 });
    expect(await subscribe([], inDialog(first, 4))).toMatchObject({ status: 481 });
    expect(fresh()).toEqual([]);
  });

  test("RFC 6665 §4.2.2 forgets who does not answer, or says that there is nothing", async () => {
    const { subscribe, one, say, notifier, wait } = await telling();
    await subscribe();
    await say(answerTo(one(), 481));
    expect(notifier.watchers).toEqual([]);
    await subscribe();
    one();
    await wait(33_000);
    expect(notifier.watchers).toEqual([]);
  });

  test("tells once more what a server on the way had no time for, at most thrice", async () => {
    const { subscribe, one, none, say, tell, wait } = await telling();
    await subscribe();
    await say(answerTo(one(), 200));
    await wait(10_000);
    tell("second");
    await say(answerTo(one(), 503));
    none();
    for (let nth = 0; nth < 3; nth++) {
      await wait(6000);
      const again = one();
      expect(noteOf(again)).toBe("second");
      await say(answerTo(again, 503));
    }
    await wait(60_000);
    none();
    tell("third");
    expect(noteOf(one())).toBe("third");
  });

  test("ends for everybody when it is closed, and with its phone", async () => {
    const { subscribe, one, say, notifier, phone, wait, isStopped, agent } = await telling();
    await subscribe();
    await say(answerTo(one(), 200));
    notifier.close();
    expect(stateOf(one())).toBe("terminated;reason=noresource");
    expect(await subscribe()).toMatchObject({ status: 489 });
    notifier.close();
    const value = () => ({ ...{ entity: ALICE, tuples: [], notes: [], activities: [] } });
    const second = notify(phone, presence, { value }, { allow: () => true });
    expect(() => notify(phone, presence, { value }, { allow: () => true })).toThrow("already");
    const { write: _, ...onlyRead } = registrations;
    expect(() => notify(phone, onlyRead, { value: () => [] }, { allow: () => true })).toThrow(
      TypeError,
    );
    await subscribe();
    one();
    void phone.close();
    expect(stateOf(one())).toBe("terminated;reason=noresource");
    await wait(3000);
    expect([isStopped(), second.watchers]).toEqual([true, []]);
    expect(agent.takers.census()).toMatchObject({ tasks: 0, dialogs: 0 });
  });

  test("is not watched by everybody at once", async () => {
    const { subscribe } = await telling();
    for (let i = 0; i < 50; i++) await subscribe();
    expect(await subscribe()).toMatchObject({ status: 503 });
  });
});

describe("a phone that takes requests from anybody", () => {
  test("RFC 3856 §9.5 tells nobody what they did not ask for from where they are", async () => {
    const open = { aor: ALICE, accept: "anyone" } as const;
    const lone = lonePhone(open);
    await lone.register();
    const value = () => ({ entity: ALICE, tuples: [], notes: [], activities: [] });
    notify(lone.phone, presence, { value }, { allow: () => true });
    const stranger = { host: "192.0.2.66", port: 5060 };
    const lines = ["Contact: <sip:victim@192.0.2.99>", "Event: presence"];
    const texts = lone.wire.datagram(requestText("SUBSCRIBE", { lines }), stranger).map(read);
    expect(texts).toMatchObject([{ status: 400 }]);
    const routed = [
      ...["Contact: <sip:bob@192.0.2.66>", "Event: presence"],
      "Record-Route: <sip:192.0.2.99;lr>",
    ];
    const branch = "z9hG4bKrouted";
    const other = requestText("SUBSCRIBE", { lines: routed, branch, callId: "other" });
    expect(lone.wire.datagram(other, stranger).map(read)).toMatchObject([{ status: 400 }]);
    expect(lone.requests("NOTIFY")).toEqual([]);
  });
});

describe("the calls of a phone", () => {
  test("are told of no more once it is closed, which ends them", async () => {
    const lone = lonePhone();
    await lone.register();
    const notifier = notify(lone.phone, dialogs, ownDialogs(lone.phone), { allow: () => true });
    lone.phone.call("sip:bob@example.com");
    void lone.phone.close();
    await lone.wait(3000);
    notifier.changed();
    notifier.close();
    expect(lone.isStopped()).toBe(true);
  });

  test("RFC 4235 §3.7 are told as they go, and once more when they are over", async () => {
    const lone = lonePhone();
    await lone.register();
    notify(lone.phone, dialogs, ownDialogs(lone.phone), { allow: () => true });
    const lines = [CONTACT, "Event: dialog"];
    const parts = { lines, branch: "z9hG4bKs", callId: "s" };
    const states: string[][] = [];
    const versions: number[] = [];
    const answer = async () => {
      for (const each of lone.requests("NOTIFY")) {
        const info = parseDialogInfo(each.body);
        if (!info.ok) throw new Error(info.error.message);
        if (versions.includes(info.value.version)) continue;
        versions.push(info.value.version);
        states.push(info.value.dialogs.map(({ state, event }) => event ?? state));
        await lone.say(answerTo(each, 200));
      }
    };
    lone.wire.datagram(requestText("SUBSCRIBE", parts), lone.server);
    await answer();
    const calls = lone.phone.calls();
    await lone.say(requestText("INVITE", { callId: "call", body: "" }));
    const { value: call } = await calls.next();
    await lone.wait(1000);
    await answer();
    call.decline();
    await lone.wait(1000);
    await answer();
    await lone.wait(1000);
    await answer();
    //= RFC 4235 §4.1
    //# Versions start at 0, and increment by one for each new document sent to a subscriber.
    expect(versions).toEqual([0, 1, 2]);
    expect(states).toEqual([[], ["early"], ["rejected"]]);
  });
});
