/**
 * Where media has to be listened for, from the first offer to the end. RFC 3264 §5.1, §6.1, §8.3.
 *
 * A pure machine for one end of one session: (state, input) -> [state, ...outputs]. What is agreed
 * on and what is offered are both listened for; a place that was left is so until media has come to
 * the one that took over. Formats are added to a place and never taken away: what they mean does
 * not change in a session, so nothing is lost by understanding them longer. There is no deadline.
 */
import type { Agreed } from "./agreed.ts";
import {
  type Direction,
  directionFrom,
  directionOf,
  receives,
  sends,
} from "./attribute/direction.ts";
import { type Codec, codecsOf } from "./codec.ts";
import { connectionOf, type Description } from "./description.ts";
import { isRtp } from "./media-section.ts";
import { grouped, isDisabled, transportSection } from "./offered-media.ts";

/** Where one media section has its media. */
export interface Place {
  /** The media section's index in our description, from 0. */
  readonly slot: number;
  /** `audio`, `video`, … */
  readonly media: string;
  /** `RTP/AVP` and its like, as our description has it. */
  readonly proto: string;
  /** Ours, from the `c=` line that holds. */
  readonly address: string;
  /** Ours; that of the tagged section where it is bundled. */
  readonly port: number;
}

/** A place, and what may come there. */
export interface Receiver extends Place {
  /** As it was told: with sendonly and inactive nothing but RTCP comes. */
  readonly direction: Direction;
  /** With the payload types that we have told. */
  readonly codecs: readonly Codec[];
  /** Where it is no RTP. */
  readonly formats: readonly string[];
}

/** A session that goes on. */
export interface Listening {
  /** Tells the states apart. */
  readonly name: "Listening";
  /** Of what both ends said last. */
  readonly agreed: readonly Receiver[];
  /** Of our offer that has no answer yet. */
  readonly offered: readonly Receiver[];
  /** Left, and still listened at. */
  readonly old: readonly Receiver[];
}

/** A session that is over: nothing is listened for. */
export interface Terminated {
  /** Tells the states apart. */
  readonly name: "Terminated";
}

/** Where media may come from now on. */
export type State = Listening | Terminated;

/** What happened in the session. */
export type Input =
  /** Our offer goes out. */
  | { readonly kind: "Offered"; readonly local: Description }
  /** An answer went out or came in; or a re-INVITE failed, and this holds again. */
  | { readonly kind: "Agreed"; readonly agreed: Agreed | undefined }
  /** Our offer was refused. */
  | { readonly kind: "Dropped" }
  /** Media has come out at its sink: past the buffer, not just into it. */
  | { readonly kind: "Arrived"; readonly at: Place }
  | { readonly kind: "Abandon" };

/** What whoever has the sockets does. */
export type Output =
  /** Listen here, for this; of a place that is listened at already, what is new. */
  | { readonly kind: "Listen"; readonly receiver: Receiver }
  | { readonly kind: "Cease"; readonly receiver: Receiver };

/** The next state, and what is to be done, in order. */
export type Step = readonly [State, ...Output[]];

/** A session of which nothing has been said yet. */
export const start = (): Step => [{ name: "Listening", agreed: [], offered: [], old: [] }];

/** The state after this, and where to listen or to cease from now on. */
export function step(state: State, input: Input): Step {
  if (state.name === "Terminated") return [state];
  if (input.kind === "Abandon") return changed(state, { name: "Terminated" });
  return changed(state, next(state, input));
}

/** All that is listened for now. */
export function receivers(state: State): readonly Receiver[] {
  if (state.name === "Terminated") return [];
  const all = new Map<string, Receiver>();
  for (const receiver of [...state.old, ...state.agreed, ...state.offered]) {
    const known = all.get(placeOf(receiver));
    all.set(placeOf(receiver), known ? eitherWay(known, receiver) : receiver);
  }
  return [...all.values()];
}

function next(state: Listening, input: Exclude<Input, { kind: "Abandon" }>): Listening {
  switch (input.kind) {
    //= RFC 3264 §5.1
    //# Once the offerer has sent the offer, it MUST be prepared to receive media for any recvonly
    //# streams described by that offer. It MUST be prepared to send and receive media for any
    //# sendrecv streams in the offer, and send media for any sendonly streams in the offer (of
    //# course, it cannot actually send until the peer provides an answer with the needed address
    //# and port information).
    //= RFC 3264 §8.3.1
    //# The offerer MUST be prepared to receive media on both the old and new ports as soon as the
    //# offer is sent.
    case "Offered":
      return { ...state, offered: receiversOf(input.local, undefined) };
    case "Agreed":
      return agree(state, input.agreed);
    case "Dropped":
      return { ...state, offered: [] };
    case "Arrived":
      return arrived(state, input.at);
  }
}

