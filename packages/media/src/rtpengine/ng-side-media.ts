/** What became of a side's media, out of the two descriptions that were exchanged with it. */
import type { SideMedia } from "carillon/b2bua";
import { fromText } from "carillon/message";
import { agreedMedia, isTls, parseSdp } from "carillon/sdp";

/** What was said to a side, and by it; nothing as long as it is not both. */
export interface Said {
  readonly local: string | undefined;
  readonly remote: string | undefined;
  /** It offered pictures. */
  readonly wantsVideo: boolean;
}

const COMPANIONS: ReadonlySet<string> = new Set(["telephone-event", "cn", "rtx", "red"]);

/** Undefined before both descriptions are there. */
export function ngSideMedia({ local, remote, wantsVideo }: Said): SideMedia | undefined {
  if (local === undefined || remote === undefined) return undefined;
  const [ours, theirs] = [parseSdp(fromText(local)), parseSdp(fromText(remote))];
  if (!ours.ok || !theirs.ok) return undefined;
  const slots = agreedMedia({ local: ours.value, remote: theirs.value }, "remote");
  const sound = slots.find(({ media, isActive }) => media === "audio" && isActive);
  const codec = sound?.codecs.find(({ encoding }) => !COMPANIONS.has(encoding.toLowerCase()));
  const isSeen = slots.some(({ media, isActive }) => media === "video" && isActive);
  const isWebrtc = sound !== undefined && isTls(sound.proto);
  const isSdes = sound?.crypto !== undefined;
  return {
    transport: isWebrtc ? "webrtc" : isSdes ? "srtp" : "rtp",
    ...(codec && { codec: codec.encoding }),
    isEncrypted: isWebrtc || isSdes,
    video: isSeen ? "passed" : wantsVideo ? "dropped" : "none",
    ...(!isSeen && wantsVideo && { why: "the other side takes no video" }),
  };
}
