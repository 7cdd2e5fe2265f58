/**
 * A network of one TURN server with clients and peers, in a test: datagrams arrive at once, and the
 * time is what the test says.
 */
import { createHash, createHmac, randomFillSync } from "node:crypto";
import { toText } from "../grammar/octets.ts";
import {
  challengeIn,
  channelData,
  signedRequest,
  type TurnChallenge,
} from "../turn/client-request.ts";
import type { PeerWorld } from "../turn/peer-rules.ts";
import { readXorAddress, xorAddress } from "../turn/stun-address.ts";
import {
  attributeTypes,
  numberAttribute,
  readErrorCode,
  readNumber,
} from "../turn/stun-attributes.ts";
import type { Integrity, StunCrypto } from "../turn/stun-integrity.ts";
import {
  attribute,
  methods,
  readStun,
  type StunAttribute,
  type StunMessage,
  writeStun,
} from "../turn/stun-message.ts";
import { type TurnCredentials, turnCredentials } from "../turn/turn-credentials.ts";
import type { TurnEvent, TurnInput, TurnOutput } from "../turn/turn-io.ts";
import type { TurnServerOptions } from "../turn/turn-options.ts";
import { TurnServer } from "../turn/turn-server.ts";
import { type Address, formatAddress } from "../uri/host.ts";

/** Hashes and dice of this machine. */
export const stageCrypto: StunCrypto = {
  hash: (algorithm, bytes) => createHash(NAMES[algorithm]).update(bytes).digest(),
  hmac: (key, bytes) => createHmac("sha256", key).update(bytes).digest(),
  hmacSha1: (key, bytes) => createHmac("sha1", key).update(bytes).digest(),
  randomBytes: (count) => randomFillSync(new Uint8Array(count)),
};
const NAMES = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" } as const;

const SECRET: Uint8Array = new Uint8Array(32).fill(7);
/** Where the server listens. */
export const SERVER: Address = { host: "203.0.113.1", port: 3478 };
const SERVER6: Address = { host: "2001:db8::1", port: 3478 };

/** UDP for an Allocate. RFC 8656 §18.8. */
export const overUdp: StunAttribute = {
  type: attributeTypes.REQUESTED_TRANSPORT,
  value: Uint8Array.of(17, 0, 0, 0),
};

/** What a peer got. */
export interface Delivered {
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** The server, who asks it, and whom it talks to. */
export class TurnStage {
  readonly server: TurnServer;
  readonly crypto: StunCrypto = stageCrypto;
  readonly events: TurnEvent[] = [];
  /** At peers that are no relays. */
  readonly delivered: Delivered[] = [];
  /** Ports that another program has. */
  readonly taken: Set<number> = new Set();
  /** Sockets do not open, nor fail. */
  isSlow = false;
  readonly sockets: Map<number, Address> = new Map();
  readonly #clients = new Map<string, StageClient>();
  now = 1_800_000_000_000;

  constructor(options: Partial<TurnServerOptions> & Partial<PeerWorld> = {}) {
    const peers: PeerWorld = {
      isOwn: (host) => host === SERVER.host || host === SERVER6.host,
      isOwnMedia: () => false,
      isOpened: (host) => host.startsWith("198.51.100.") || host.startsWith("2001:db8:5::"),
      ...options,
    };
    this.server = new TurnServer({
      ...{ crypto: stageCrypto, realm: "house.example", secret: SECRET, nonceKey: SECRET, peers },
      ...{ ports: { first: 50_000, last: 50_099 }, startedAt: this.now },
      relayHost: (_, family) => {
        const host = family === 4 ? SERVER.host : SERVER6.host;
        return { bound: host, told: host };
      },
      ...options,
    });
  }

  client(host = "198.51.100.7", port = 40_000): StageClient {
    const client = new StageClient(this, { host, port });
    this.#clients.set(formatAddress(client.address), client);
    return client;
  }

