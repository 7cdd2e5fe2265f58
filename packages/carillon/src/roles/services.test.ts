import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { house } from "../testing/house.ts";
import { LyingDns, ScriptedPeer } from "../testing/network.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { contactOn } from "./own-requests.ts";
import type { Decision } from "./policy.ts";
import type { OwnOutcome, OwnRequest, Service, ServiceHost, ServiceRequest } from "./services.ts";

const ALICE = "203.0.113.4:5060";
const BOB = "203.0.113.9:5062";

const titles = (sent: readonly Sent[]) => sent.map((one) => `${titleOf(one)} to ${one.to}`);

const isMessage = ({ from }: ServiceRequest) => from.request.method === "MESSAGE";

/** A service that takes MESSAGEs, and writes down all that it hears. */
function recorder(takes: (asked: ServiceRequest) => boolean = isMessage) {
  const heard: string[] = [];
  const asked: ServiceRequest[] = [];
  let host!: ServiceHost;
  const service: Service = {
    methods: ["MESSAGE", "SUBSCRIBE"],
    events: ["presence", "reg"],
    attach: (given) => {
      host = given;
    },
    take: (one) => {
      heard.push(`${one.from.request.method} ${one.account} ${one.user} ${one.isPerson}`);
      asked.push(one);
      if (!takes(one)) return false;
      host.words.reply(one.from, { status: 202 });
      return true;
    },
    inDialog: (one) => {
      heard.push(`in a dialog: ${one.from.request.method}`);
      if (one.from.essentials.toTag !== "ours") return false;
      host.words.reply(one.from, { status: 200 });
      return true;
    },
    closed: ({ connection }) => heard.push(`closed ${connection}`),
    registered: (account) => heard.push(`registered ${account}`),
  };
  return { service, heard, asked, host: () => host };
}

const message = (stage: DomainStage, parts: Parameters<typeof request>[1] = {}) =>
  request("MESSAGE", {
    ...parts,
    lines: [`Proxy-Authorization: ${stage.token("alice")}`, ...(parts.lines ?? [])],
  });

