/** What became of a side's media, as people are told. */
import type { SideMedia } from "carillon/b2bua";
import { spokenCodec } from "./codec-choice.ts";
import type { Exchange } from "./exchange.ts";
import type { MediaSide } from "./media-side.ts";

/** Undefined as long as nothing was agreed on with it. */
export function sideMedia(side: MediaSide, offered: Exchange | undefined): SideMedia | undefined {
  const { settled, transport } = side;
  if (!settled) return undefined;
  const sound = settled.slots.find(({ media, isActive }) => media === "audio" && isActive);
  const codec = sound && spokenCodec(sound.codecs);
  const hasVideo = settled.slots.some(({ media, isActive }) => media === "video" && isActive);
  const dropped = offered?.dropped;
  const wanted = offered?.description.media.some(
    ({ media, port }) => media === "video" && port > 0,
  );
  const video = hasVideo ? "passed" : wanted && dropped !== undefined ? "dropped" : "none";
  const path = transport?.statistics().path;
  const isSdes = settled.slots.some(({ crypto }) => crypto !== undefined);
  return {
    transport: transport?.kind === "webrtc" ? "webrtc" : isSdes ? "srtp" : "rtp",
    ...(codec !== undefined && { codec }),
    isEncrypted: transport?.kind === "webrtc" || isSdes,
    ...(path !== undefined && { path }),
    video,
    ...(video === "dropped" && dropped !== undefined && { why: dropped }),
  };
}
