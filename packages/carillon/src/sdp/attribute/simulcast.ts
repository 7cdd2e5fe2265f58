/** `a=simulcast`: several encodings of one source side by side. RFC 8853 §5.1. */
import { isRidId, splitList } from "../sdp-chars.ts";
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** What its writer sends and takes of one source at once. RFC 8853 §5.1. */
export interface Simulcast {
  /** What it sends; empty if nothing is told. */
  readonly send: readonly SimulcastStream[];
  /** What it takes; empty if nothing is told. */
  readonly recv: readonly SimulcastStream[];
}

/** One stream of several: alternatives, best first, of which one is used. RFC 8853 §5.1. */
export type SimulcastStream = readonly SimulcastId[];

/** One encoding, by its `a=rid`. */
export interface SimulcastId {
  /** Without the `~` that says it is paused. */
  readonly rid: string;
  /** Starts paused. */
  readonly paused: boolean;
}

/**
 * `a=simulcast`: several encodings of one source side by side. RFC 8853 §5.1.
 *
 * `sc-value = ( sc-send [SP sc-recv] ) / ( sc-recv [SP sc-send] )`
 */
export const simulcast: AttributeType<Simulcast> = valueAttribute({
  name: "simulcast",
  source: "RFC 8853 §5.1",
  expected: "send or recv with identifiers, each at most once",
  read: (text) => {
    const words = text.trimEnd().split(" ", 5);
    if (words.length !== 2 && words.length !== 4) return undefined;
    const found: { send?: readonly SimulcastStream[]; recv?: readonly SimulcastStream[] } = {};
    const seen = new Set<string>();
    for (let i = 0; i < words.length; i += 2) {
      const [direction, list = ""] = words.slice(i, i + 2);
      //= RFC 8853 §5.2
      //# each direction MUST NOT occur more than once on the same line
      if ((direction !== "send" && direction !== "recv") || found[direction]) return undefined;
      const streams = readStreams(list, seen);
      if (!streams) return undefined;
      found[direction] = streams;
    }
    return { send: found.send ?? [], recv: found.recv ?? [] };
  },
  write: ({ send, recv }) =>
    [
      ...(send.length > 0 ? [`send ${formatStreams(send)}`] : []),
      ...(recv.length > 0 ? [`recv ${formatStreams(recv)}`] : []),
    ].join(" "),
});

/** `sc-str-list = sc-alt-list *( ";" sc-alt-list )` */
function readStreams(text: string, seen: Set<string>): readonly SimulcastStream[] | undefined {
  const streams: SimulcastStream[] = [];
  for (const list of splitList(text, ";") ?? [""]) {
    const stream: SimulcastId[] = [];
    for (const id of splitList(list, ",") ?? [""]) {
      const paused = id.startsWith("~");
      const rid = paused ? id.slice(1) : id;
      //= RFC 8853 §5.2
      //# a single rid-id MUST NOT occur more than once per "a=simulcast" line
      if (!isRidId(rid) || seen.has(rid)) return undefined;
      seen.add(rid);
      stream.push({ rid, paused });
    }
    streams.push(stream);
  }
  return streams;
}

const formatStreams = (streams: readonly SimulcastStream[]): string =>
  streams
    .map((stream) => stream.map(({ rid, paused }) => (paused ? `~${rid}` : rid)).join(","))
    .join(";");
