import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Asked, Pending } from "carillon/roles";
import { parseSipUri } from "carillon/uri";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../http/log.ts";
import { openConfig } from "./live-config.ts";
import { readConfig } from "./read-config.ts";
import { redirectTable } from "./redirect-table.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-config-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const log = createLog({ level: "silent", now: () => 0 });
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
/** What a policy has without a word. */
const USUAL = { outgoing: expect.objectContaining({ handsOver: false }) };
let writes = 0;
/** Another time at each write, however quickly they follow. */
const writeAgain = (name: string, text: string): void => {
  utimesSync(write(name, text), 1, ++writes);
};
const open = (config?: string) => openConfig({ folder, config }, log);

function asked(text: string, isOurs: boolean, method = "INVITE"): Asked {
  const uri = parseSipUri(text);
  if (!uri.ok) throw new Error(text);
  return { method, uri: uri.value, account: "alice", isOurs, request: {} as Asked["request"] };
}

describe("carillon.config.ts", () => {
  test("is TypeScript with a default export, and all of it may be left out", async () => {
    const none = await open();
    expect([none.policy, none.aliases, none.trusts("127.0.0.1")]).toEqual([USUAL, [], false]);
    write(
      "carillon.config.ts",
      `const seconds: number = 15;
       export default {
         aliases: ["pbx.example"], trust: ["192.0.2.0/24", "2001:db8::7"],
         calls: { forking: "by-q", ringSeconds: seconds, follow3xx: true },
       };`,
    );
    const config = await open();
    const said = { forking: "by-q", ringMs: 15_000, follow3xx: true };
    expect(config.policy).toEqual({ ...USUAL, ...said });
    expect(config.aliases).toEqual(["pbx.example"]);
    const trusted = ["192.0.2.200", "192.0.3.1", "2001:db8::7", "2001:db8::8"];
    expect(trusted.map((host) => config.trusts(host))).toEqual([true, false, true, false]);
  });

  test("has lines as they usually are, as the operator wants them, or none", async () => {
    expect((await open()).lines).toEqual({});
    expect((await open(write("no.json", '{"lines": false}'))).lines).toBeUndefined();
    const numbers = { echo: ["9196"], clock: [] };
    const lines = { numbers, announcements: "said", callsEach: 2, minutes: 5 };
    const config = await open(write("some.json", JSON.stringify({ lines })));
    expect(config.lines).toEqual({ ...lines, announcements: join(folder, "said") });
    const path = write("wrong.json", '{"lines": {"numbers": {"echo": ["a b"]}}}');
    await expect(open(path)).rejects.toThrow("expected a number or name");
  });

  test("limits what people call, unless it is told not to", async () => {
    const { outgoing } = (await open(write("few.json", '{"dialling": {"atOnce": 1}}'))).policy;
    expect(outgoing?.limits("alice").atOnce).toBe(1);
    expect((await open(write("any.json", '{"dialling": false}'))).policy.outgoing).toBeUndefined();
  });

  test("opens other domains for people, and not for a trusted place", async () => {
    const path = write("carillon.config.ts", "export default { domains: ['*.example', '*'] }");
    const config = await open(path);
    const { relay } = config.policy;
    const { uri } = asked("sip:zoe@other.example", false);
    expect([relay?.("alice", uri), relay?.(undefined, uri)]).toEqual([true, false]);
    expect([config.isPublicOnly("other.example"), config.isPublicOnly("x.net")]).toEqual([
      false,
      true,
    ]);
    write("none.json", '{ "domains": [] }');
    expect((await open("none.json")).policy.relay).toBeUndefined();
  });

  test("says whether it tells how people here are, to which domains, and how much", async () => {
    const plain = { isServed: true, minGapMs: undefined, subscriptionsPerWatcher: 50 };
    const none = (await open()).presence;
    expect(none).toMatchObject({ ...plain, subscriptions: 100_000 });
    expect(none.mayAsk("any.example")).toBe(true);
    write(
      "p.json",
      `{ "presence": { "served": false, "outside": ["Biloxi.example", "*.a.example"],
         "minGapSeconds": 5, "subscriptionsPerWatcher": 7, "subscriptions": 8 } }`,
    );
    const { presence } = await open("p.json");
    expect(presence).toMatchObject({
      ...{ isServed: false, minGapMs: 5000, subscriptionsPerWatcher: 7, subscriptions: 8 },
    });
    const domains = ["biloxi.example", "b.a.example", "a.example", "c.example"];
    expect(domains.map((domain) => presence.mayAsk(domain))).toEqual([true, true, false, false]);
    write("nobody.json", '{ "presence": { "outside": [] } }');
    expect((await open("nobody.json")).presence.mayAsk("any.example")).toBe(false);
  });

  test("may name partners, and files that say who is believed, from where it lies", async () => {
    expect((await open()).tls).toEqual({ ca: [], crl: [] });
    mkdirSync(join(folder, "etc"));
    write(
      "etc/c.json",
      '{ "partners": ["Biloxi.example"], "tls": { "ca": ["ca.pem", "/x.pem"] } }',
    );
    const { policy, tls } = await open("etc/c.json");
    expect([policy.partners?.("biloxi.example"), policy.partners?.("x.example")]).toEqual([
      true,
      false,
    ]);
    expect(tls).toEqual({ ca: [join(folder, "etc/ca.pem"), "/x.pem"], crl: [] });
  });

  test("says how many there may be, their other names, and what they may register", async () => {
    write(
      "carillon.config.ts",
      `export default {
         people: { most: 5000, phonesEach: 3 },
         messages: { keptDays: 90, burst: 500 },
         names: { "100": "anna", info: "bob" },
         registrar: {
           refuse: ["multicast", "other-address"],
           contactsPerPerson: 6, contactsPerDevice: 2, others: { secretary: ["boss"] },
         },
         calls: { recordRoute: "single" },
       };`,
    );
    const config = await open();
    expect(config.limits).toEqual({ people: 5000, phonesEach: 3 });
    expect(config.retention).toEqual({ days: 90 });
    expect(config.messageRate).toEqual({ burst: 500, perSecond: 10 });
    const { alias, registersFor, ...policy } = config.policy;
    expect(policy).toEqual({
      ...USUAL,
      ...{ refusedContacts: ["multicast", "other-address"], recordRoute: "single" },
      ...{ contactsPerAccount: 6, contactsPerDevice: 2 },
    });
    expect(["100", "info", "constructor", "zoe"].map((user) => alias?.(user))).toEqual([
      ...["anna", "bob"],
      ...[undefined, undefined],
    ]);
    expect([registersFor?.("secretary", "boss"), registersFor?.("boss", "secretary")]).toEqual([
      true,
      false,
    ]);
    expect([config.registersFor("secretary"), config.registersFor("boss")]).toEqual([["boss"], []]);
  });

  test("passes domains on to servers that it names by their addresses", async () => {
    const to = ["sip:10.0.0.7", "sip:[2001:db8::7]:5070;transport=TCP", "sips:10.0.0.8"];
    write("f.json", JSON.stringify({ forward: [{ domain: "Branch.example", to }] }));
    const { stateless } = (await open("f.json")).policy;
    const name = "branch.example";
    expect(stateless?.("branch.example")).toEqual([
      { transport: "UDP", address: { host: "10.0.0.7", port: 5060 }, name },
      { transport: "TCP", address: { host: "2001:db8::7", port: 5070 }, name },
      { transport: "TLS", address: { host: "10.0.0.8", port: 5061 }, name },
    ]);
    expect(stateless?.("other.example")).toEqual([]);
  });

  test("may say whom to ask about other domains", async () => {
    expect((await open()).dns).toBeUndefined();
    write("one.json", '{ "dns": ["192.0.2.53", "[2001:db8::53]:5353"] }');
    expect((await open("one.json")).dns).toEqual(["192.0.2.53", "[2001:db8::53]:5353"]);
  });

  test("is JSON, too, and may have any name", async () => {
    mkdirSync(join(folder, "etc"));
    write("etc/house.json", '{ "calls": { "forking": "parallel" } }');
    expect((await open("etc/house.json")).policy).toEqual({ ...USUAL, forking: "parallel" });
  });

  test.each([
    [
      "export default { calls: { ringSeconds: 'soon' } }",
      'calls.ringSeconds: expected number, found "soon".',
    ],
    [
      "export default { calls: { ringSeconds: 1 } }",
      "calls.ringSeconds: expected at least 5, found 1.",
    ],
    [
      "export default { calls: { forking: 'round' } }",
      'calls.forking: expected "parallel" or "by-q", found "round".',
    ],
    [
      "export default { trust: ['10.0.0.0/40'] }",
      "trust.0: expected an address or a network, such as 192.0.2.7 or 192.0.2.0/24, " +
        'found "10.0.0.0/40".',
    ],
    [
      "export default { truts: [] }",
      "the whole: there is no setting truts; " +
        "expected trust, aliases, partners, people, messages, names, registrar, tls, " +
        "certificates, metrics, hep, domains, dns, presence, protection, addresses, " +
        "push, turn, lines, overload, calls, dialling, forward, edge, redirects, route.",
    ],
    [
      "export default { domains: ['*example'] }",
      'domains.0: expected a domain, *.example for all below one, or * for any, found "*example".',
    ],
    [
      "export default { dns: ['ns.example'] }",
      "dns.0: expected an address, with a port or without: 192.0.2.53, 192.0.2.53:5353, " +
        '[2001:db8::53]:5353, found "ns.example".',
    ],
    [
      "export default { registrar: { refuse: ['nat'] } }",
      'registrar.refuse.0: expected "loopback" or "multicast" or "broadcast" or "unspecified" or ' +
        '"privileged-port" or "other-address" or "name", found "nat".',
    ],
    ["export default { people: { most: 0 } }", "people.most: expected at least 1, found 0."],
    [
      "export default { messages: { keptDays: 0 } }",
      "messages.keptDays: expected at least 1, found 0.",
    ],
    [
      "export default { forward: [{ domain: 'x.example', to: ['sip:pbx.example'] }] }",
      "forward.0.to.0: expected a sip URI with an address, such as " +
        'sip:192.0.2.7:5060;transport=tcp, found "sip:pbx.example".',
    ],
    ["export default { route: 7 }", "route: expected a function, found 7."],
    [
      "export default { redirects: [{ to: 'bob', contacts: [] }] }",
      "redirects.0.contacts: expected at least 1, found [].",
    ],
    ["export default 7", "the whole: expected object, found 7."],
    ["export const x = 1", "it could not be read: it has no default export"],
  ])("%s is refused: file, place, what was expected and found", async (text, words) => {
    const path = write("carillon.config.ts", text);
    const read = await readConfig(path);
    expect(read.ok ? "" : read.words).toBe(`${path}: ${words}`);
    await expect(open()).rejects.toThrow(words);
  });

  test("that is not there is said so", async () => {
    await expect(open("nowhere.ts")).rejects.toThrow(/nowhere\.ts: there is no such file\./);
  });

  test("is read again on reload; a wrong one changes nothing", async () => {
    writeAgain("carillon.config.ts", "export default { calls: { forking: 'by-q' } }");
    const config = await open();
    writeAgain(
      "carillon.config.ts",
      "export default { calls: { forking: 'parallel' }, trust: ['::1'] }",
    );
    expect(await config.reload()).toBe(true);
    expect(config.policy).toEqual({ ...USUAL, forking: "parallel" });
    expect(config.trusts("::1")).toBe(true);
    writeAgain("carillon.config.ts", "export default { calls: { forking: 'round' } }");
    expect(await config.reload()).toBe(false);
    expect(config.policy).toEqual({ ...USUAL, forking: "parallel" });
    writeAgain("carillon.config.ts", "export default {");
    expect(await config.reload()).toBe(false);
    expect(config.trusts("::1")).toBe(true);
  });
});

