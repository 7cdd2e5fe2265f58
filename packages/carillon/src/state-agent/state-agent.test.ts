import { describe, expect, test } from "vitest";
import type { EventType } from "../message/header/event.ts";
import { headerLines } from "../message/headers.ts";
import { parseMessage } from "../message/message.ts";
import {
  ALICE,
  again,
  bodyOf,
  notifies,
  stageOf,
  titles,
  uriOf,
  value,
  words,
} from "../testing/agent-stage.ts";
import { request, titleOf } from "../testing/domain-stage.ts";

describe("a SUBSCRIBE to somebody here", () => {
  test("RFC 6665 §4.2.1.2: is accepted, and its sender told at once", () => {
    const { subscribe } = stageOf(words());
    const [ok, notify, ...none] = subscribe();
    expect(none).toEqual([]);
    expect(titles([ok, notify].filter((one) => one !== undefined))).toEqual([
      `200 SUBSCRIBE to ${ALICE}`,
      `NOTIFY to ${ALICE}`,
    ]);
    //= RFC 3261 §12.1.1
    //# The UAS MUST add a Contact header field to the response.
    expect([value(ok, "Expires"), value(ok, "Contact")]).toEqual(["3600", "<sip:192.0.2.1:5060>"]);
    const tag = /;tag=(.+)$/.exec(value(ok, "To") ?? "")?.[1];
    expect(value(notify, "From")).toBe(`<sip:bob@house.example>;tag=${tag}`);
    expect(value(notify, "To")).toBe("<sip:alice@house.example>;tag=a");
    expect([value(notify, "Event"), value(notify, "CSeq")]).toEqual(["word", "1 NOTIFY"]);
    expect(value(notify, "Subscription-State")).toBe("active;expires=3600");
    expect(uriOf(notify)).toBe(`sip:alice@${ALICE}`);
    expect([bodyOf(notify), value(notify, "Content-Type")]).toEqual(["one 0 whole", "text/plain"]);
  });

  test("RFC 3261 §12.1.1: has the proxies on its way in its dialog", () => {
    const { subscribe } = stageOf(words());
    //= RFC 3261 §12.1.1
    //# When a UAS responds to a request with a response that establishes a dialog (such as a 2xx to
    //# INVITE), the UAS MUST copy all Record-Route header field values from the request into the
    //# response (including the URIs, URI parameters, and any Record-Route header field parameters,
    //# whether they are known or unknown to the UAS) and MUST maintain the order of those values.
    const routes = ["<sip:203.0.113.4;lr>", "<sip:second.example;lr;x=y>"];
    const lines = ["Event: word", "Contact: <sip:alice@10.0.0.9>"];
    const [ok, notify] = subscribe(ALICE, {
      lines: [...lines, ...routes.map((one) => `Record-Route: ${one}`)],
    });
    expect(ok && headerLines(ok.message, "Record-Route")).toEqual(routes);
    expect(notify && headerLines(notify.message, "Route")).toEqual(routes);
    expect([notify?.to, uriOf(notify)]).toEqual([ALICE, "sip:alice@10.0.0.9"]);
  });

  test("RFC 6665 §4.2.1.1: is refused for what it asks, in words", () => {
    const { subscribe, agent } = stageOf(words({ source: () => ({ requires: ["eventlist"] }) }));
    const refused = (...lines: readonly string[]) => {
      const [one, ...none] = subscribe(ALICE, { lines: ["Contact: <sip:alice@x>", ...lines] });
      expect(none).toEqual([]);
      return one && [titleOf(one), value(one, "Allow-Events"), value(one, "Min-Expires")];
    };
    expect(refused("Event: word", "Expires: 59")).toEqual(["423 SUBSCRIBE", undefined, "60"]);
    expect(refused("Event: ;")).toEqual(["400 SUBSCRIBE", undefined, undefined]);
    //= RFC 6665 §4.2.1.1
    //# The notifier SHOULD check that the event package specified in the "Event" header field is
    //# understood. If not, the notifier SHOULD return a 489 (Bad Event) response to indicate that
    //# the specified event/event class is not understood.
    expect(refused()).toEqual(["489 SUBSCRIBE", "word", undefined]);
    expect(refused("Event: word", "Accept: image/*")).toEqual([
      "406 SUBSCRIBE",
      undefined,
      undefined,
    ]);
    expect(refused("Event: word", "Require: 199")?.[0]).toBe("420 SUBSCRIBE");
    expect(refused("Event: word")?.[0]).toBe("421 SUBSCRIBE");
    expect(agent.census()).toEqual({ subscriptions: 0, publications: 0 });
    const lines = ["Event: word", "Supported: EventList", "Contact: <sip:alice@x>"];
    const [ok, notify] = subscribe(ALICE, { lines });
    expect([value(ok, "Require"), value(notify, "Require")]).toEqual(["eventlist", "eventlist"]);
  });

  test("to a package that only devices know goes to the devices", () => {
    const { domain, subscribe } = stageOf(words());
    domain.register("bob", "203.0.113.9:5060");
    const lines = ["Event: conference", `Contact: <sip:alice@${ALICE}>`];
    expect(titles(subscribe(ALICE, { lines }))).toContain("SUBSCRIBE to 203.0.113.9:5060");
  });

  test("RFC 6665 §3.2.1: has the bodies that it likes best", () => {
    const { subscribe } = stageOf(words());
    const lines = ["Event: word", `Contact: <sip:alice@${ALICE}>`, "Accept: text/x-word"];
    expect(value(subscribe(ALICE, { lines })[1], "Content-Type")).toBe("text/x-word");
  });

  test("RFC 6665 §4.4.3: that asks once gets one answer, and nothing is kept", () => {
    const { subscribe, agent, reply } = stageOf(words());
    const lines = ["Event: word;id=7", `Contact: <sip:alice@${ALICE}>`, "Expires: 0"];
    const [ok, notify] = subscribe(ALICE, { lines });
    expect(value(ok, "Expires")).toBe("0");
    expect(value(notify, "Subscription-State")).toBe("terminated;reason=timeout");
    //= RFC 6665 §4.5.2
    //# If an "id" parameter is present in the SUBSCRIBE request used to establish a subscription,
    //# that "id" parameter MUST also be present in all corresponding NOTIFY requests.
    expect([value(notify, "Event"), bodyOf(notify)]).toEqual(["word;id=7", "one 0 whole"]);
    reply(notify);
    expect(agent.census().subscriptions).toBe(0);
  });

  test("is limited for each watcher and in all", () => {
    const { subscribe, agent, reply } = stageOf(words(), { limits: { perWatcher: 2 } });
    const [, first] = subscribe();
    subscribe();
    expect(titles(subscribe())).toEqual([`503 SUBSCRIBE to ${ALICE}`]);
    expect(agent.census().subscriptions).toBe(2);
    reply(first, 481);
    expect(titles(subscribe())[0]).toBe(`200 SUBSCRIBE to ${ALICE}`);
  });
});

