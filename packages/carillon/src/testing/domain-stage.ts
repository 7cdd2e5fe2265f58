/** A domain's server alone, spoken to in octets: what goes out where, for whatever comes in. */
import { portableCrypto } from "../auth/portable-crypto.ts";
import { mintToken } from "../auth/token.ts";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Output } from "../endpoint/input-output.ts";
import type { Octets } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import { type Message, parseMessage } from "../message/message.ts";
import type { Accounts } from "../roles/accounts.ts";
import type { Bridge } from "../roles/bridge.ts";
import type { Calls } from "../roles/calls-told.ts";
import { type DomainRole, domain } from "../roles/domain.ts";
import { type Location, MemoryLocation } from "../roles/location.ts";
import type { Policy } from "../roles/policy.ts";
import type { Service } from "../roles/services.ts";
import type { Shield } from "../roles/shield.ts";
import type { Advertise } from "../roles/shown.ts";
import type { Wake } from "../roles/wake.ts";
import type { LogEntry } from "../roles/words.ts";
import type { Flow } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import { testAccounts } from "./accounts.ts";
import { seeded, seededBytes } from "./random.ts";
import { Wire } from "./wire.ts";

/** Where something comes from or goes to: `192.0.2.9:5060`, or the number of a connection. */
export type Place = string | number;

export interface Sent {
  readonly to: Place;
  readonly octets: Octets;
  readonly message: Message;
}

export interface DomainStageOptions {
  readonly location?: Location;
  readonly accounts?: (accounts: Accounts) => Accounts;
  /** Same seed, same keys and names; a restart is another seed with the same `key`. */
  readonly seed?: number;
  readonly key?: Uint8Array;
  readonly node?: string;
  /** Other names that mean the same house. */
  readonly aliases?: readonly string[];
  readonly advertise?: Advertise;
  readonly isAlias?: (host: string) => boolean;
  readonly trusts?: (flow: Flow) => boolean;
  readonly policy?: () => Policy;
  readonly calls?: Calls;
  readonly services?: readonly Service[];
  readonly bridge?: Bridge;
  readonly wake?: Wake;
  /** Nobody is held back if left out. */
  readonly shield?: Shield;
  /** `createEndpoint` if left out. */
  readonly endpoint?: typeof createEndpoint;
}

const PEOPLE = { alice: "a secret", bob: "b secret", carol: "c secret" };

/** Of `house.example`, where alice, bob and carol live; it listens at 192.0.2.1:5060. */
export class DomainStage {
  readonly wire: Wire;
  readonly role: DomainRole;
  readonly location: Location;
  readonly log: LogEntry[] = [];
  readonly #crypto;
  readonly #key: Uint8Array;

  constructor(options: DomainStageOptions = {}) {
    const { seed = 1, node = "n1", aliases = [], accounts = (same) => same } = options;
    const crypto = portableCrypto(seededBytes(seeded(seed)));
    const key = options.key ?? new Uint8Array(32).fill(7);
    this.#crypto = crypto;
    this.#key = key;
    this.location = options.location ?? new MemoryLocation();
    const living = testAccounts(crypto, "house.example", PEOPLE);
    const role = domain({
      domain: "house.example",
      aliases: ["192.0.2.1", ...aliases],
      realm: "house.example",
      accounts: accounts({ ...living, session: (id) => id === "page" }),
      location: this.location,
      crypto,
      key,
      tokenKey: key,
      node,
      ...(options.advertise && { advertise: options.advertise }),
      ...(options.isAlias && { isAlias: options.isAlias }),
      ...(options.trusts && { trusts: options.trusts }),
      ...(options.policy && { policy: options.policy }),
      ...(options.calls && { calls: options.calls }),
      ...(options.services && { services: options.services }),
      ...(options.bridge && { bridge: options.bridge }),
      ...(options.wake && { wake: options.wake }),
      ...(options.shield && { strangers: options.shield }),
      log: (entry) => this.log.push(entry),
    });
    this.role = role;
    const gate = options.shield ? { gate: options.shield } : {};
    const make = options.endpoint ?? createEndpoint;
    this.wire = new Wire(make({ role, crypto, key, node, product: "Carillon/test", ...gate }));
  }

  /** Credentials of this account, which are accepted as often as one likes. */
  token(account: string): string {
    const claims = { account, session: "page", expiresAt: this.wire.now + 3_600_000 };
    return `Bearer ${mintToken(this.#crypto, this.#key, claims)}`;
  }