describe("a service of a domain", () => {
  test("is asked about what comes from somebody known, and what it takes goes nowhere", () => {
    const { service, heard } = recorder();
    const stage = new DomainStage({ services: [service] });
    stage.register("bob", BOB);
    heard.length = 0;
    expect(titles(stage.say(ALICE, message(stage)))).toEqual([`202 MESSAGE to ${ALICE}`]);
    expect(heard).toEqual(["MESSAGE alice bob true"]);
  });

  test("is asked about its own methods alone, or about all", () => {
    const [few, all] = [recorder(() => false), recorder(() => false)];
    const { methods: _, ...any } = all.service;
    const stage = new DomainStage({ services: [few.service, any] });
    const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
    stage.say(ALICE, request("INFO", { lines }));
    expect([few.heard, all.heard]).toEqual([[], ["INFO alice bob true"]]);
  });

  test("hears nothing of strangers", () => {
    const { service, heard } = recorder();
    const stage = new DomainStage({ services: [service] });
    const [refused] = stage.say(ALICE, request("MESSAGE"));
    expect([refused && titleOf(refused), heard]).toEqual(["407 MESSAGE", []]);
  });

  test("leaves to the next one, and to the proxy, what it does not want", () => {
    const [first, second] = [recorder(() => false), recorder(() => false)];
    const stage = new DomainStage({ services: [first.service, second.service] });
    stage.register("bob", BOB);
    const sent = stage.say(ALICE, message(stage));
    expect(titles(sent)).toContain(`MESSAGE to ${BOB}`);
    expect([first.heard.at(-1), second.heard.at(-1)]).toEqual(
      Array(2).fill("MESSAGE alice bob true"),
    );
  });

  test("has a request sent the proxy's way after all, past every service", () => {
    const second = recorder();
    let host!: ServiceHost;
    const first: Service = {
      attach: (given) => {
        host = given;
      },
      take: (asked) => {
        host.usual(asked);
        return true;
      },
    };
    const stage = new DomainStage({ services: [first, second.service] });
    stage.register("bob", BOB);
    second.heard.length = 0;
    expect(titles(stage.say(ALICE, message(stage)))).toContain(`MESSAGE to ${BOB}`);
    expect(second.heard).toEqual([]);
  });

  test("comes after the operator's route", () => {
    const { service, heard } = recorder();
    const route = (): Decision => ({ kind: "Refuse", status: 603, why: "not today" });
    const stage = new DomainStage({ services: [service], policy: () => ({ route }) });
    const [refused] = stage.say(ALICE, message(stage));
    expect([refused && titleOf(refused), heard]).toEqual(["603 MESSAGE", []]);
  });

  test("is asked about other domains and nobody's names, and told what they are", () => {
    const { service, asked } = recorder();
    const stage = new DomainStage({ services: [service] });
    const told = (uri: string) => {
      stage.say(ALICE, message(stage, { uri, branch: `z9hG4bK-${asked.length}` }));
      const { isOurs, user, isPerson } = asked.at(-1) ?? {};
      return [isOurs, user, isPerson];
    };
    expect(told("sip:b%6fb@HOUSE.example")).toEqual([true, "bob", true]);
    expect(told("sip:nobody@house.example")).toEqual([true, "nobody", false]);
    expect(told("sip:house.example")).toEqual([true, undefined, false]);
    expect(told("sip:bob@biloxi.example")).toEqual([false, undefined, false]);
  });

  test("does not see what is on its way to another server", () => {
    const { service, heard } = recorder();
    const stage = new DomainStage({ services: [service] });
    const lines = ["Route: <sip:proxy.example;lr>"];
    const [refused] = stage.say(ALICE, message(stage, { lines }));
    expect([refused && titleOf(refused), heard]).toEqual(["403 MESSAGE", []]);
  });

  test("RFC 3261 §12.2.2: has the dialogs of the server itself; others get a 481", () => {
    const { service, heard } = recorder();
    const stage = new DomainStage({ services: [service] });
    const inside = (tag: string, uri: string) =>
      stage
        .say(
          ALICE,
          request("SUBSCRIBE", {
            ...{ uri, to: `<sip:bob@house.example>;tag=${tag}`, branch: `z9hG4bK-${tag}` },
            lines: [`Proxy-Authorization: ${stage.token("alice")}`],
          }),
        )
        .map(titleOf);
    expect(inside("ours", "sip:192.0.2.1:5060")).toEqual(["200 SUBSCRIBE"]);
    expect(inside("theirs", "sip:192.0.2.1:5060")).toEqual(["481 SUBSCRIBE"]);
    expect(heard).toEqual(["in a dialog: SUBSCRIBE", "in a dialog: SUBSCRIBE"]);
    const [asked] = stage.say(
      ALICE,
      request("SUBSCRIBE", { to: "<sip:bob@house.example>;tag=ours", branch: "z9hG4bK-s" }),
    );
    expect(asked && titleOf(asked)).toBe("407 SUBSCRIBE");
  });

  test("hears of registrations that were carried out, and of connections that are gone", () => {
    const { service, heard } = recorder();
    const stage = new DomainStage({ services: [service] });
    const page = stage.connect();
    stage.register("bob", page);
    stage.register("bob", BOB, { lines: ["Contact: <sip:bob@x>;expires=1"] });
    expect(stage.location.online("bob", stage.wire.now)).toBe(true);
    stage.close(page);
    expect(heard).toEqual(["registered bob", `closed ${page}`]);
    expect(stage.location.online("bob", stage.wire.now)).toBe(false);
  });

  test("RFC 6665 §4.4.4: has its packages and methods among what the server can do", () => {
    const stage = new DomainStage({ services: [recorder().service] });
    const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
    const [told] = stage.say(ALICE, request("OPTIONS", { uri: "sip:house.example", lines }));
    expect(told && header(told.message, "Allow-Events")).toBe("presence, reg");
    expect(told && header(told.message, "Allow")).toMatch(/, MESSAGE, SUBSCRIBE$/);
  });
});

const TOLD: OwnRequest = {
  method: "NOTIFY",
  uri: "sip:bob@203.0.113.9:5062",
  headers: [
    ["Max-Forwards", "70"],
    ["From", "<sip:carol@house.example>;tag=c"],
    ["To", "<sip:bob@house.example>;tag=b"],
    ["Call-ID", "told-1"],
    ["CSeq", "1 NOTIFY"],
    ["Event", "presence"],
  ],
  contact: (flow) => contactOn(flow),
};

