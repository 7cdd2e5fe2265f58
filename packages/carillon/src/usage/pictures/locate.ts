/** Specimens of what asks the DNS: servers of a URI, the URI of a number, and what is kept. */
import * as cache from "../../locate/dns-cache.ts";
import * as enumMachine from "../../locate/enum.ts";
import { hostAt } from "../../locate/hosts.ts";
import * as locateMachine from "../../locate/locate.ts";
import { lookUp } from "../../locate/lookup.ts";
import { type Answer, type Answered, type NaptrRecord, question } from "../../locate/naming.ts";
import { NEVER } from "../../transaction/timers.ts";
import { drawn, type Picture } from "../picture.ts";

const TICK = { kind: "Tick" } as const;
const ABANDON = { kind: "Abandon" } as const;

const NAPTR = question("example.com", "NAPTR");
const UDP = { transport: "UDP", name: "_sip._udp.example.com" } as const;
const TCP = { transport: "TCP", name: "_sip._tcp.example.com" } as const;
const SRV = question(UDP.name, "SRV");
const A = question("a.example.com", "A");
const B = question("b.example.com", "A");

const record = (more: Partial<NaptrRecord>): NaptrRecord => ({
  ...{ type: "NAPTR", order: 1, preference: 1, flags: "s", service: "SIP+D2T", regexp: "" },
  ...{ replacement: TCP.name, ...more },
});
const found = (...records: Extract<Answer, { kind: "Found" }>["records"]): Answer => ({
  ...{ kind: "Found", records, ttlSeconds: 60 },
});
const NONE: Answer = { kind: "None", why: "NXDOMAIN", ttlSeconds: 60 };
const FAILED: Answer = { kind: "Failed", why: "SERVFAIL" };
const ALIAS: Answer = { kind: "Alias", name: "c.example.com", ttlSeconds: 60 };
const ADDRESS = found({ type: "A", address: "192.0.2.1" });
const SERVER = found({ type: "SRV", priority: 0, weight: 0, port: 5060, target: "a.example.com" });
const answered = (asked: Answered["question"], answer: Answer): Answered => ({
  ...{ kind: "Answered", question: asked, answer },
});

export function locate(): Picture {
  const searching = { aliasesLeft: 4, timerSearch: 5000 };
  const hosts = [hostAt("UDP", "a.example.com"), hostAt("UDP", "b.example.com")];
  const asking: locateMachine.State = {
    ...{ name: "AskingAddresses", ...searching, hosts, timerGrace: NEVER },
    lookups: [lookUp(A, 0), lookUp(B, 0)],
  };
  const params: locateMachine.Params = {
    wanted: {
      ...{ host: "example.com", port: undefined, transport: undefined },
      ...{ secure: false, name: "example.com" },
    },
    ...{ transports: ["UDP", "TCP"], families: ["A"], seed: 1, publicOnly: false },
  };
  const [oneKnown] = locateMachine.step(params, asking, answered(A, ADDRESS), 100);
  const srv = {
    services: [UDP, TCP],
    lookups: [UDP, TCP].map(({ name }) => lookUp(question(name, "SRV"), 0)),
  };
  return drawn({
    title: "Finding the servers of a URI",
    file: "locate/locate.ts",
    source: "RFC 3263 §4",
    machine: locateMachine,
    params,
    states: [
      { name: "AskingNaptr", ...searching, lookups: [lookUp(NAPTR, 0)] },
      {
        ...{ name: "AskingSrv", ...searching, ...srv, use: "first" },
        otherwise: hostAt("UDP", "example.com"),
      },
      asking,
      oneKnown,
      { name: "Ended" },
    ],
    inputs: [
      [answered(NAPTR, found(record({}))), 7],
      [answered(NAPTR, NONE), 7],
      [answered(NAPTR, ALIAS), 7],
      [answered(SRV, SERVER), 7],
      [answered(SRV, NONE), 7],
      [answered(A, ADDRESS), 7],
      [answered(A, NONE), 7],
      [answered(B, ADDRESS), 7],
      [answered(B, FAILED), 7],
      [TICK, 7],
      [TICK, 600],
      [TICK, 2000],
      [TICK, 5000],
      [ABANDON, 7],
    ],
  });
}

export function enumeration(): Picture {
  const params = { number: "+441164960348", apex: "e164.arpa" };
  const name = enumMachine.enumName(params.number, params.apex);
  const asked = question(name, "NAPTR");
  const rule = record({ flags: "u", service: "E2U+sip", regexp: "!^.*$!sip:a@example.com!" });
  const state: enumMachine.State = {
    ...{ name: "Asking", lookup: lookUp(asked, 0), rules: [], visited: [name] },
    ...{ aliasesLeft: 4, rulesLeft: 32, declined: [], timerSearch: 5000 },
  };
  return drawn({
    title: "From a telephone number to a URI",
    file: "locate/enum.ts",
    source: "RFC 6116",
    machine: enumMachine,
    params,
    states: [state, { ...state, rules: [rule] }, { ...state, aliasesLeft: 0 }, { name: "Ended" }],
    inputs: [
      [answered(asked, found({ ...rule, replacement: "" })), 7],
      [
        answered(
          asked,
          found(record({ flags: "", service: "E2U+sip", replacement: "a.example.com" })),
        ),
        7,
      ],
      [answered(asked, found(record({ flags: "x" }))), 7],
      [answered(asked, NONE), 7],
      [answered(asked, ALIAS), 7],
      [answered(asked, FAILED), 7],
      [answered(NAPTR, NONE), 7],
      [TICK, 7],
      [TICK, 2000],
      [TICK, 5000],
      [ABANDON, 7],
    ],
  });
}

export function dnsCache(): Picture {
  const limits = { ...cache.DEFAULT_LIMITS, askersOfOne: 2, open: 1 };
  const machine = { ...cache, start: () => cache.start() };
  const ask = (asker: number, asked = A): cache.Input => ({ kind: "Ask", asker, question: asked });
  const after = (...inputs: readonly cache.Input[]): cache.State =>
    inputs.reduce((s, input) => cache.step(limits, s, input, 0)[0], cache.start()[0]);
  return drawn({
    title: "What the DNS said",
    file: "locate/dns-cache.ts",
    source: "RFC 3263 §4, RFC 1035 §7.4",
    machine,
    params: limits,
    states: [
      after(),
      after(ask(1)),
      after(ask(1), ask(2)),
      after(ask(1), answered(A, ADDRESS)),
      after(ask(1), answered(A, NONE)),
    ],
    inputs: [
      [ask(9), 7],
      [ask(9), 60_000],
      [ask(9, B), 7],
      [answered(A, ADDRESS), 7],
      [answered(A, NONE), 7],
      [answered(A, FAILED), 7],
      [TICK, 7],
      [TICK, 2000],
    ],
    endless: true,
  });
}
