import { describe, expect, test } from "vitest";
import { bad, ok } from "../grammar/result.ts";
import { header } from "../message/headers.ts";
import { Pending, StoreBusy } from "../roles/answer.ts";
import {
  DomainStage,
  type DomainStageOptions,
  type RequestLines,
  request,
  type Sent,
  titleOf,
} from "../testing/domain-stage.ts";
import type { Published, PublishedPackage } from "./publications.ts";
import { StateAgent } from "./state-agent.ts";
import { MemoryPublications, type PublicationStore } from "./stores.ts";

const BOB = "203.0.113.9:5062";

function stage(
  store: PublicationStore = new MemoryPublications(),
  seed = 1,
  more: Pick<DomainStageOptions, "policy" | "trusts"> = {},
) {
  const seen: string[] = [];
  const published: Published[][] = [];
  const pack: PublishedPackage = {
    ...{ event: "word", accept: ["text/plain"], expiresSeconds: 3600 },
    check: (body) => (body.includes("?") ? bad("bad-document", "no question", 0, "") : ok(body)),
    changed: (resource, all) => {
      published.push([...all]);
      seen.push(`${resource}: ${all.map(({ body }) => body).join()}`);
    },
  };
  const agent = new StateAgent({ packages: [], published: [pack], publications: store });
  const domain = new DomainStage({ services: [agent], seed, ...more });
  let count = 0;
  const publish = (
    body: string,
    lines: readonly string[] = [],
    parts: Partial<RequestLines> & { readonly as?: string } = {},
  ): Sent[] => {
    const { as = "bob", ...more } = parts;
    const nth = `${++count}`;
    return domain.say(
      BOB,
      request("PUBLISH", {
        ...{ branch: `z9hG4bK-pub-${seed}-${nth}`, callId: `pub-${nth}`, body },
        ...{ from: `<sip:${as}@house.example>;tag=p`, to: "<sip:bob@house.example>", ...more },
        lines: [
          `Proxy-Authorization: ${domain.token(as)}`,
          ...(body === "" ? [] : ["Content-Type: text/plain"]),
          ...(lines.some((one) => one.startsWith("Event")) ? lines : ["Event: word", ...lines]),
        ],
      }),
    );
  };
  return { agent, domain, publish, seen, published };
}

const said = (sent: readonly Sent[]) => sent.map(titleOf).join();
const value = ([sent]: readonly Sent[], name: string) => sent && header(sent.message, name);
const etagOf = (sent: readonly Sent[]) => value(sent, "SIP-ETag") ?? "";

