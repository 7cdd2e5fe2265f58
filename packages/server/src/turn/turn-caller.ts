/**
 * A TURN client over a real socket, for tests, attacks and measurements: one that does what it is
 * told, and no more.
 */
import { nodeStunCrypto } from "carillon/node";
import {
  type Address,
  attribute,
  attributeTypes,
  challengeIn,
  channelData,
  type Integrity,
  methods,
  readErrorCode,
  readStun,
  readXorAddress,
  type StunAttribute,
  type StunMessage,
  signedRequest,
  type TurnChallenge,
  type TurnCredentials,
  writeStun,
  xorAddress,
} from "carillon/turn";
import { openPort, type UdpPort } from "./turn-sockets.ts";

export { openPort, type UdpPort } from "./turn-sockets.ts";

const crypto = nodeStunCrypto();
const WAIT_MS = 2000;

/** What came from a peer: its address, or the number of a channel. */
export interface CallerHeard {
  readonly from: string | number;
  readonly bytes: Uint8Array;
}

export class TurnCaller {
  readonly #port: UdpPort;
  readonly #server: Address;
  readonly #credentials: TurnCredentials;
  readonly #waiting = new Map<string, (message: StunMessage) => void>();
  #challenge: TurnChallenge | undefined;
  onheard: ((heard: CallerHeard) => void) | undefined;

  private constructor(port: UdpPort, server: Address, credentials: TurnCredentials) {
    this.#port = port;
    this.#server = server;
    this.#credentials = credentials;
  }

  static async open(
    server: Address,
    credentials: TurnCredentials,
    host = server.host,
  ): Promise<TurnCaller> {
    const port = await openPort({ host, port: 0 }, (bytes) => caller.#receive(bytes));
    const caller: TurnCaller = new TurnCaller(port, server, credentials);
    return caller;
  }

  close(): Promise<void> {
    return this.#port.close();
  }

  get address(): Address {
    return this.#port.address;
  }

  /** Where the server sees this client. */
  async mapped(): Promise<Address | undefined> {
    const answer = await this.#plain(methods.Binding);
    return addressIn(answer, attributeTypes.XOR_MAPPED_ADDRESS);
  }

  /** A relayed address; else the code of the answer, or -1 for none. */
  async allocate(...more: readonly StunAttribute[]): Promise<Address | number> {
    const transport = {
      type: attributeTypes.REQUESTED_TRANSPORT,
      value: Uint8Array.of(17, 0, 0, 0),
    };
    const answer = await this.ask(methods.Allocate, () => [transport, ...more]);
    return addressIn(answer, attributeTypes.XOR_RELAYED_ADDRESS) ?? codeOf(answer);
  }

  /** 0 for a success; else the code, or -1 for no answer. */
  async permit(...peers: readonly Address[]): Promise<number> {
    return codeOf(
      await this.ask(methods.CreatePermission, (id) => peers.map((peer) => peerOf(peer, id))),
    );
  }

  async bind(number: number, peer: Address): Promise<number> {
    const value = Uint8Array.of(number >>> 8, number & 255, 0, 0);
    const channel = { type: attributeTypes.CHANNEL_NUMBER, value };
    return codeOf(await this.ask(methods.ChannelBind, (id) => [channel, peerOf(peer, id)]));
  }

  send(peer: Address, data: Uint8Array): void {
    const transactionId = crypto.randomBytes(12);
    const attributes = [peerOf(peer, transactionId), { type: attributeTypes.DATA, value: data }];
    this.raw(writeStun({ class: "Indication", method: methods.Send, transactionId, attributes }));
  }

  sendOn(channel: number, data: Uint8Array): void {
    this.raw(channelData(channel, data));
  }

  raw(bytes: Uint8Array): void {
    this.#port.send(bytes, this.#server);
  }

  async ask(
    method: number,
    attributesFor: (id: Uint8Array) => readonly StunAttribute[],
    integrity?: Integrity,
  ): Promise<StunMessage | undefined> {
    if (!this.#challenge) {
      const answer = await this.#plain(methods.Allocate);
      this.#challenge = answer && challengeIn(answer);
    }
    if (!this.#challenge) return undefined;
    const transactionId = crypto.randomBytes(12);
    const content = { method, transactionId, attributes: attributesFor(transactionId) };
    return this.#exchange(
      transactionId,
      signedRequest(content, this.#credentials, this.#challenge, crypto, integrity),
    );
  }

  #plain(method: number): Promise<StunMessage | undefined> {
    const transactionId = crypto.randomBytes(12);
    const bytes = writeStun({ class: "Request", method, transactionId, attributes: [] });
    return this.#exchange(transactionId, bytes);
  }

  #exchange(id: Uint8Array, bytes: Uint8Array): Promise<StunMessage | undefined> {
    const key = Buffer.from(id).toString("hex");
    const { promise, resolve } = Promise.withResolvers<StunMessage | undefined>();
    this.#waiting.set(key, resolve);
    const timer = setTimeout(() => resolve(undefined), WAIT_MS);
    this.raw(bytes);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(key);
    });
  }

  #receive(bytes: Uint8Array): void {
    const first = bytes[0] ?? 0;
    if (first >= 0x40) {
      const from = first * 256 + (bytes[1] ?? 0);
      return this.onheard?.({ from, bytes: bytes.subarray(4) });
    }
    const read = readStun(bytes);
    if (!read.ok) return;
    const message = read.value;
    const key = Buffer.from(message.transactionId).toString("hex");
    if (message.class !== "Indication") return this.#waiting.get(key)?.(message);
    const peer = addressIn(message, attributeTypes.XOR_PEER_ADDRESS);
    const data = attribute(message, attributeTypes.DATA);
    if (peer && data) this.onheard?.({ from: `${peer.host}:${peer.port}`, bytes: data });
  }
}

const peerOf = (peer: Address, id: Uint8Array): StunAttribute =>
  xorAddress(attributeTypes.XOR_PEER_ADDRESS, peer, id);

function addressIn(answer: StunMessage | undefined, type: number): Address | undefined {
  const value = answer && attribute(answer, type);
  return value && readXorAddress(value, answer.transactionId);
}

function codeOf(answer: StunMessage | undefined): number {
  if (!answer) return -1;
  if (answer.class === "Success") return 0;
  return readErrorCode(attribute(answer, attributeTypes.ERROR_CODE)) ?? -2;
}