//= RFC 3264 §6.1
//# Once the answerer has sent the answer, it MUST be prepared to receive media for any recvonly
//# streams described by that answer. It MUST be prepared to send and receive media for any sendrecv
//# streams in the answer, and it MAY send media immediately. The answerer MUST be prepared to
//# receive media for recvonly or sendrecv streams using any media formats listed for those streams
//# in the answer, and it MAY send media immediately.
//= RFC 3264 §8.3.1
//# If the answerer changes the port from the previous SDP, it MUST be prepared to receive media on
//# both the old and new ports as soon as the answer is sent.
function agree(state: Listening, now: Agreed | undefined): Listening {
  const agreed = now ? receiversOf(now.local, now.remote) : [];
  const places = new Set(agreed.map(placeOf));
  const slots = new Set(agreed.map(({ slot }) => slot));
  const left = [...state.old, ...state.agreed].filter(
    (receiver) => slots.has(receiver.slot) && !places.has(placeOf(receiver)),
  );
  // Of a place that is kept, what it was told before is still understood.
  const before = new Map([...state.old, ...state.agreed].map((each) => [placeOf(each), each]));
  const kept = agreed.map((each) => {
    const known = before.get(placeOf(each));
    return known ? merged(known, each) : each;
  });
  return { ...state, agreed: kept, offered: [], old: left };
}

//= RFC 3264 §8.3.1
//# The answerer MUST NOT cease listening for media on the old port until media arrives on the new
//# port. At that time, it MAY cease listening for media on the old port. The same is true for an
//# offerer that sends an updated offer with a new port; it MUST NOT cease listening for media on
//# the old port until media arrives on the new port.
//= RFC 3264 §8.3.3
//# The offerer MUST be prepared to receive media with both the old and new types until the answer
//# is received, and media with the new type is received and reaches the top of the playout buffer.
function arrived(state: Listening, at: Place): Listening {
  if (!state.agreed.some((each) => placeOf(each) === placeOf(at))) return state;
  return { ...state, old: state.old.filter(({ slot }) => slot !== at.slot) };
}

/** The places of a description of ours; of those that the peer refused none. */
function receiversOf(local: Description, remote: Description | undefined): readonly Receiver[] {
  const own = grouped(local);
  return local.media.flatMap((section, slot): readonly Receiver[] => {
    const peer = remote?.media[slot];
    if (isDisabled(section) || (peer && isDisabled(peer))) return [];
    const place = transportSection(own, section);
    const address = connectionOf(local, place)?.address;
    if (address === undefined) return [];
    const { media, proto } = section;
    const direction = directionOf(section.lines, local.session);
    const codecs = codecsOf(section);
    const formats = isRtp(proto) ? [] : section.formats;
    return [{ slot, media, proto, address, port: place.port, direction, codecs, formats }];
  });
}

const placeOf = ({ slot, media, proto, address, port }: Place): string =>
  `${slot} ${media.toLowerCase()} ${proto.toUpperCase()} ${address} ${port}`;

/** One place told of twice: the later direction, and the formats of both. */
function merged(earlier: Receiver, later: Receiver): Receiver {
  const told = new Set(later.codecs.map(({ payloadType }) => payloadType));
  const codecs = [...later.codecs, ...earlier.codecs.filter((each) => !told.has(each.payloadType))];
  return { ...later, codecs, formats: [...new Set([...later.formats, ...earlier.formats])] };
}

/** What comes to an offered place until the answer is what was agreed on there before. */
function eitherWay(agreed: Receiver, offered: Receiver): Receiver {
  const all = [agreed.direction, offered.direction];
  return {
    ...merged(agreed, offered),
    direction: directionFrom(all.some(sends), all.some(receives)),
  };
}

function changed(before: State, after: State): Step {
  const was = new Map(receivers(before).map((each) => [placeOf(each), each]));
  const is = new Map(receivers(after).map((each) => [placeOf(each), each]));
  const outputs: Output[] = [];
  for (const [place, receiver] of is) {
    if (!isSame(was.get(place), receiver)) outputs.push({ kind: "Listen", receiver });
  }
  for (const [place, receiver] of was)
    if (!is.has(place)) outputs.push({ kind: "Cease", receiver });
  return [after, ...outputs];
}

/** Whatever the order, which says only what to send. */
const isSame = (a: Receiver | undefined, b: Receiver): boolean =>
  a !== undefined && a.direction === b.direction && formatsOf(a) === formatsOf(b);

const formatsOf = ({ codecs, formats }: Receiver): string =>
  [...codecs.map((codec) => JSON.stringify(codec)), ...formats].toSorted().join(" ");