describe("RFC 3903 §6: a PUBLISH", () => {
  test("begins, refreshes, modifies and removes what is published", () => {
    const { publish, seen, published, agent } = stage();
    const first = publish("one");
    expect([said(first), value(first, "Expires")]).toEqual(["200 PUBLISH", "3600"]);
    //= RFC 3903 §6
    //# The ESC MUST generate a new entity-tag for each successful publication, replacing any
    //# previous entity-tag associated with that event state.
    const second = publish("", [`SIP-If-Match: ${etagOf(first)}`, "Expires: 600"]);
    expect([said(second), value(second, "Expires")]).toEqual(["200 PUBLISH", "600"]);
    expect(etagOf(second)).not.toBe(etagOf(first));
    //= RFC 3903 §6
    //# The generated entity-tag MUST be unique from any other entity-tags currently assigned to
    //# event state associated with that Request-URI, and MUST be different from any entity-tag
    //# assigned previously to event state for that Request-URI.
    const etags = Array.from({ length: 5 }, () => etagOf(publish("x", ["Expires: 0"])));
    expect(new Set([...etags, etagOf(first), etagOf(second)]).size).toBe(7);
    const third = publish("two", [`SIP-If-Match: ${etagOf(second)}`]);
    expect(said(third)).toBe("200 PUBLISH");
    const other = publish("three");
    const changes = seen.filter((one, nth) => one !== seen[nth - 1]);
    expect(changes).toEqual(["bob: one", "bob: two", "bob: two,three"]);
    // It is the same one all the time, whatever its entity-tag.
    expect(new Set(published.map(([one]) => one?.id)).size).toBe(1);
    expect(agent.census().publications).toBe(2);
    expect(said(publish("", [`SIP-If-Match: ${etagOf(third)}`, "Expires: 0"]))).toBe("200 PUBLISH");
    expect(said(publish("", [`SIP-If-Match: ${etagOf(other)}`, "Expires: 0"]))).toBe("200 PUBLISH");
    expect([seen.at(-1), agent.census().publications]).toEqual(["bob: ", 0]);
  });

  test("makes no dialog and no route, whatever stands in it", () => {
    const { publish } = stage();
    //= RFC 3903 §6
    //# The ESC MUST ignore the Record-Route header field if it is included in a PUBLISH request.
    //= RFC 3903 §6
    //# The ESC MUST ignore the Contact header field if one is present in a PUBLISH request.
    const sent = publish("one", ["Record-Route: <sip:p.example;lr>", "Contact: *"]);
    //= RFC 3903 §6
    //# The ESC MUST NOT include a Record-Route header field in any response to a PUBLISH request.
    expect([said(sent), value(sent, "Record-Route"), value(sent, "Contact")]).toEqual([
      ...["200 PUBLISH", undefined, undefined],
    ]);
  });

  test("is dropped when it is not refreshed", () => {
    const { domain, publish, seen } = stage();
    publish("one", ["Expires: 60"]);
    publish("two");
    domain.wait(60_000);
    expect(seen.at(-1)).toBe("bob: two");
    domain.wait(3_600_000);
    expect(seen.at(-1)).toBe("bob: ");
  });

  test("is refused for what it is, and changes nothing", () => {
    const { publish, seen, agent } = stage();
    publish("one");
    const refused = (...args: Parameters<typeof publish>) => {
      const sent = publish(...args);
      return [said(sent), value(sent, "Min-Expires"), value(sent, "Accept")].filter(Boolean).join();
    };
    expect(refused("two", ["SIP-If-Match: none"])).toBe("412 PUBLISH");
    expect(refused("two", ["SIP-If-Match: a", "SIP-If-Match: b"])).toBe("400 PUBLISH");
    expect(refused("two", ["Expires: 9"])).toBe("423 PUBLISH,10");
    expect(refused("two?")).toBe("415 PUBLISH,text/plain");
    expect(refused("x".repeat(8193))).toBe("415 PUBLISH,text/plain");
    expect(refused("")).toBe("400 PUBLISH");
    expect(refused("two", ["Require: x"])).toBe("420 PUBLISH");
    const strange = publish("two", ["Event: other"]);
    //= RFC 3903 §6
    //# If the Event header field is missing or contains an event package which the ESC does not
    //# support, the ESC MUST respond to the PUBLISH request with a 489 (Bad Event) response, and
    //# skip the remaining steps.
    expect([said(strange), value(strange, "Allow-Events")]).toEqual(["489 PUBLISH", "word"]);
    expect(refused("two", [], { as: "alice" })).toBe("403 PUBLISH");
    //= RFC 3903 §6
    //# If not, the ESC MUST return a 404 (Not Found) response and skip the remaining steps.
    expect(refused("two", [], { uri: "sip:nobody@house.example" })).toBe("404 PUBLISH");
    expect([seen.at(-1), agent.census().publications]).toEqual(["bob: one", 1]);
  });

  //= RFC 3903 §14.1
  //# The state agent SHOULD authenticate the EPA, and SHOULD apply its authorization policies
  //# (e.g., based on access control lists) to all requests.
  test("by another domain is for nobody here, and by a trusted place in their name", () => {
    const publish = (from: string) =>
      request("PUBLISH", {
        ...{ from: `<sip:${from}>;tag=p`, to: "<sip:bob@house.example>", body: "one" },
        ...{ branch: `z9hG4bK-${from}`, callId: from, via: `SIP/2.0/TLS x;branch=z9hG4bK-${from}` },
        lines: ["Event: word", "Content-Type: text/plain"],
      });
    const partner = stage(undefined, 1, { policy: () => ({ partners: () => true }) });
    const remote = { host: "198.51.100.20", port: 40_000 };
    const identities = ["partner.example"];
    const server = partner.domain.wire.open({ transport: "TLS", remote, identities });
    expect(said(partner.domain.say(server, publish("bob@partner.example")))).toBe("403 PUBLISH");
    const trusted = stage(undefined, 1, { trusts: () => true });
    expect(said(trusted.domain.say(BOB, publish("carol@house.example")))).toBe("403 PUBLISH");
    expect(said(trusted.domain.say(BOB, publish("bob@house.example")))).toBe("200 PUBLISH");
    expect([partner.agent, trusted.agent].map((one) => one.census().publications)).toEqual([0, 1]);
  });

  test("comes from so many devices and no more", () => {
    const { publish } = stage();
    for (let nth = 0; nth < 20; nth++) expect(said(publish(`${nth}`))).toBe("200 PUBLISH");
    const busy = publish("20");
    expect([said(busy), value(busy, "Retry-After")]).toEqual(["503 PUBLISH", "60"]);
  });
});

