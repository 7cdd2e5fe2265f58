/** The last packets to one side, for those that did not arrive there. RFC 4585 §6.2.1 */
import { uint16 } from "./octets.ts";

/** About a second of pictures. */
const MAX_PACKETS = 256;

/** By their sequence numbers of 16 bits; the octets are copies. */
export class SentPackets {
  readonly #packets: (Uint8Array | undefined)[] = new Array(MAX_PACKETS).fill(undefined);

  keep(packet: Uint8Array): void {
    this.#packets[uint16(packet, 2) % MAX_PACKETS] = packet.slice();
  }

  /** Undefined: it is too old, or was never sent. */
  find(sequence: number): Uint8Array | undefined {
    const packet = this.#packets[sequence % MAX_PACKETS];
    return packet && uint16(packet, 2) === sequence ? packet : undefined;
  }
}