describe("a watcher", () => {
  test("is told of changes one at a time, and no more often than the package has it", () => {
    const { domain, subscribe, say, reply } = stageOf(words());
    const [, first] = subscribe();
    expect(say("two")).toEqual([]);
    expect(reply(first)).toEqual([]);
    expect(say("three")).toEqual([]);
    const [second, ...none] = domain.wait(1000);
    expect([bodyOf(second), none]).toEqual(["three 1", []]);
    expect(value(second, "CSeq")).toBe("2 NOTIFY");
    reply(second);
    domain.wait(1000);
    expect(say("four").map(bodyOf)).toEqual(["four 2"]);
  });

  test("RFC 6665 §4.2.1.4: refreshes, moves, and unsubscribes", () => {
    const { domain, subscribe, reply, agent } = stageOf(words());
    const [ok, first] = subscribe();
    reply(first);
    domain.wait(5000);
    const elsewhere = "203.0.113.77:5090";
    const lines = ["Event: word", `Contact: <sip:alice@${elsewhere}>`, "Expires: 600"];
    const [refreshed, second] = subscribe(elsewhere, again(ok, { lines }));
    expect([refreshed && titleOf(refreshed), value(refreshed, "Expires")]).toEqual([
      "200 SUBSCRIBE",
      "600",
    ]);
    expect([second?.to, bodyOf(second)]).toEqual([elsewhere, "one 1 whole"]);
    expect(value(second, "Subscription-State")).toBe("active;expires=600");
    reply(second);
    const off = ["Event: word", `Contact: <sip:alice@${elsewhere}>`, "Expires: 0"];
    const [, last] = subscribe(elsewhere, again(ok, { lines: off, seq: 3 }));
    expect(value(last, "Subscription-State")).toBe("terminated;reason=timeout");
    reply(last);
    expect(agent.census().subscriptions).toBe(0);
    expect(subscribe(elsewhere, again(ok, { lines: off, seq: 4 })).map(titleOf)).toEqual([
      "481 SUBSCRIBE",
    ]);
  });

  test("RFC 6665 §4.2.1.4: that does not refresh is told that it is over", () => {
    const { domain, subscribe, reply, agent } = stageOf(words());
    reply(subscribe()[1]);
    const [last] = domain.wait(3_600_000);
    expect(value(last, "Subscription-State")).toBe("terminated;reason=timeout");
    reply(last);
    expect(agent.census().subscriptions).toBe(0);
  });

  test("cannot be refreshed by somebody else, nor for another event, nor by an old request", () => {
    const { domain, subscribe, reply } = stageOf(words());
    const [ok, first] = subscribe();
    reply(first);
    const contact = `Contact: <sip:alice@${ALICE}>`;
    const lines = ["Event: other", contact];
    expect(titles(subscribe(ALICE, again(ok, { lines })))).toEqual([`481 SUBSCRIBE to ${ALICE}`]);
    expect(titles(subscribe(ALICE, again(ok, { seq: 0 })))).toEqual([`500 SUBSCRIBE to ${ALICE}`]);
    const asCarol = request("SUBSCRIBE", {
      ...again(ok),
      ...{ from: "<sip:carol@house.example>;tag=a", branch: "z9hG4bK-c" },
      lines: [`Proxy-Authorization: ${domain.token("carol")}`, "Event: word", contact],
    });
    expect(titles(domain.say(ALICE, asCarol))).toEqual([`403 SUBSCRIBE to ${ALICE}`]);
    const info = request("INFO", {
      ...again(ok),
      branch: "z9hG4bK-i",
      lines: [`Proxy-Authorization: ${domain.token("alice")}`],
    });
    expect(titles(domain.say(ALICE, info))).toEqual([`405 INFO to ${ALICE}`]);
  });

  test("that refreshes while it has not answered is told once it has", () => {
    const { subscribe, reply, say } = stageOf(words());
    const [ok, first] = subscribe();
    expect(titles(subscribe(ALICE, again(ok)))).toEqual([`200 SUBSCRIBE to ${ALICE}`]);
    expect(titles(subscribe(ALICE, again(ok, { seq: 3 })))).toEqual([`200 SUBSCRIBE to ${ALICE}`]);
    say("two");
    const [second, ...none] = reply(first);
    expect([bodyOf(second), none]).toEqual(["two 1 whole", []]);
    expect(reply(second)).toEqual([]);
  });

  test("says to its source what each SUBSCRIBE asks for", () => {
    const seen: (string | undefined)[] = [];
    const source = () => ({
      refreshed: ({ params }: EventType) => void seen.push(params.get("after")),
    });
    const { subscribe, reply } = stageOf(words({ source }));
    const lines = (after: number) => [
      ...[`Event: word;after=${after}`, `Contact: <sip:alice@${ALICE}>`],
    ];
    const [ok, first] = subscribe(ALICE, { lines: lines(1) });
    reply(first);
    subscribe(ALICE, again(ok, { lines: lines(7) }));
    expect(seen).toEqual(["7"]);
  });

  test("gets the next at once where its source has more", () => {
    let left = 3;
    const more = words({ minGapMs: 0, source: () => ({ hasMore: () => --left > 0 }) });
    const { subscribe, reply } = stageOf(more);
    let [, next] = subscribe();
    const bodies = [bodyOf(next)];
    while (next) {
      [next] = reply(next);
      if (next) bodies.push(bodyOf(next));
    }
    expect(bodies).toEqual(["one 0 whole", "one 1", "one 2"]);
    expect(more.told).toEqual(["0 200", "1 200", "2 200"]);
  });
});

