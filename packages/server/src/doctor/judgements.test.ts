import { X509Certificate } from "node:crypto";
import { certificate } from "carillon/testing";
import { describe, expect, it } from "vitest";
import { defaultSettings } from "../settings.ts";
import { examineAddresses, examineDomain } from "./addresses.ts";
import { judgeCertificate } from "./certificate.ts";
import { judgeClock } from "./clock.ts";
import { fine, inWords, wrong } from "./finding.ts";
import { examineSystem } from "./folder.ts";
import { judgeNames, type SaidOfDomain } from "./names.ts";
import { judgeNat } from "./nat.ts";
import type { Patient } from "./patient.ts";

const patient = (more: Partial<Patient> = {}): Patient => ({
  settings: defaultSettings,
  domain: "house.example",
  addresses: ["127.0.0.1", "::1", "10.0.0.2"],
  config: {},
  ports: { http: 8080, sip: 5060, tls: 5061, https: 8443, msrp: 2855, turn: 3478 },
  isRunning: true,
  stun: undefined,
  time: undefined,
  dns: undefined,
  ...more,
});

describe("addresses", () => {
  it("loopback alone is nobody's but this machine's", () => {
    const [found] = examineAddresses(patient({ addresses: ["127.0.0.1", "::1"] }));
    expect(found?.state).toBe("wrong");
  });

  it.each([
    ["house.example", "fine"],
    ["tower", "note"],
    ["tower.local", "note"],
    ["192.0.2.1", "note"],
  ])("a domain called %s is %s", (domain, state) => {
    expect(examineDomain({ domain }).map((one) => one.state)).toEqual([state]);
  });
});

describe("the clock", () => {
  it.each([
    [0, "fine", "right"],
    [-4_000, "fine", "right"],
    [12_000, "note", "12 seconds behind"],
    [-12_000, "note", "12 seconds ahead"],
    [600_000, "wrong", "10 minutes behind"],
    [-90 * 86_400_000, "wrong", "90 days ahead"],
  ])("%d ms off is %s", (offset, state, words) => {
    const found = judgeClock(offset);
    expect(found.state).toBe(state);
    expect(found.words).toContain(words);
  });
});

describe("a NAT", () => {
  const local = { host: "10.0.0.2", port: 1 };
  const seen = (host: string) => ({ ok: true, mapped: { host, port: 1 }, local }) as const;

  it.each([
    ["none", {}, "10.0.0.2", "fine"],
    ["one that nobody knows of", {}, "203.0.113.7", "wrong"],
    ["one that the house knows of", { public: ["203.0.113.7"] }, "203.0.113.7", "note"],
    ["one that has another address now", { public: ["203.0.113.7"] }, "203.0.113.8", "wrong"],
    ["one that the house asks of itself", { stun: "stun.example" }, "203.0.113.8", "note"],
    ["none, though the house thinks so", { public: ["203.0.113.7"] }, "10.0.0.2", "wrong"],
  ])("%s", (_, config, host, state) => {
    expect(judgeNat(patient({ config }), seen(host), "stun.example:3478").state).toBe(state);
  });

  it("is not known where nobody answers", () => {
    const silent = { ok: false, why: "it does not answer" } as const;
    expect(judgeNat(patient(), silent, "stun.example:3478").state).toBe("unknown");
  });
});

describe("the DNS", () => {
  const leads = (port: number) => [{ port, target: "house.example" }];
  const said = (more: Partial<Record<string, SaidOfDomain["addresses"]>> = {}) =>
    ({
      addresses: more["addresses"] ?? ["10.0.0.2"],
      services: new Map([
        ["_sip._udp.house.example", leads(5060)],
        ["_sip._tcp.house.example", leads(5060)],
        ["_sips._tcp.house.example", leads(5061)],
      ]),
    }) as const;

  it("that leads here is fine", () => {
    expect(judgeNames(patient(), said()).map(({ state }) => state)).toEqual(["fine"]);
  });

  it("is told with the lines that are missing, and only those", () => {
    const { addresses, services } = said();
    const fewer = new Map<string, readonly { port: number; target: string }[]>(services);
    fewer.set("_sips._tcp.house.example", []);
    const [found] = judgeNames(patient(), { addresses, services: fewer });
    expect(found?.paste).toEqual([
      "_sips._tcp.house.example. 3600 IN SRV 10 100 5061 house.example.",
    ]);
  });

  it("that does not answer is no fault of the records", () => {
    const silent = "silent" as const;
    const services = new Map([["_sip._udp.house.example", silent]]);
    expect(judgeNames(patient(), { addresses: silent, services })[0]?.state).toBe("unknown");
  });

  it("that leads to a NAT's address is right where the house says that it is there", () => {
    const config = { public: ["203.0.113.7"] };
    const found = judgeNames(patient({ config }), said({ addresses: ["203.0.113.7"] }));
    expect(found.map(({ state }) => state)).toEqual(["fine"]);
  });
});

describe("a certificate", () => {
  const DAY = 86_400_000;
  const made = certificate({ name: "house.example", dns: ["house.example"] });
  const shown = { certificate: new X509Certificate(made.cert), doubt: undefined };
  const judged = (afterDays: number, more: { readonly doubt?: string; readonly own?: true } = {}) =>
    judgeCertificate(
      "house.example",
      { ...shown, doubt: more.doubt },
      more.own === true,
      Date.now() + afterDays * DAY,
    );

  it.each([
    [0, "fine"],
    [20, "note"],
    [40, "wrong"],
    [-5, "wrong"],
  ])("after %d days of thirty is %s", (days, state) => expect(judged(days).state).toBe(state));

  it("of the server itself is worth a note", () => {
    expect(judged(0, { own: true }).state).toBe("note");
  });

  it("that nobody believes is wrong", () => {
    expect(judged(0, { doubt: "DEPTH_ZERO_SELF_SIGNED_CERT" }).words).toContain("vouches");
  });

  it("RFC 5922 §7.2: with a wildcard for the domain is for nobody", () => {
    const wild = certificate({ name: "x", dns: ["*.example"] });
    const one = { certificate: new X509Certificate(wild.cert), doubt: undefined };
    expect(judgeCertificate("house.example", one, false, Date.now()).state).toBe("wrong");
  });
});

describe("what the system allows", () => {
  it("few open files are worth a note, many are not", () => {
    const limits = (files: number) =>
      `Max open files            ${files}                 8192  files`;
    expect(examineSystem(limits(1024)).map(({ state }) => state)).toEqual(["note"]);
    expect(examineSystem(limits(65_536))).toEqual([]);
    expect(examineSystem("")).toEqual([]);
  });
});

describe("in words", () => {
  it("counts what is in the way, and has its cure below it", () => {
    const text = inWords([
      fine("clock", "The clock is right."),
      wrong("dns", "There is no SRV record.", "Put this into the zone:", ["a line"]),
    ]);
    expect(text).toBe(
      "ok    clock: The clock is right.\n" +
        "WRONG dns: There is no SRV record.\n" +
        "      Put this into the zone:\n" +
        "          a line\n\n" +
        "One thing is in the way.\n",
    );
  });
});
