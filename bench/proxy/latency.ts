/** How long a datagram stays in a server: from the socket that sends to the one that receives. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { DOMAIN } from "./server.ts";

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly lost: number;
}

const COUNT = 2000;
const EVERY_MS = 5;
/** Before them come as many as it takes until the server's code is compiled for good. */
const WARM_UP = 6000;
const WARM_EVERY_MS = 1;
/** Registered by the probe itself, and by nobody else. */
const USER = "u0";

/** Milliseconds that a MESSAGE takes through the server at this port. */
export async function latencyThrough(port: number): Promise<Latency> {
  const [here, there] = [await bound(), await bound()];
  await register(there, port);
  const sentAt = new Map<string, number>();
  const times: number[] = [];
  there.on("message", (bytes) => {
    const now = performance.now();
    const text = bytes.toString("latin1");
    if (!text.startsWith("MESSAGE ")) return;
    const callId = fieldOf(text, "Call-ID");
    const at = sentAt.get(callId);
    if (at !== undefined) times.push(now - at);
    sentAt.delete(callId);
    there.send(answered(text), port, "127.0.0.1");
  });
  for (let i = -WARM_UP; i < COUNT; i++) {
    if (i === 0) times.length = 0;
    const callId = `probe-${i}`;
    const text = message("MESSAGE", `sip:${USER}@${DOMAIN}`, here, callId, []);
    sentAt.set(callId, performance.now());
    here.send(text, port, "127.0.0.1");
    await new Promise((go) => setTimeout(go, i < 0 ? WARM_EVERY_MS : EVERY_MS));
  }
  await new Promise((go) => setTimeout(go, 500));
  here.close();
  there.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), lost: COUNT - times.length };
}

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

async function register(socket: Socket, port: number): Promise<void> {
  const contact = `Contact: <sip:${USER}@127.0.0.1:${socket.address().port}>`;
  const text = message("REGISTER", `sip:${DOMAIN}`, socket, "probe-register", [contact]);
  socket.send(text, port, "127.0.0.1");
  const [bytes] = await once(socket, "message");
  const [line] = String(bytes).split("\r\n");
  if (!line?.includes(" 200 ")) throw new Error(`the probe is not registered: ${line}`);
}

function message(
  method: string,
  uri: string,
  socket: Socket,
  callId: string,
  more: readonly string[],
): string {
  const via = `127.0.0.1:${socket.address().port};branch=z9hG4bK${callId};rport`;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${via}`,
    "Max-Forwards: 70",
    `From: <sip:${USER}@${DOMAIN}>;tag=p`,
    `To: <sip:${USER}@${DOMAIN}>`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    ...more,
    "Content-Length: 0",
    "",
    "",
  ].join("\r\n");
}

const fieldOf = (text: string, name: string): string =>
  new RegExp(`^${name}: *(.*)$`, "im").exec(text)?.[1]?.trim() ?? "";

function answered(request: string): string {
  const lines = request.split("\r\n").filter((line) => /^(via|from|call-id|cseq):/i.test(line));
  const to = `To: ${fieldOf(request, "To")};tag=t`;
  return ["SIP/2.0 200 OK", ...lines, to, "Content-Length: 0", "", ""].join("\r\n");
}