describe("what was published", () => {
  test("outlives the program with its entity-tag, and its time goes on", () => {
    const store = new MemoryPublications();
    const before = stage(store);
    const kept = before.publish("one", ["Expires: 600"]);
    before.publish("two", ["Expires: 60"]);
    const after = stage(store, 2);
    after.domain.wire.now = before.domain.wire.now + 61_000;
    after.domain.wait(10);
    expect(after.seen.at(-1)).toBe("bob: one");
    const again = after.publish("", [`SIP-If-Match: ${etagOf(kept)}`, "Expires: 600"]);
    expect(said(again)).toBe("200 PUBLISH");
    after.domain.wait(600_000);
    expect([after.seen.at(-1), store.all()]).toEqual(["bob: ", []]);
  });

  test("is on the disk when it is answered, one after the other", () => {
    const writes: Pending<void>[] = [];
    const pending = () => {
      const one = new Pending<void>();
      writes.push(one);
      return one;
    };
    const { domain, publish, seen } = stage({ all: () => [], save: pending, remove: pending });
    const settle = (run: () => void) => {
      const before = domain.wire.outputs.length;
      domain.wire.call(run);
      return domain.sentSince(before);
    };
    expect(publish("one")).toEqual([]);
    //= RFC 3903 §6
    //# PUBLISH requests with the same Request-URI MUST be processed in the order that they are
    //# received.
    expect([publish("two"), publish("three"), writes.length]).toEqual([[], [], 1]);
    const first = settle(() => writes[0]?.resolve());
    expect([said(first), seen]).toEqual(["200 PUBLISH", ["bob: one"]]);
    //= RFC 3903 §6
    //# The processing of the PUBLISH request MUST be atomic.
    const second = settle(() => writes[1]?.reject(new StoreBusy(4)));
    expect([said(second), value(second, "Retry-After")]).toEqual(["503 PUBLISH", "4"]);
    expect(seen.at(-1)).toBe("bob: one");
    //= RFC 3903 §6
    //# If internal errors (such as the inability to access a back-end database) occur before
    //# processing is complete, the publication MUST NOT succeed, and the ESC MUST fail with an
    //# appropriate error response, such as 504 (Server Time-out), and skip the last step.
    expect(said(settle(() => writes[2]?.reject(new Error("full"))))).toBe("500 PUBLISH");
    expect(seen.at(-1)).toBe("bob: one");
    expect(publish("", [`SIP-If-Match: ${etagOf(first)}`, "Expires: 0"])).toEqual([]);
    expect(said(settle(() => writes[3]?.resolve()))).toBe("200 PUBLISH");
    expect(seen.at(-1)).toBe("bob: ");
  });
});