describe("a request of the server's own", () => {
  /** A stage with a service, and what became of what that sends. */
  function stage() {
    const { service, host } = recorder();
    const domain = new DomainStage({ services: [service] });
    const outcomes: OwnOutcome[] = [];
    const done = (outcome: OwnOutcome) => void outcomes.push(outcome);
    const during = (run: (host: ServiceHost) => void): Sent[] => {
      const before = domain.wire.outputs.length;
      domain.wire.call(() => run(host()));
      return domain.sentSince(before);
    };
    return { domain, outcomes, done, during };
  }

  const bindingOf = (domain: DomainStage, account: string) => {
    const found = domain.location.bindings(account, domain.wire.now);
    if (!Array.isArray(found) || !found[0]) throw new Error("no binding");
    return found[0];
  };

  test("goes to where a binding is reached, and its outcome is heard once", () => {
    const { domain, outcomes, done, during } = stage();
    domain.register("bob", BOB);
    const [notify, ...none] = during((host) =>
      host.toBinding(bindingOf(domain, "bob"), TOLD, done),
    );
    expect([notify?.to, none.length]).toEqual([BOB, 0]);
    //= RFC 3261 §8.1.1.7
    //# When the UAC creates a request, it MUST insert a Via into that request.
    expect(notify && header(notify.message, "Via")).toMatch(
      /^SIP\/2.0\/UDP 192.0.2.1:5060;branch=/,
    );
    expect(notify && header(notify.message, "Contact")).toBe("<sip:192.0.2.1:5060>");
    domain.say(BOB, answer(notify?.octets ?? "", 100, ""));
    domain.say(BOB, answer(notify?.octets ?? "", 489, ""));
    domain.say(BOB, answer(notify?.octets ?? "", 489, ""));
    expect(outcomes.map(({ status, response }) => [status, response?.status])).toEqual([
      [489, 489],
    ]);
  });

  test("over a connection that is gone has no way, and silence is a 408", () => {
    const { domain, outcomes, done, during } = stage();
    const page = domain.connect();
    domain.register("bob", page);
    const binding = bindingOf(domain, "bob");
    const [sent] = during((host) => host.toBinding(binding, TOLD, done));
    expect([sent?.to, sent && header(sent.message, "Contact")]).toEqual([
      page,
      "<sip:192.0.2.1:5060;transport=ws>",
    ]);
    domain.close(page);
    expect(outcomes).toEqual([{ status: 503, response: undefined }]);
    during((host) => {
      host.toBinding(binding, TOLD, done);
      expect(outcomes).toHaveLength(1);
    });
    expect(outcomes).toHaveLength(2);
    domain.register("bob", BOB);
    during((host) => host.toBinding(bindingOf(domain, "bob"), TOLD, done));
    domain.wait(32_000);
    expect(outcomes[2]).toEqual({ status: 408, response: undefined });
  });

  test("RFC 3261 §18.1.1: goes over TCP where it is too large for a datagram", () => {
    const { domain, done, during } = stage();
    const local = { host: "192.0.2.1", port: 5060 };
    domain.wire.input({ kind: "Listening", transport: "TCP", local });
    domain.register("bob", BOB);
    const binding = bindingOf(domain, "bob");
    const before = domain.wire.outputs.length;
    during((host) => host.toBinding(binding, { ...TOLD, body: "x".repeat(1300) }, done));
    expect(domain.wire.outputs.slice(before)).toMatchObject([
      { kind: "Open", to: { transport: "TCP", remote: { host: "203.0.113.9", port: 5062 } } },
    ]);
  });

  test("RFC 3263 §4: finds the servers of another domain", async () => {
    const { service, host } = recorder();
    const dns = new LyingDns().zone(`
      _sip._udp.biloxi.example SRV 1 0 5060 one.biloxi.example
      one.biloxi.example A 192.0.2.1
    `);
    const { network, server } = house({ dns, services: () => [service] });
    network.host(
      "one",
      { host: "192.0.2.1", port: 5060 },
      new ScriptedPeer("expect NOTIFY\nsend 200 OK"),
    );
    const outcomes: OwnOutcome[] = [];
    const send = (text: string) => {
      const uri = parseSipUri(text);
      if (!uri.ok) throw new Error(text);
      const what = { ...TOLD, uri: text };
      server.call(() => host().toServers(uri.value, what, (one) => void outcomes.push(one)));
    };
    send("sip:bob@biloxi.example");
    await network.run(1000);
    expect(outcomes.map(({ status }) => status)).toEqual([200]);
    send("sip:bob@nowhere.example");
    await network.run(10_000);
    expect(outcomes.map(({ status }) => status)).toEqual([200, 503]);
  });
});
