/**
 * A process with one end of many links of ICE and DTLS-SRTP, which `link-load.ts` starts twice: it
 * makes them, replaces them, and sends over each as a voice does.
 */
import { DtlsLink, type LinkEnd } from "carillon-media";

/** What it is told; each is answered by a `LinkTold` with the same `nth`, but for `End`. */
export type LinkOrder =
  | { readonly kind: "Offer"; readonly nth: number }
  | { readonly kind: "Answer"; readonly nth: number; readonly end: LinkEnd }
  | { readonly kind: "Connect"; readonly nth: number; readonly end: LinkEnd }
  | { readonly kind: "Count" }
  | { readonly kind: "End" };

export type LinkTold =
  | { readonly kind: "Made"; readonly nth: number; readonly end: LinkEnd }
  | { readonly kind: "Open"; readonly nth: number }
  | { readonly kind: "Failed"; readonly nth: number; readonly why: string }
  | {
      readonly kind: "Counted";
      readonly received: number;
      readonly rssBytes: number;
      readonly heapBytes: number;
    };

const LOOPBACK = { address: "127.0.0.1" };
const PACKET_MS = 20;
const PACKET_BYTES = 172;

const links = new Map<number, DtlsLink>();
let received = 0;
let sequence = 0;

const tell = (told: LinkTold): void => {
  process.send?.(told);
};

process.on("message", (order: LinkOrder) => void obey(order));
process.on("disconnect", () => process.exit());

const beat = setInterval(() => {
  const packet = voicePacket();
  for (const link of links.values()) link.send(packet);
}, PACKET_MS);

async function obey(order: LinkOrder): Promise<void> {
  if (order.kind === "Count") {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    tell({ kind: "Counted", received, rssBytes: rss, heapBytes: heapUsed });
    return;
  }
  if (order.kind === "End") {
    clearInterval(beat);
    for (const link of links.values()) link.close();
    process.disconnect?.();
    return;
  }
  await make(order).catch((error: Error) => {
    tell({ kind: "Failed", nth: order.nth, why: error.message });
  });
}

async function make(order: Exclude<LinkOrder, { kind: "Count" | "End" }>): Promise<void> {
  const { nth } = order;
  if (order.kind === "Connect") {
    links.get(nth)?.connect(order.end);
    return;
  }
  const link = await DtlsLink.open(LOOPBACK, order.kind === "Answer" ? order.end : undefined);
  links.get(nth)?.close();
  links.set(nth, link);
  link.onopen = () => tell({ kind: "Open", nth });
  link.onlost = () => tell({ kind: "Failed", nth, why: "no way was found" });
  link.onpacket = () => {
    received++;
  };
  tell({ kind: "Made", nth, end: link.local });
  if (order.kind === "Answer") setTimeout(() => link.begin(), 100);
}

/** As long as 20 ms of G.711 are. */
function voicePacket(): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x80);
  view.setUint16(2, sequence++ & 0xffff);
  view.setUint32(4, (sequence * 160) >>> 0);
  view.setUint32(8, process.pid);
  return packet;
}