describe("a watcher that is dead", () => {
  test("RFC 6665 §4.2.2: is forgotten when it knows of nothing", () => {
    const given = words();
    const { subscribe, reply, agent, say } = stageOf(given);
    //= RFC 6665 §4.2.2
    //# If the NOTIFY transaction fails due to the receipt of a 404, 405, 410, 416, 480-485, 489,
    //# 501, or 604 response to the NOTIFY request, the notifier MUST remove the corresponding
    //# subscription.
    expect(reply(subscribe()[1], 481)).toEqual([]);
    expect([agent.census().subscriptions, say("two")]).toEqual([0, []]);
    expect(given.told).toEqual(["0 481", "closed unreachable"]);
  });

  test("RFC 6665 §4.2.2: is forgotten when it is silent", () => {
    const { domain, subscribe, agent, say } = stageOf(words());
    subscribe();
    say("two");
    expect(notifies(domain.wait(31_600)).map(bodyOf)).toEqual(Array(10).fill("one 0 whole"));
    expect(agent.census().subscriptions).toBe(1);
    expect(domain.wait(600_000)).toEqual([]);
    expect(agent.census().subscriptions).toBe(0);
  });

  test("is forgotten with its connection, and what it is told meanwhile is lost", () => {
    const given = words();
    const { domain, subscribe, agent } = stageOf(given);
    const page = domain.connect();
    const [, notify] = subscribe(page);
    expect([notify?.to, agent.census().subscriptions]).toEqual([page, 1]);
    expect(domain.close(page)).toEqual([]);
    expect(agent.census().subscriptions).toBe(0);
    expect(given.told).toContain("closed unreachable");
    expect(domain.wait(100_000)).toEqual([]);
  });

  test("that refuses again and again is asked ever more seldom, and then not any more", () => {
    const { domain, subscribe, reply, agent } = stageOf(words());
    const at: number[] = [];
    let [, notify] = subscribe();
    while (notify) {
      at.push(domain.wire.now);
      expect(reply(notify, 500)).toEqual([]);
      notify = undefined;
      for (let ms = 0; ms < 200_000 && !notify; ms += 100) [notify] = domain.wait(100);
    }
    const gaps = at.slice(1).map((one, nth) => one - (at[nth] ?? 0));
    expect(gaps).toEqual([5000, 10_000, 20_000, 40_000, 80_000]);
    expect(agent.census().subscriptions).toBe(0);
  });

  test("that was refused once hears all of it anew", () => {
    const { domain, subscribe, reply } = stageOf(words());
    expect(reply(subscribe()[1], 503)).toEqual([]);
    expect(domain.wait(4999)).toEqual([]);
    expect(domain.wait(1).map(bodyOf)).toEqual(["one 1 whole"]);
  });
});

test("everything a state agent sends can be read", () => {
  const { domain, subscribe } = stageOf(words());
  const from = '"A \\"quoted\\" name" <sip:alice@house.example>;tag=a';
  subscribe(ALICE, { from });
  for (const output of domain.wire.outputs) {
    if ("octets" in output) expect(parseMessage(output.octets).ok).toBe(true);
  }
  expect(domain.wire.outputs.length).toBeGreaterThan(1);
});
