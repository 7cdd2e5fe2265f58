/**
 * Hears G.711 on the wire: what comes to a phone's ports, decoded here. A recording by baresip ends
 * with the first re-INVITE.
 */
import { closeSync, read } from "node:fs";
import { fromALaw, fromMuLaw, parseRtp } from "carillon/rtp";
import koffi from "koffi";
import { secondsOf } from "./tone.ts";

/** Linux: packets as they come, without the header of the link; those of IPv4. */
const [AF_PACKET, SOCK_DGRAM, ETH_P_IP_BIG_ENDIAN] = [17, 2, 0x0008];
const UDP = 17;
const PACKET_BYTES = 2048;
const [MU_LAW, A_LAW] = [0, 8];

export class WireEar {
  readonly #ports: readonly [number, number];
  readonly #socket: number;
  #isOpen = true;
  #pieces: Float64Array[] = [];
  /** Since it listens anew, whatever is in them. */
  packets = 0;

  /** `ports`: the first and the last. */
  constructor(ports: readonly [number, number]) {
    this.#ports = ports;
    const socket = koffi.load("libc.so.6").func("int socket(int domain, int type, int protocol)");
    this.#socket = socket(AF_PACKET, SOCK_DGRAM, ETH_P_IP_BIG_ENDIAN);
    if (this.#socket < 0) throw new Error("the wire cannot be listened to: not root here");
    this.#next(Buffer.alloc(PACKET_BYTES));
  }

  /** From here on. */
  listen(): void {
    this.#pieces = [];
    this.packets = 0;
  }

  get heard(): Float64Array {
    return Float64Array.from(this.#pieces.flatMap((piece) => [...piece]));
  }

  /** How long this tone, and as good as nothing else, was heard since. */
  heardSeconds(toneHz: number): number {
    return secondsOf(toneHz, this.heard);
  }

  close(): void {
    this.#isOpen = false;
    closeSync(this.#socket);
  }

  #next(packet: Buffer): void {
    read(this.#socket, packet, 0, PACKET_BYTES, null, (error, length) => {
      if (error || !this.#isOpen) return;
      this.#take(packet.subarray(0, length));
      this.#next(packet);
    });
  }

  #take(packet: Buffer): void {
    if (packet.length < 28 || packet[9] !== UDP) return;
    const header = 4 * ((packet[0] ?? 0) & 0x0f);
    const port = packet.readUInt16BE(header + 2);
    if (port < this.#ports[0] || port > this.#ports[1]) return;
    const rtp = parseRtp(packet.subarray(header + 8));
    if (!rtp.ok) return;
    const { payloadType, payload } = rtp.value;
    if (payloadType !== MU_LAW && payloadType !== A_LAW) return;
    const decode = payloadType === MU_LAW ? fromMuLaw : fromALaw;
    this.packets++;
    this.#pieces.push(Float64Array.from(payload, (octet) => decode(octet) / 0x8000));
  }
}
