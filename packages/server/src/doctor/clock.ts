/** Whether the clock is right, by asking another one. SNTP: RFC 5905 §14. */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Finding, fine, note, unknown, wrong } from "./finding.ts";

const CHECK = "clock";
const NTP_PORT = 123;
const WAIT_MS = 3000;
/** Seconds from 1900 to 1970. */
const EPOCH = 2_208_988_800;
const PACKET_BYTES = 48;

/** Tokens of pages and stapled times are judged by the minute; certificates by the second. */
const NOTICED_MS = 5_000;
const HARMFUL_MS = 30_000;

type Asked = { readonly offsetMs: number } | { readonly why: string };

export async function examineClock(server: string | undefined): Promise<readonly Finding[]> {
  if (server === undefined) return [unknown(CHECK, "Nobody was asked for the time.")];
  const asked = await askTime(server);
  if ("why" in asked) {
    const words = `${server} was asked for the time, but ${asked.why}.`;
    return [unknown(CHECK, words, "Name another: carillon doctor --time HOST, or off.")];
  }
  return [judgeClock(asked.offsetMs)];
}

/** `offsetMs` is how much this machine has to be set forward. */
export function judgeClock(offsetMs: number): Finding {
  const amount = Math.abs(offsetMs);
  const behind = offsetMs > 0 ? "behind" : "ahead";
  const words = `The clock of this machine is ${spoken(amount)} ${behind}.`;
  if (amount < NOTICED_MS) return fine(CHECK, "The clock is right.");
  const cure = "Have the system keep it right:";
  const paste = ["timedatectl set-ntp true"];
  if (amount < HARMFUL_MS) return note(CHECK, words, cure, paste);
  const more = "Certificates and sign-ins are believed for a time, and are refused by others.";
  return wrong(CHECK, `${words} ${more}`, cure, paste);
}

function spoken(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} seconds`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} hours`
    : `${Math.round(seconds / 86_400)} days`;
}

/** `HOST` or `HOST:PORT`. */
async function askTime(server: string): Promise<Asked> {
  const [, bracketed, plain = server, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(server) ?? [];
  const name = bracketed ?? plain;
  const found = await lookup(name).catch(() => undefined);
  if (!found) return { why: "that name has no address" };
  const port = digits === undefined ? NTP_PORT : Number(digits);
  return exchange(found.address, port);
}

/** The offset is the mean of how late they got ours, and how early we theirs: RFC 5905 §8. */
function exchange(host: string, port: number): Promise<Asked> {
  const socket = createSocket(isIP(host) === 6 ? "udp6" : "udp4");
  const request = Buffer.alloc(PACKET_BYTES);
  // Version 4, client.
  request[0] = 0x23;
  return new Promise((resolve) => {
    const end = (asked: Asked): void => {
      clearTimeout(timer);
      socket.close();
      resolve(asked);
    };
    const timer = setTimeout(() => end({ why: "it does not answer" }), WAIT_MS);
    socket.once("error", (cause) => end({ why: cause.message }));
    const sentAt = Date.now();
    writeTime(request, 40, sentAt);
    socket.once("message", (answer) => {
      const cameAt = Date.now();
      const isAnswer = answer.length >= PACKET_BYTES && (answer.readUInt8(0) & 7) === 4;
      const isOurs = isAnswer && answer.subarray(24, 32).equals(request.subarray(40, 48));
      if (!isOurs || answer.readUInt8(1) === 0) return end({ why: "what it says is no time" });
      const [got, gave] = [readTime(answer, 32), readTime(answer, 40)];
      end({ offsetMs: (got - sentAt + (gave - cameAt)) / 2 });
    });
    socket.send(request, port, host, (cause) => cause && end({ why: cause.message }));
  });
}

function writeTime(into: Buffer, at: number, ms: number): void {
  into.writeUInt32BE((Math.floor(ms / 1000) + EPOCH) >>> 0, at);
  into.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32) >>> 0, at + 4);
}

const readTime = (from: Buffer, at: number): number =>
  (from.readUInt32BE(at) - EPOCH) * 1000 + (from.readUInt32BE(at + 4) / 2 ** 32) * 1000;
