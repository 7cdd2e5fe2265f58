/** VP8 in packets, for tests: frames of no picture, with the headers of one. RFC 7741. */
import { formatRtp } from "carillon/rtp";

/** Sends frames of any size over packets of at most so many octets. */
export class Vp8Line {
  readonly payloadType = 96;
  sequence = 65_530;
  timestamp = 0xffff_f000;
  ssrc = 7;
  #pictureId = 0;

  /** The packets of the next frame, 33 ms after the one before. */
  frame(isKey: boolean, octets = 2500, mtu = 1000): readonly Uint8Array[] {
    const data = vp8Frame(isKey, octets);
    const packets: Uint8Array[] = [];
    this.timestamp = (this.timestamp + 2970) >>> 0;
    this.#pictureId = (this.#pictureId + 1) & 0x7fff;
    for (let at = 0; at < data.length; at += mtu) {
      const start = at === 0 ? 0x10 : 0;
      // X, S; I with a picture id of 15 bits; T with the layer's octet.
      const head = [0x80 | start, 0xa0, 0x80 | (this.#pictureId >> 8), this.#pictureId & 0xff, 0];
      packets.push(
        formatRtp({
          ...{ payloadType: this.payloadType, ssrc: this.ssrc, timestamp: this.timestamp },
          marker: at + mtu >= data.length,
          sequence: this.sequence,
          payload: Uint8Array.from([...head, ...data.subarray(at, at + mtu)]),
        }),
      );
      this.sequence = (this.sequence + 1) & 0xffff;
    }
    return packets;
  }
}

/** 640 by 480, as its header says. RFC 6386 §9.1 */
export function vp8Frame(isKey: boolean, octets: number): Uint8Array {
  const data = Uint8Array.from({ length: octets }, (_, at) => (at * 31) & 0xff);
  data[0] = isKey ? 0x10 : 0x11;
  if (isKey) data.set([0x9d, 0x01, 0x2a, 640 & 0xff, 640 >> 8, 480 & 0xff, 480 >> 8], 3);
  return data;
}
