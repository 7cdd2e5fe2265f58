/**
 * Which media section each packet of a bundle belongs to: by the tag in it, by its source once that
 * is known, by its payload type where only one section has that. RFC 8843 §9.2.
 */
import type { AgreedSlot } from "carillon/sdp";
import { controlParts } from "./control-targets.ts";
import { midOfPacket } from "./mid-extension.ts";

/** A section that is on. */
export interface RoutedSlot {
  readonly slot: number;
  /** Payload types that come there. */
  readonly payloadTypes: ReadonlySet<number>;
  /** `a=mid`. */
  readonly mid: string | undefined;
}

/** A datagram of RTCP, or those of its packets that are about one section. */
export interface RoutedControl {
  readonly slot: number;
  readonly packet: Uint8Array;
}

/** Sources that are remembered, of each direction; the oldest is forgotten. */
const MAX_SOURCES = 64;

/** Routes of one bundle, for as long as its transport lives. */
export class BundleRoutes {
  #slots: readonly RoutedSlot[] = [];
  #midId: number | undefined;
  readonly #byMid = new Map<string, RoutedSlot>();
  readonly #byPayloadType = new Map<number, RoutedSlot>();
  readonly #incoming = new Map<number, RoutedSlot>();
  readonly #outgoing = new Map<number, number>();

  /** What holds from now on. `midId`: of the header extension, where that was agreed on. */
  agree(slots: readonly RoutedSlot[], midId: number | undefined): void {
    this.#slots = slots;
    this.#midId = midId;
    this.#byMid.clear();
    this.#byPayloadType.clear();
    for (const each of slots) if (each.mid !== undefined) this.#byMid.set(each.mid, each);
    const types = slots.flatMap(({ payloadTypes }) => [...payloadTypes]);
    //= RFC 8843 §9.2
    //# If any payload type is configured for receiving in more than one "m=" section in the BUNDLE
    //# group, do not include it in the table, as it cannot be used to uniquely identify an "m="
    //# section.
    const isUnique = (type: number): boolean => types.indexOf(type) === types.lastIndexOf(type);
    for (const each of slots) {
      for (const type of each.payloadTypes) {
        if (isUnique(type)) this.#byPayloadType.set(type, each);
      }
    }
    for (const [ssrc, { slot }] of this.#incoming) {
      const still = slots.find((each) => each.slot === slot);
      if (still) this.#incoming.set(ssrc, still);
      else this.#incoming.delete(ssrc);
    }
  }

  /** The section of an RTP packet; undefined: it belongs to none, and is dropped. */
  slotOf(packet: Uint8Array): number | undefined {
    if (packet.length < 12) return undefined;
    const ssrc = ssrcOf(packet);
    const type = (packet[1] ?? 0) & 0x7f;
    const tag = this.#midId === undefined ? undefined : midOfPacket(packet, this.#midId);
    const route = tag
      ? this.#named(tag, ssrc)
      : (this.#incoming.get(ssrc) ?? this.#typed(type, ssrc));
    //= RFC 8843 §9.2
    //# If the SSRC of the RTP stream is in the incoming SSRC mapping table, check that the payload
    //# type used by the RTP stream matches a payload type included on the matching "m=" section.
    return route?.payloadTypes.has(type) ? route.slot : undefined;
  }

  /** A packet of ours goes out: RTCP about it is of that section. */
  sent(slot: number, packet: Uint8Array): void {
    if (packet.length < 12) return;
    const ssrc = ssrcOf(packet);
    if (this.#outgoing.get(ssrc) !== slot) remember(this.#outgoing, ssrc, slot);
  }

  /**
   * A datagram of RTCP, for each section that something in it is about; packets that are about
   * nothing known go to the first. Without a copy where all of it is about one.
   */
  routesOf(datagram: Uint8Array): readonly RoutedControl[] {
    const [first] = this.#slots;
    if (!first) return [];
    if (this.#slots.length === 1) return [{ slot: first.slot, packet: datagram }];
    const bySlot = new Map<number, Uint8Array[]>();
    let last = first.slot;
    for (const { bytes, sender, targets } of controlParts(datagram)) {
      const own = targets.map((ssrc) => this.#outgoing.get(ssrc) ?? this.#incoming.get(ssrc)?.slot);
      const slots = new Set([...own, this.#incoming.get(sender)?.slot].filter(isNumber));
      // What says nothing of itself, such as names, belongs to what it came with.
      for (const slot of slots.size > 0 ? slots : [last]) {
        bySlot.set(slot, [...(bySlot.get(slot) ?? []), bytes]);
        last = slot;
      }
    }
    if (bySlot.size === 1) return [{ slot: last, packet: datagram }];
    return [...bySlot].map(([slot, parts]) => ({ slot, packet: joined(parts) }));
  }

  //= RFC 8843 §9.2
  //# If the MID associated with the RTP stream is not in the table mapping a MID to an "m="
  //# section, then the RTP stream is not decoded and the payload data is discarded.
  #named(tag: Uint8Array, ssrc: number): RoutedSlot | undefined {
    const route = this.#byMid.get(String.fromCharCode(...tag));
    if (route && this.#incoming.get(ssrc) !== route) remember(this.#incoming, ssrc, route);
    return route;
  }

  //= RFC 8843 §9.2
  //# If the payload type used by the RTP stream is in the payload type table, update the incoming
  //# SSRC mapping table to include an entry that maps the RTP stream's SSRC to the "m=" section for
  //# that payload type.
  #typed(type: number, ssrc: number): RoutedSlot | undefined {
    const route = this.#byPayloadType.get(type);
    if (route) remember(this.#incoming, ssrc, route);
    return route;
  }
}

/** Payload types that come in a section. */
export const typesOf = ({ codecs }: AgreedSlot): ReadonlySet<number> =>
  new Set(codecs.map(({ receivePayloadType }) => receivePayloadType));

const isNumber = (value: number | undefined): value is number => value !== undefined;

const ssrcOf = (packet: Uint8Array): number =>
  (((packet[8] ?? 0) << 24) |
    ((packet[9] ?? 0) << 16) |
    ((packet[10] ?? 0) << 8) |
    (packet[11] ?? 0)) >>>
  0;

function remember<V>(sources: Map<number, V>, ssrc: number, value: V): void {
  sources.delete(ssrc);
  for (const [oldest] of sources) {
    if (sources.size < MAX_SOURCES) break;
    sources.delete(oldest);
  }
  sources.set(ssrc, value);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
