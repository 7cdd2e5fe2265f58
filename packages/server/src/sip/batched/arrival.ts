/**
 * When a datagram came to this machine, as Linux says it: SCM_TIMESTAMPNS and SO_RXQ_OVFL, for
 * which a socket may ask. See socket(7), cmsg(3).
 */

/** What the system said beside one datagram. */
export interface Arrival {
  /** Milliseconds since 1970 by the calendar, with fractions; 0 where it did not say. */
  atMs: number;
  /** How many the socket has lost since it was opened; 0 where it did not say. */
  lost: number;
}

export const SOL_SOCKET = 1;
export const SO_TIMESTAMPNS = 35;
export const SO_RXQ_OVFL = 40;

/** `struct cmsghdr`: its length in 64 bits, level and type in 32 each; what it says follows. */
const CMSGHDR = 16;
const [LEVEL, TYPE] = [8, 12];

/** Reads the messages from `at` on, `length` octets in all, into `arrival`. */
export function readArrival(view: DataView, at: number, length: number, arrival: Arrival): void {
  arrival.atMs = 0;
  arrival.lost = 0;
  const end = at + length;
  for (let one = at; one + CMSGHDR <= end; ) {
    const size = view.getUint32(one, true);
    if (size < CMSGHDR || one + size > end) return;
    if (view.getInt32(one + LEVEL, true) === SOL_SOCKET) {
      const type = view.getInt32(one + TYPE, true);
      const said = one + CMSGHDR;
      if (type === SO_TIMESTAMPNS) arrival.atMs = millisAt(view, said);
      else if (type === SO_RXQ_OVFL) arrival.lost = view.getUint32(said, true);
    }
    // Each begins at eight octets.
    one += (size + 7) & ~7;
  }
}

/** `struct timespec`, 64 bits each. */
function millisAt(view: DataView, at: number): number {
  const seconds = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  return seconds * 1000 + view.getUint32(at + 8, true) / 1e6;
}