describe("an operator's route", () => {
  test("is asked before the table, and what it leaves goes there", async () => {
    write(
      "carillon.config.ts",
      `export default {
         redirects: [{ to: "*@other.example", contacts: ["sip:{user}@table.example"] }],
         route: ({ uri }) =>
           uri.user === "own" ? { kind: "Refuse", status: 403, why: "no" } : undefined,
       };`,
    );
    const { route } = (await open()).policy;
    expect(route?.(asked("sip:own@other.example", false))).toMatchObject({ kind: "Refuse" });
    expect(route?.(asked("sip:zoe@other.example", false))).toMatchObject({
      contacts: [{ uri: "sip:zoe@table.example" }],
    });
    expect(route?.(asked("sip:zoe@house.example", true))).toBeUndefined();
  });

  test("may take its time, and may fail", async () => {
    write(
      "carillon.config.ts",
      `export default {
         route: async ({ uri }) => {
           if (uri.user === "bad") throw new Error("no table");
           return { kind: "Refuse", status: 404, why: uri.user };
         },
       };`,
    );
    const config = await open();
    const turns: (() => void)[] = [];
    config.answerIn((run) => void turns.push(run));
    const said: unknown[] = [];
    for (const user of ["zoe", "bad"]) {
      const answer = config.policy.route?.(asked(`sip:${user}@other.example`, false));
      expect(answer).toBeInstanceOf(Pending);
      if (answer instanceof Pending)
        answer.whenSettled(
          (one) => said.push(one),
          (cause) => said.push(String(cause)),
        );
    }
    await new Promise((go) => setTimeout(go, 10));
    expect(said).toEqual([]);
    for (const turn of turns) turn();
    expect(said).toEqual([{ kind: "Refuse", status: 404, why: "zoe" }, "Error: no table"]);
  });
});