  /** Time goes by, and the server hears of it when it wants to. */
  pass(ms: number): void {
    const until = this.now + ms;
    while (this.server.deadline() <= until) {
      this.now = Math.max(this.now, this.server.deadline());
      this.give({ kind: "Tick" });
    }
    this.now = until;
  }

  give(input: TurnInput): void {
    for (const output of this.server.handle(input, this.now)) this.#carryOut(output);
  }

  /** A peer sends something to a relayed address. */
  fromPeer(peer: Address, to: Address, text: string): void {
    const found = [...this.sockets].find(([, at]) => formatAddress(at) === formatAddress(to));
    if (!found) return;
    const bytes = new TextEncoder().encode(text);
    this.give({ kind: "PeerDatagram", relay: found[0], remote: peer, bytes });
  }

  #carryOut(output: TurnOutput): void {
    switch (output.kind) {
      case "Send":
        this.#clients.get(formatAddress(output.remote))?.receive(output.bytes);
        break;
      case "SendToPeer": {
        const from = formatAddress(this.sockets.get(output.relay)!);
        const text = new TextDecoder().decode(output.bytes);
        this.delivered.push({ from, to: formatAddress(output.remote), text });
        break;
      }
      case "OpenRelay": {
        const { relay, address } = output;
        const isTaken = this.taken.has(address.port);
        if (!isTaken) this.sockets.set(relay, address);
        if (this.isSlow) break;
        this.give({ kind: isTaken ? "RelayFailed" : "RelayOpened", relay });
        break;
      }
      case "CloseRelay":
        this.sockets.delete(output.relay);
        break;
      case "Told":
        this.events.push(output.what);
    }
  }
}

/** What a client got from a peer. */
export interface Heard {
  /** A peer's address, or the number of a channel. */
  readonly from: string | number;
  readonly text: string;
}

/** A client that answers challenges. */
export class StageClient {
  readonly address: Address;
  readonly heard: Heard[] = [];
  /** By which the server knows it. */
  credentials: TurnCredentials;
  integrity: Integrity = "SHA-1";
  challenge: TurnChallenge | undefined;
  readonly #stage: TurnStage;
  readonly #answers: StunMessage[] = [];

  constructor(stage: TurnStage, address: Address) {
    this.#stage = stage;
    this.address = address;
    this.credentials = stageCredentials(stage, "alice");
  }

  receive(bytes: Uint8Array): void {
    if (bytes[0]! >= 0x40) {
      const number = bytes[0]! * 256 + bytes[1]!;
      const length = bytes[2]! * 256 + bytes[3]!;
      this.heard.push({ from: number, text: new TextDecoder().decode(bytes.slice(4, 4 + length)) });
      return;
    }
    const read = readStun(bytes);
    if (!read.ok) throw new Error(read.error.message);
    const message = read.value;
    if (message.class !== "Indication") return void this.#answers.push(message);
    const peer = attribute(message, attributeTypes.XOR_PEER_ADDRESS)!;
    const from = formatAddress(readXorAddress(peer, message.transactionId)!);
    const data = attribute(message, attributeTypes.DATA)!;
    this.heard.push({ from, text: new TextDecoder().decode(data) });
  }

  raw(bytes: Uint8Array, local: Address = SERVER): StunMessage | undefined {
    this.#answers.length = 0;
    this.#stage.give({ kind: "Datagram", local, remote: this.address, bytes });
    return this.#answers[0];
  }

  plain(method: number, attributes: readonly StunAttribute[] = []): StunMessage | undefined {
    return this.raw(this.bytesOf("Request", method, attributes));
  }

  bytesOf(
    kind: "Request" | "Indication",
    method: number,
    attributes: readonly StunAttribute[],
    transactionId: Uint8Array = this.#stage.crypto.randomBytes(12),
  ): Uint8Array {
    return writeStun({ class: kind, method, transactionId, attributes });
  }

