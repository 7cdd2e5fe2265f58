/** Which streams an RTCP packet is about, without reading more of it than that. RFC 8843 §9.2. */

const [SR, RR, BYE, RTPFB, PSFB] = [200, 201, 203, 205, 206] as const;
const [REMB_FORMAT, FIR_FORMAT] = [15, 4] as const;
const REMB = 0x52454d42;
/** What one packet may name: five bits count them in most. */
const MAX_TARGETS = 31;

/** One of the packets of a datagram of RTCP. */
export interface ControlPart {
  /** A view of the datagram. */
  readonly bytes: Uint8Array;
  /** 200 to 207, and others. */
  readonly type: number;
  /** Of whoever sent it. */
  readonly sender: number;
  /** SSRCs that it is about, which are ours as a rule; 31 at most. */
  readonly targets: readonly number[];
}

/** The packets of a datagram, in order; none of what is not RTCP. What is cut short ends them. */
export function controlParts(datagram: Uint8Array): readonly ControlPart[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const parts: ControlPart[] = [];
  for (let at = 0; at + 8 <= datagram.length; ) {
    const head = view.getUint8(at);
    const end = at + 4 + 4 * view.getUint16(at + 2);
    if (head >> 6 !== 2 || end > datagram.length || end < at + 8) break;
    const type = view.getUint8(at + 1);
    const own = new DataView(datagram.buffer, datagram.byteOffset + at, end - at);
    parts.push({
      ...{ bytes: datagram.subarray(at, end), type, sender: own.getUint32(4) },
      targets: targetsOf(own, type, head & 0x1f),
    });
    at = end;
  }
  return parts;
}

function targetsOf(view: DataView, type: number, count: number): readonly number[] {
  switch (type) {
    case SR:
      return every(view, 28, 24, count);
    case RR:
      return every(view, 8, 24, count);
    case BYE:
      return every(view, 4, 4, count);
    case RTPFB:
      return every(view, 8, 4, 1);
    case PSFB:
      return pictureTargets(view, count);
    default:
      return [];
  }
}

function pictureTargets(view: DataView, format: number): readonly number[] {
  if (format === FIR_FORMAT) return every(view, 12, 8, MAX_TARGETS);
  const isRemb = format === REMB_FORMAT && view.byteLength >= 20 && view.getUint32(12) === REMB;
  return isRemb ? every(view, 20, 4, view.getUint8(16)) : every(view, 8, 4, 1);
}

function every(view: DataView, from: number, step: number, count: number): readonly number[] {
  const found: number[] = [];
  const most = Math.min(count, MAX_TARGETS);
  for (let at = from; found.length < most && at + 4 <= view.byteLength; at += step) {
    found.push(view.getUint32(at));
  }
  return found;
}