describe("the table of redirections", () => {
  const table = redirectTable([
    { to: "bob", contacts: ["sip:bob@mobile.example"], status: 301 },
    {
      to: "00*",
      contacts: [
        { uri: "sip:{user}@gw1.example", q: 1 },
        { uri: "sip:{user}@gw2.example", q: 0.5 },
      ],
    },
    { to: "*@other.example", contacts: ["sip:{user}@sip.other.example"] },
    { to: "boss@other.example", contacts: ["sip:office@other.example"] },
  ]);
  const contactsFor = (uri: string, isOurs: boolean, method?: string) => {
    const decision = table(asked(uri, isOurs, method));
    return decision?.kind === "Redirect" ? decision.contacts.map((one) => one.uri) : decision;
  };

  test("knows people, beginnings and whole domains", () => {
    expect(contactsFor("sip:bob@house.example", true)).toEqual(["sip:bob@mobile.example"]);
    expect(contactsFor("sip:0049301@house.example", true)).toEqual([
      "sip:0049301@gw1.example",
      "sip:0049301@gw2.example",
    ]);
    expect(contactsFor("sip:zo%65@other.example", false)).toEqual(["sip:zo%65@sip.other.example"]);
    expect(contactsFor("sip:boss@other.example", false)).toEqual(["sip:office@other.example"]);
  });

  test("leaves everybody else alone, and people of the same name elsewhere", () => {
    expect(contactsFor("sip:carol@house.example", true)).toBeUndefined();
    expect(contactsFor("sip:bob@third.example", false)).toBeUndefined();
    expect(contactsFor("sip:house.example", true)).toBeUndefined();
    expect(contactsFor("sip:bob@house.example", true, "REGISTER")).toBeUndefined();
  });
});