  /** A request with credentials; a challenge is answered once. */
  ask(
    method: number,
    attributesFor: readonly StunAttribute[] | ((id: Uint8Array) => readonly StunAttribute[]) = [],
    transactionId: Uint8Array = this.#stage.crypto.randomBytes(12),
  ): StunMessage | undefined {
    this.challenge ??= challengeIn(this.plain(methods.Refresh)!);
    const attributes =
      typeof attributesFor === "function" ? attributesFor(transactionId) : attributesFor;
    const { crypto } = this.#stage;
    const content = { method, transactionId, attributes };
    return this.raw(
      signedRequest(content, this.credentials, this.challenge!, crypto, this.integrity),
    );
  }

  /** The relayed address of a new allocation. */
  allocate(...attributes: readonly StunAttribute[]): Address | undefined {
    const answer = this.ask(methods.Allocate, [overUdp, ...attributes]);
    return answer && relayedIn(answer)[0];
  }

  /** The code of the answer; 0 for a success. */
  permit(...peers: readonly Address[]): number {
    return codeOf(
      this.ask(methods.CreatePermission, (id) => peers.map((peer) => peerOf(peer, id))),
    );
  }

  bind(number: number, peer: Address): number {
    const value = Uint8Array.of(number >>> 8, number & 255, 0, 0);
    const channel = { type: attributeTypes.CHANNEL_NUMBER, value };
    return codeOf(this.ask(methods.ChannelBind, (id) => [channel, peerOf(peer, id)]));
  }

  send(peer: Address, text: string, ...more: readonly StunAttribute[]): void {
    const id = this.#stage.crypto.randomBytes(12);
    const data = { type: attributeTypes.DATA, value: new TextEncoder().encode(text) };
    this.raw(this.bytesOf("Indication", methods.Send, [peerOf(peer, id), data, ...more], id));
  }

  sendOn(channel: number, text: string): void {
    this.raw(channelData(channel, new TextEncoder().encode(text)));
  }
}

/** Credentials of this account for an hour. */
export const stageCredentials = (
  { now, crypto }: Pick<TurnStage, "now" | "crypto">,
  account: string,
  seconds = 3600,
): TurnCredentials =>
  turnCredentials(SECRET, { expiresSeconds: now / 1000 + seconds, account }, crypto);

export const peerOf = (peer: Address, id: Uint8Array): StunAttribute =>
  xorAddress(attributeTypes.XOR_PEER_ADDRESS, peer, id);

/** 0 for a success, -1 for no answer. */
export function codeOf(answer: StunMessage | undefined): number {
  if (!answer) return -1;
  if (answer.class === "Success") return 0;
  return readErrorCode(attribute(answer, attributeTypes.ERROR_CODE)) ?? -2;
}

export const relayedIn = ({ attributes, transactionId }: StunMessage): readonly Address[] =>
  attributes
    .filter(({ type }) => type === attributeTypes.XOR_RELAYED_ADDRESS)
    .flatMap(({ value }) => readXorAddress(value, transactionId) ?? []);

/** The text of an attribute, for people. */
export const textIn = (answer: StunMessage | undefined, type: number): string =>
  toText(String.fromCharCode(...((answer && attribute(answer, type)) ?? [])));

/** REQUESTED-ADDRESS-FAMILY, or another attribute of its form: 1 is IPv4, 2 is IPv6. */
export const familyAttribute = (
  code: number,
  type: number = attributeTypes.REQUESTED_ADDRESS_FAMILY,
): StunAttribute => ({ type, value: Uint8Array.of(code, 0, 0, 0) });

export const lifetimeAttribute = (seconds: number): StunAttribute =>
  numberAttribute(attributeTypes.LIFETIME, seconds);

/** 0x80 wants the next port kept. */
export const evenPort = (value: number): StunAttribute => ({
  type: attributeTypes.EVEN_PORT,
  value: Uint8Array.of(value),
});

export const lifetimeIn = (answer: StunMessage | undefined): number | undefined =>
  readNumber(answer && attribute(answer, attributeTypes.LIFETIME));

export const mappedIn = (answer: StunMessage | undefined): Address | undefined =>
  answer &&
  readXorAddress(attribute(answer, attributeTypes.XOR_MAPPED_ADDRESS)!, answer.transactionId);