  say(from: Place, octets: Octets): Sent[] {
    const before = this.wire.outputs.length;
    if (typeof from === "number") this.wire.received(from, octets);
    else this.wire.datagram(octets, addressOf(from));
    return this.wire.outputs.slice(before).flatMap(sentIn);
  }

  /** What has gone out since there were so many outputs. */
  sentSince(outputs: number): Sent[] {
    return this.wire.outputs.slice(outputs).flatMap(sentIn);
  }

  /** What goes out in this time. */
  wait(ms: number): Sent[] {
    const before = this.wire.outputs.length;
    this.wire.wait(ms);
    return this.wire.outputs.slice(before).flatMap(sentIn);
  }

  connect(from = "198.51.100.7:40000"): number {
    return this.wire.connect(addressOf(from));
  }

  close(connection: number): Sent[] {
    return this.wire.input({ kind: "Closed", connection }).flatMap(sentIn);
  }

  /** Registers a device of this account and gives back the answer. */
  register(account: string, from: Place, parts: Partial<RequestLines> = {}): Sent[] {
    const contact = typeof from === "number" ? `page${from}.invalid;transport=ws` : from;
    return this.say(
      from,
      request("REGISTER", {
        uri: "sip:house.example",
        from: `<sip:${account}@house.example>;tag=r`,
        to: `<sip:${account}@house.example>`,
        callId: `reg-${account}-${from}`,
        branch: `z9hG4bK-reg-${account}-${from}`,
        ...parts,
        lines: [
          `Authorization: ${this.token(account)}`,
          ...(parts.lines ?? [`Contact: <sip:${account}@${contact}>`]),
        ],
      }),
    );
  }
}

export interface RequestLines {
  readonly uri: Octets;
  readonly via: Octets;
  readonly branch: string;
  readonly maxForwards: Octets | undefined;
  readonly from: Octets;
  readonly to: Octets;
  readonly callId: Octets;
  readonly seq: number;
  /** Whole lines without their ends. */
  readonly lines: readonly Octets[];
  readonly body: Octets;
}

/** A request from alice to bob, but for what the parts say otherwise. */
export function request(method: string, parts: Partial<RequestLines> = {}): Octets {
  const { branch = `z9hG4bK-${method}`, callId = "call-1", seq = 1, body = "" } = parts;
  const hops = "maxForwards" in parts ? parts.maxForwards : "70";
  const head = [
    `${method} ${parts.uri ?? "sip:bob@house.example"} SIP/2.0`,
    `Via: ${parts.via ?? `SIP/2.0/UDP 192.0.2.9:5060;branch=${branch}`}`,
    ...(hops === undefined ? [] : [`Max-Forwards: ${hops}`]),
    `From: ${parts.from ?? "<sip:alice@house.example>;tag=a"}`,
    `To: ${parts.to ?? "<sip:bob@house.example>"}`,
    `Call-ID: ${callId}`,
    `CSeq: ${seq} ${method}`,
    ...(parts.lines ?? []),
    `Content-Length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The answer of a phone: the request's Via, From, Call-ID, CSeq and Record-Route, and a To tag. */
export function answer(
  received: Octets,
  status: number,
  tag: string,
  lines: readonly Octets[] = [],
): Octets {
  const [, ...all] = received.slice(0, received.indexOf("\r\n\r\n")).split(/\r\n(?![ \t])/);
  const kept = all.filter((line) =>
    /^(via|v|from|f|call-id|i|cseq|record-route)[ \t]*:/i.test(line),
  );
  const to = all.find((line) => /^(to|t)[ \t]*:/i.test(line)) ?? "";
  const tagged = /;[ \t]*tag=/i.test(to) ? to : `${to};tag=${tag}`;
  const said = [`SIP/2.0 ${status} Said`, ...kept, tagged, ...lines, "Content-Length: 0"];
  return `${said.join("\r\n")}\r\n\r\n`;
}

/** `INVITE`, or `200 INVITE`. */
export function titleOf({ message }: Sent): string {
  if (message.kind === "Request") return message.method;
  return `${message.status} ${(header(message, "CSeq") ?? "").split(" ")[1]}`;
}

function sentIn(output: Output): Sent[] {
  if (output.kind !== "Datagram" && output.kind !== "Send") return [];
  const message = parseMessage(output.octets);
  if (!message.ok) throw new Error(`sent what cannot be read: ${message.error.message}`);
  const { octets } = output;
  const to =
    output.kind === "Send" ? output.connection : `${output.remote.host}:${output.remote.port}`;
  return [{ to, octets, message: message.value }];
}

function addressOf(place: string): Address {
  const colon = place.lastIndexOf(":");
  return { host: place.slice(0, colon), port: Number(place.slice(colon + 1)) };
}
