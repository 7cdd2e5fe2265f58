/** STUN and TURN servers for the calls of a phone in a page. RFC 8445 §5.1.1. */
import { partsOf } from "../ua/phone-parts.ts";
import { WebMedia } from "./web-media.ts";

/** What a phone's calls have, those that go on included. */
interface Given {
  servers: readonly RTCIceServer[];
  readonly media: Set<WebMedia>;
}

const given = new WeakMap<object, Given>();

/**
 * Has calls of this phone look for a way by these servers as well: calls that begin from now on,
 * and those that go on, when their ICE restarts. Call it again before credentials run out; what a
 * call has allocated it keeps.
 */
export function iceServers(phone: object, servers: readonly RTCIceServer[]): void {
  const known = given.get(phone);
  if (!known) return begin(phone, { servers, media: new Set() });
  known.servers = servers;
  for (const media of known.media) {
    if (media.peerConnection.signalingState === "closed") known.media.delete(media);
    else configure(media, servers);
  }
}

function begin(phone: object, own: Given): void {
  given.set(phone, own);
  partsOf(phone).prepared.push((media) => {
    if (!(media instanceof WebMedia)) return;
    for (const one of own.media) {
      if (one.peerConnection.signalingState === "closed") own.media.delete(one);
    }
    own.media.add(media);
    media.gathered((gathering) => {
      gathering.enough = () => hasRelay(media, own.servers);
    });
    configure(media, own.servers);
  });
}

/** All else has to stay as it is: a browser refuses other changes. */
function configure({ peerConnection }: WebMedia, servers: readonly RTCIceServer[]): void {
  peerConnection.setConfiguration({
    ...peerConnection.getConfiguration(),
    iceServers: [...servers],
  });
}

/**
 * A relay is asked for last and reaches everybody, so that nothing better comes after it. What is
 * waited for beyond is servers that do not answer on some other network of this machine.
 */
function hasRelay({ peerConnection }: WebMedia, servers: readonly RTCIceServer[]): boolean {
  const urls = servers.flatMap((server) => server.urls);
  const isOffered = urls.some((url) => url.startsWith("turn"));
  return isOffered && / typ relay\b/.test(peerConnection.localDescription?.sdp ?? "");
}
