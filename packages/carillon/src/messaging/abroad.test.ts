/** Messages to and from other domains. */
import { expect, test } from "vitest";
import type { Entry } from "../documents/journal.ts";
import { header, headerLines } from "../message/headers.ts";
import { StateAgent } from "../state-agent/state-agent.ts";
import { answer, DomainStage, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { house } from "../testing/house.ts";
import { pageIn, subscribeText } from "../testing/journal-asking.ts";
import { address, BOB, receipt, wrapped } from "../testing/message-office.ts";
import { type Host, LyingDns, ScriptedPeer } from "../testing/network.ts";
import { MemoryMessageStore } from "./memory-message-store.ts";
import { type MessagingOptions, messaging } from "./messaging.ts";

const ZONE = `
  _sip._udp.biloxi.example SRV 1 0 5060 one.biloxi.example
  one.biloxi.example A 192.0.2.1
`;
const DAVE = "sip:dave@biloxi.example";

/** A house whose people may write to Biloxi, where somebody says what the script has. */
async function between(script: string, isOpen = true) {
  const store = new MemoryMessageStore();
  const dns = new LyingDns().zone(ZONE);
  const { network, signedIn } = house({
    ...{ dns, services: () => [messaging({ store })] },
    policy: { relay: (account) => isOpen && account !== undefined },
  });
  const peer: Host<ScriptedPeer> = network.host(
    "one",
    { host: "192.0.2.1", port: 5060 },
    new ScriptedPeer(script),
  );
  const alice = await signedIn("alice");
  const send = (text: string) =>
    network.until(
      alice.message(DAVE, text).then(
        ({ status }) => status,
        (error: { status?: number; message: string }) => error.status ?? error.message,
      ),
      60_000,
    );
  const journal = () => store.page("alice", { kind: "After", after: 0, limit: 9 }).entries;
  return { alice, send, journal, network, peer };
}

test("what another domain takes stands in the journal of whoever wrote it", async () => {
  const { send, journal } = await between("expect MESSAGE\nsend 200 OK");
  expect(await send("hello")).toBe(200);
  expect(journal()).toMatchObject([
    { conversation: DAVE, what: { kind: "Message", from: address("alice"), body: "hello" } },
  ]);
});

test("what it refuses does not, and its sender hears that", async () => {
  const { send, journal } = await between("expect MESSAGE\nsend 403 Forbidden");
  expect(await send("hello")).toBe(403);
  expect(journal()).toEqual([]);
});

test("RFC 4320 §4.2: where nobody answers there, nobody does here; nothing is kept", async () => {
  const { send, journal } = await between("expect MESSAGE");
  //= RFC 4320 §4.2
  //# A transaction-stateful SIP element MUST NOT send a response with Status-Code of 408 to a
  //# non-INVITE request.
  expect(await send("hello")).toBe("Nobody said that the message arrived.");
  expect(journal()).toEqual([]);
});

test("RFC 3261 §22.3: credentials for there go along, and those for here stay", () => {
  const store = new MemoryMessageStore();
  const stage = new DomainStage({
    ...{ services: [messaging({ store })], policy: () => ({ relay: () => true }) },
  });
  const theirs = 'Digest username="a", realm="biloxi.example", nonce="n", uri="u", response="00"';
  const token = stage.token("alice");
  const said = stage.say(
    BOB,
    request("MESSAGE", {
      ...{ uri: "sip:dave@192.0.2.77", body: "x" },
      lines: [
        ...[`Proxy-Authorization: ${token}`, `Proxy-Authorization: ${theirs}`],
        ...[`Authorization: ${token}`, "Subject: tea", "Content-Type: text/plain"],
      ],
    }),
  );
  const [sent] = [...said, ...stage.wait(100)].filter((one) => titleOf(one) === "MESSAGE");
  const copy = sent?.message;
  if (!copy) throw new Error("nothing was sent");
  //= RFC 3261 §22.3
  //# When multiple proxies are used in a chain, a Proxy-Authorization header field value MUST NOT
  //# be consumed by any proxy whose realm does not match the "realm" parameter specified in that
  //# value.
  expect(headerLines(copy, "Proxy-Authorization")).toEqual([theirs]);
  expect(sent.octets).not.toContain("Bearer");
  expect([header(copy, "Max-Forwards"), header(copy, "Subject")]).toEqual(["69", "tea"]);
  expect(headerLines(copy, "Via")).toHaveLength(1);
});

test("RFC 5438 §12.2: a receipt for somebody there goes on as it is, and is not kept", async () => {
  const { alice, network, journal } = await between("expect MESSAGE\nsend 200 OK");
  const { body = "" } = receipt("alice", "m1", "display", "displayed");
  //= RFC 5438 §12.2
  //# SIP Proxies MUST NOT generate IMDNs but MUST forward them like any other SIP request.
  const { status } = await network.until(
    alice.message(DAVE, body, { contentType: "message/cpim" }),
  );
  expect([status, journal()]).toEqual([200, []]);
  const [, sent] = network.sights.filter(({ octets }) => octets.startsWith("MESSAGE"));
  expect(sent?.octets.endsWith(body)).toBe(true);
});

test("who may not leave the house is refused as ever", async () => {
  const { send, journal } = await between("expect MESSAGE\nsend 200 OK", false);
  expect(await send("hello")).toBe(403);
  expect(journal()).toEqual([]);
});

/** A house to which Biloxi's server has shown its certificate. */
function partnered(options: Partial<MessagingOptions> = {}) {
  const store = new MemoryMessageStore();
  const service = messaging({ store, ...options });
  const partners = (domain: string) => domain === "biloxi.example";
  const agent = new StateAgent({ packages: [service.journal] });
  const stage = new DomainStage({ services: [service, agent], policy: () => ({ partners }) });
  const remote = { host: "198.51.100.20", port: 40_000 };
  const server = stage.wire.open({ transport: "TLS", remote, identities: ["biloxi.example"] });
  let count = 0;
  const say = (what: { readonly contentType?: string; readonly body?: string } = {}): Sent[] => {
    const { contentType = "text/plain", body = "hello" } = what;
    return stage.say(
      server,
      request("MESSAGE", {
        ...{ via: `SIP/2.0/TLS sip.biloxi.example;branch=z9hG4bK-p${++count}`, body },
        ...{ from: "<sip:dave@Biloxi.example;x=1>;tag=z", callId: `p${count}` },
        lines: [`Content-Type: ${contentType}`],
      }),
    );
  };
  const journal = (account: string): readonly Entry[] =>
    store.page(account, { kind: "After", after: 0, limit: 99 }).entries;
  return { stage, say, journal };
}

test("what another domain's server brings is kept for people here, in one journal", () => {
  const { say, journal } = partnered();
  expect(say().map(titleOf)).toEqual(["202 MESSAGE"]);
  expect(journal("bob")).toMatchObject([
    { conversation: DAVE, what: { kind: "Message", from: DAVE, body: "hello" } },
  ]);
});

test("it changes and takes back what it has brought, and nothing else", () => {
  const { say, journal } = partnered();
  say(wrapped("m1"));
  expect(say(wrapped("m2", { chat: { replaces: "m1" } })).map(titleOf)).toEqual(["202 MESSAGE"]);
  expect(say(wrapped("m3", { chat: { retracts: "m9" } })).map(titleOf)).toEqual(["404 MESSAGE"]);
  expect(journal("bob").map(({ what }) => what.kind)).toEqual(["Message", "Edited"]);
});

test("a domain can make up names, and has a budget of its own all the same", () => {
  const { stage, say } = partnered({ rate: { burst: 2, perSecond: 0.1 } });
  expect([...say(), ...say(), ...say()].map(titleOf)).toEqual([
    ...["202 MESSAGE", "202 MESSAGE", "503 MESSAGE"],
  ]);
  const remote = { host: "198.51.100.21", port: 40_000 };
  const other = stage.wire.open({ transport: "TLS", remote, identities: ["biloxi.example"] });
  const statuses = Array.from({ length: 30 }, (_, i) => {
    const [sent] = stage.say(
      other,
      request("MESSAGE", {
        ...{ via: `SIP/2.0/TLS x.biloxi.example;branch=z9hG4bK-q${i}`, body: "x" },
        ...{ from: `<sip:made-up${i}@biloxi.example>;tag=z`, callId: `q${i}` },
        lines: ["Content-Type: text/plain"],
      }),
    );
    return sent && titleOf(sent);
  });
  expect(statuses.filter((one) => one === "202 MESSAGE").length).toBeLessThan(20);
  expect(statuses.at(-1)).toBe("503 MESSAGE");
});

test("RFC 5438 §7.2.1: who asked from elsewhere is told that it arrived, once", async () => {
  const store = new MemoryMessageStore();
  const from = { from: DAVE, contentType: "text/plain", body: "hello" };
  const said = { kind: "Message", id: "m1", wants: ["delivered"], ...from } as const;
  const unasked = { kind: "Message", id: "m2", ...from } as const;
  for (const what of [said, unasked]) {
    const key = { from: DAVE, id: `m ${what.id}` };
    store.post({ key, what, at: 0, journals: [{ account: "bob", conversation: DAVE }] });
  }
  const service = messaging({ store });
  const stage = new DomainStage({
    services: [service, new StateAgent({ packages: [service.journal] })],
  });
  const asked: unknown[] = [];
  for (const callId of ["s1", "s2"]) {
    const sent = stage.say(BOB, subscribeText(stage, {}, { callId }));
    const notify = sent.find((one) => titleOf(one) === "NOTIFY");
    if (!notify) throw new Error("no NOTIFY");
    expect(pageIn(notify).entries).toHaveLength(2);
    const before = stage.wire.outputs.length;
    stage.say(BOB, answer(notify.octets, 200, ""));
    asked.push(...stage.wire.outputs.slice(before).filter(({ kind }) => kind === "Query"));
    expect(header(notify.message, "Event")).toBe("carillon-journal");
  }
  //= RFC 5438 §7.2.1
  //# If there is no IMDN-Record-Route header field, the IM Recipient MUST send the IMDN to the URI
  //# in the From header field.
  // The servers of that domain are looked for, one time.
  expect(asked).toMatchObject([{ question: { name: "biloxi.example" } }]);
});
