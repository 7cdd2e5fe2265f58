/**
 * HEP version 3, as HOMER, heplify and sngrep read it: a SIP message with where it came from, where
 * it went and when, as chunks of `vendor type length value` in network order. Pure.
 */
import { isIPv6 } from "node:net";
import type { TraceEntry } from "carillon/endpoint";

export interface HepOptions {
  /** Which of several agents this is. */
  readonly id: number;
  /** What the collector wants to see, if anything. */
  readonly password?: string | undefined;
  /** Milliseconds to add to an entry's time for milliseconds since 1970. */
  readonly aheadMs: number;
}

/** Types of chunks, all of vendor 0. */
const CHUNK = {
  family: 0x01,
  protocol: 0x02,
  sourceIpv4: 0x03,
  targetIpv4: 0x04,
  sourceIpv6: 0x05,
  targetIpv6: 0x06,
  sourcePort: 0x07,
  targetPort: 0x08,
  seconds: 0x09,
  microseconds: 0x0a,
  payloadKind: 0x0b,
  agent: 0x0c,
  key: 0x0e,
  payload: 0x0f,
  correlation: 0x11,
} as const;

/** As the system numbers them. */
const [AF_INET, AF_INET6] = [2, 10];
/** Of IP. What goes over TLS or a WebSocket goes over TCP. */
const [TCP, UDP] = [6, 17];
const SIP = 1;
/** With what goes before it, a packet has to fit one datagram. */
const MAX_PAYLOAD = 64_000;

/** `text` is the entry's message, as far as it may be told. */
export function hepPacket({ at, direction, flow }: TraceEntry, text: string, options: HepOptions) {
  const [source, target] =
    direction === "in" ? [flow.remote, flow.local] : [flow.local, flow.remote];
  const isV6 = isIPv6(source.host);
  const ms = at + options.aheadMs;
  const seconds = Math.floor(ms / 1000);
  const [from, to] = isV6
    ? [CHUNK.sourceIpv6, CHUNK.targetIpv6]
    : [CHUNK.sourceIpv4, CHUNK.targetIpv4];
  const { id, password } = options;
  const callId = callIdIn(text);
  const chunks = [
    chunk(CHUNK.family, number(1, isV6 ? AF_INET6 : AF_INET)),
    chunk(CHUNK.protocol, number(1, flow.transport === "UDP" ? UDP : TCP)),
    chunk(from, ipOctets(source.host)),
    chunk(to, ipOctets(target.host)),
    chunk(CHUNK.sourcePort, number(2, source.port)),
    chunk(CHUNK.targetPort, number(2, target.port)),
    chunk(CHUNK.seconds, number(4, seconds)),
    chunk(CHUNK.microseconds, number(4, Math.floor((ms - 1000 * seconds) * 1000))),
    chunk(CHUNK.payloadKind, number(1, SIP)),
    chunk(CHUNK.agent, number(4, id)),
    ...(password === undefined ? [] : [chunk(CHUNK.key, Buffer.from(password, "utf8"))]),
    ...(callId === undefined ? [] : [chunk(CHUNK.correlation, Buffer.from(callId, "latin1"))]),
    chunk(CHUNK.payload, Buffer.from(text.slice(0, MAX_PAYLOAD), "latin1")),
  ];
  const body = Buffer.concat(chunks);
  return Buffer.concat([Buffer.from("HEP3"), number(2, body.length + 6), body]);
}

/** What ties the messages of a call together; undefined where there is none, or a long one. */
function callIdIn(text: string): string | undefined {
  const end = text.indexOf("\r\n\r\n");
  const head = end < 0 ? text : text.slice(0, end);
  const [, value] = /^(?:call-id|i)[ \t]*:[ \t]*([^ \t\r\n]{1,256})/im.exec(head) ?? [];
  return value;
}

function chunk(type: number, value: Buffer): Buffer {
  return Buffer.concat([number(2, 0), number(2, type), number(2, value.length + 6), value]);
}

function number(octets: 1 | 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(octets);
  buffer.writeUIntBE(value, 0, octets);
  return buffer;
}

/** 4 or 16 octets; zeroes for what is no address, such as a name that a page's connection has. */
function ipOctets(host: string): Buffer {
  if (!isIPv6(host)) {
    const parts = host.split(".").map(Number);
    const isV4 = parts.length === 4 && parts.every((part) => part >= 0 && part <= 255);
    return Buffer.from(isV4 ? parts : [0, 0, 0, 0]);
  }
  const [head = "", tail] = host.replace(/%.*$/, "").split("::");
  const groups = (text: string): number[] =>
    text.split(":").flatMap((one) => {
      if (one === "") return [];
      if (!one.includes(".")) return [Number.parseInt(one, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = one.split(".").map(Number);
      return [256 * a + b, 256 * c + d];
    });
  const [before, after] = [groups(head), groups(tail ?? "")];
  const gap = new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0);
  return Buffer.concat([...before, ...gap, ...after].slice(0, 8).map((one) => number(2, one)));
}
