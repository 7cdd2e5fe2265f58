/** Opens what the endpoint asks for, over every transport of Node. */
import { isUtf8 } from "node:buffer";
import { fromBytes, fromText } from "../grammar/octets.ts";
import { defaultPort } from "../transport/flow.ts";
import type { Address } from "../uri/host.ts";
import type { Dialler, Runner } from "./runner.ts";
import { STREAM_LIMITS, type StreamLimits } from "./stream-limits.ts";
import { dialTcp } from "./tcp.ts";
import { dialTls, type TlsCredentials } from "./tls.ts";

/** How connections are opened. */
export interface DiallerOptions {
  /** What we show to peers over TLS, and whom we believe; asked for at each connection. */
  readonly tls?: () => TlsCredentials;
  /** In place of those of `STREAM_LIMITS`: `connectMs`, `handshakeMs` and `waitingBytes`. */
  readonly limits?: Partial<StreamLimits>;
}

/**
 * Opens TCP, TLS (RFC 5922) and WebSocket connections (RFC 7118, with the WebSocket of Node).
 * What fails is told to the endpoint as `NotOpened`, and never thrown.
 */
export function dialler({ tls = () => ({}), limits = {} }: DiallerOptions = {}): Dialler {
  return (runner, dial, to) => {
    if ("url" in to) dialWebSocket(runner, dial, to, { ...STREAM_LIMITS, ...limits });
    else if (to.transport === "TCP") dialTcp(runner, dial, to.remote, limits);
    else dialTls(runner, dial, to, tls(), limits);
  };
}

/** The client's side of RFC 7118, with the WebSocket that Node brings. */
function dialWebSocket(
  runner: Runner,
  dial: number,
  { transport, url }: { readonly transport: "WS" | "WSS"; readonly url: string },
  limits: StreamLimits,
): void {
  //= RFC 7118 §4.1
  //# The client MUST include the value "sip" in the Sec-WebSocket-Protocol header in its
  //# handshake request.
  const socket = new WebSocket(url, "sip");
  socket.binaryType = "arraybuffer";
  const late = setTimeout(() => socket.close(), limits.connectMs + limits.handshakeMs);
  let cause: unknown = "it was not taken for SIP";
  socket.addEventListener("error", ({ error }: Event & { error?: unknown }) => {
    cause = error ?? cause;
  });
  const refuse = () => {
    clearTimeout(late);
    runner.input({ kind: "NotOpened", dial, cause });
  };
  socket.addEventListener("close", refuse);
  socket.addEventListener("open", () => {
    if (socket.protocol !== "sip") return socket.close();
    clearTimeout(late);
    socket.removeEventListener("close", refuse);
    const ends = { local: NOWHERE, remote: addressOf(url) };
    const connection = runner.connection(
      { transport, ...ends, dial },
      {
        send: (octets) => send(socket, octets, limits),
        close: () => socket.close(),
      },
    );
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const octets = typeof data === "string" ? fromText(data) : fromBytes(new Uint8Array(data));
      connection.received(octets);
    });
    socket.addEventListener("close", ({ code, reason }) => connection.closed(`${code} ${reason}`));
  });
}

function send(socket: WebSocket, octets: string, { waitingBytes }: StreamLimits): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  const bytes = Buffer.from(octets, "latin1");
  if (socket.bufferedAmount + bytes.length > waitingBytes) return socket.close();
  //= RFC 7118 §4.2
  //# If there is at least one non-UTF-8 symbol in the whole SIP message (including headers and the
  //# body), then the whole message MUST be sent within a WebSocket binary message.
  socket.send(isUtf8(bytes) ? bytes.toString("utf8") : bytes);
}

/** Node does not say which of our addresses a WebSocket leaves from. */
const NOWHERE: Address = { host: "nowhere.invalid", port: 0 };

function addressOf(url: string): Address {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return { host, port: Number(port) || defaultPort(protocol.slice(0, -1).toUpperCase()) };
}
