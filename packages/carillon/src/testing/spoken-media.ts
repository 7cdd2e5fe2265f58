/** Media of one kind for tests: what speaks another kind is refused, as devices do. */
import { descriptionKind } from "../b2bua/description-kind.ts";
import type { MediaSession } from "../ua/media.ts";
import { SipError } from "../ua/sip-error.ts";

/** Media that say what was asked of them: `offer`, `answer …`, `accept …`, with directions. */
export interface SpokenMedia extends MediaSession {
  /** In order: `offered sendrecv`, `heard offer sendonly`, `heard answer recvonly`, `preview`. */
  readonly said: string[];
}

/** `page`: ICE and DTLS-SRTP, and nothing else. `desk`: plain RTP, and nothing else. */
export function spokenMedia(kind: "page" | "desk", address = "203.0.113.9"): SpokenMedia {
  const said: string[] = [];
  let held = false;
  let video = false;
  let version = 0;
  const described = (direction: string): string =>
    [
      "v=0",
      `o=${kind} 1 ${++version} IN IP4 ${address}`,
      "s=-",
      `c=IN IP4 ${address}`,
      "t=0 0",
      ...(kind === "page" ? PAGE : DESK),
      ...(direction === "sendrecv" ? [] : [`a=${direction}`]),
      ...(video
        ? [kind === "page" ? "m=video 9 UDP/TLS/RTP/SAVPF 96" : "m=video 9 RTP/AVP 96"]
        : []),
      "",
    ].join("\r\n");
  const understood = (description: string): void => {
    const theirs = descriptionKind(description);
    if ((theirs === "webrtc") === (kind === "page") || theirs === "both") return;
    throw new SipError("SIP_MEDIA", `a ${kind} does not understand ${theirs}`, 488);
  };
  const directionOf = (text: string): string =>
    /^a=(sendonly|recvonly|inactive)\r?$/m.exec(text)?.[1] ?? "sendrecv";
  return {
    said,
    offer: async () => {
      const direction = held ? "sendonly" : "sendrecv";
      said.push(`offered ${direction}`);
      return described(direction);
    },
    answer: async (offer) => {
      understood(offer);
      const theirs = directionOf(offer);
      said.push(`heard offer ${theirs}`);
      if (theirs === "sendonly") return described(held ? "inactive" : "recvonly");
      return described(held ? "sendonly" : "sendrecv");
    },
    accept: async (answer) => {
      understood(answer);
      said.push(`heard answer ${directionOf(answer)}`);
    },
    preview: async (answer) => {
      understood(answer);
      said.push("preview");
    },
    want: async (wish) => {
      held = wish.held;
      video = wish.video;
    },
    withdraw: async () => void said.push("withdrawn"),
    close() {},
  };
}

const PAGE = [
  ...["a=ice-ufrag:page", "a=ice-pwd:0123456789012345678901", "a=fingerprint:sha-256 11"],
  ...["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 opus/48000/2"],
];
const DESK = ["m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"];
