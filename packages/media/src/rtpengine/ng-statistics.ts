/** Numbers of a call, out of what rtpengine says to `query`. */
import type { CallStatistics, SideMedia, SideStatistics } from "carillon/b2bua";
import { fromText } from "carillon/message";
import { type Bencoded, entryOf } from "./bencode.ts";
import type { NgReply } from "./ng-node.ts";

/** All but which rtpengine it is; undefined where it does not know the call. */
export function ngStatistics(
  reply: NgReply,
  media: Readonly<Record<string, SideMedia>>,
): Omit<CallStatistics, "worker"> | undefined {
  const tags = entryOf(reply, "tags");
  if (tags === undefined) return undefined;
  const counted = new Map(Object.keys(media).map((tag) => [tag, countsOf(tags, tag)]));
  const sides: Record<string, SideStatistics> = {};
  let isTranscoded = false;
  for (const [tag, counts] of counted) {
    const others = [...counted].filter(([other]) => other !== tag).map(([, of]) => of);
    const known = media[tag];
    if (!known) continue;
    isTranscoded ||= counts.isTranscoded;
    sides[tag] = {
      media: known,
      ...{ packetsReceived: counts.packets, octetsReceived: counts.octets },
      // What came of the others went there.
      packetsSent: others.reduce((sum, { packets }) => sum + packets, 0),
      octetsSent: others.reduce((sum, { octets }) => sum + octets, 0),
      ...{ packetsLost: 0, jitterMs: 0, packetsRefused: counts.errors },
    };
  }
  return { sides, isTranscoded };
}

function countsOf(tags: Bencoded, tag: string) {
  const medias = entryOf(entryOf(tags, fromText(tag)), "medias");
  const sound = listOf(medias)[0];
  const stats = entryOf(listOf(entryOf(sound, "streams"))[0], "stats");
  const number = (key: string): number => {
    const value = entryOf(stats, key);
    return typeof value === "number" ? value : 0;
  };
  return {
    ...{ packets: number("packets"), octets: number("bytes"), errors: number("errors") },
    isTranscoded: listOf(entryOf(sound, "flags")).includes("transcoding"),
  };
}

const listOf = (value: Bencoded | undefined): readonly Bencoded[] =>
  Array.isArray(value) ? (value as readonly Bencoded[]) : [];
