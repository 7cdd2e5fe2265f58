/** MSRP over a WebSocket: each chunk is one message. RFC 7977. The socket is the world's. */
import { fromText, toBytes } from "../grammar/octets.ts";
import type { MsrpLink, MsrpLinkUser } from "./link.ts";

/** What is used of a WebSocket, of a browser or of Node. */
export interface MsrpSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  send(octets: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(name: "open" | "close" | "error", listener: () => void): void;
  addEventListener(name: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** What may wait in the socket before nothing more is written. */
const CAPACITY = 256 * 1024;
/** A WebSocket does not say when it has sent what it had: it is asked. */
const ASK_MS = 20;

/**
 * Resolves once the socket is open, with `user` told of it; rejects with an Error in words. `later`
 * calls something after so many milliseconds.
 */
export function openWebSocket(
  socket: MsrpSocket,
  user: (link: MsrpLink) => MsrpLinkUser,
  later: (ms: number, run: () => void) => void,
): Promise<void> {
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    let told: MsrpLinkUser | undefined;
    socket.addEventListener("open", () => {
      told = user(linkOf(socket, later, () => told?.drained()));
      resolve();
    });
    socket.addEventListener("message", ({ data }) => told?.received(octetsOf(data)));
    // An error says nothing, and is followed by the end.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => {
      const user = told;
      told = undefined;
      reject(new Error("There is no connection to the server for files and messages."));
      user?.closed("The connection to the server for files and messages is gone.");
    });
  });
}

function linkOf(
  socket: MsrpSocket,
  later: (ms: number, run: () => void) => void,
  drained: () => void,
): MsrpLink {
  let isAsking = false;
  const ask = (): void => {
    if (isAsking) return;
    isAsking = true;
    later(ASK_MS, () => {
      isAsking = false;
      if (socket.bufferedAmount < CAPACITY / 2) drained();
      else ask();
    });
  };
  return {
    isFramed: true,
    get room() {
      return CAPACITY - socket.bufferedAmount;
    },
    write: (octets) => {
      socket.send(octets as Uint8Array<ArrayBuffer>);
      if (socket.bufferedAmount >= CAPACITY) ask();
    },
    // Nobody can keep a WebSocket of a page from reading.
    pause: () => {},
    resume: () => {},
    close: () => socket.close(),
  };
}

//= RFC 7977 §4.2
//# The content of text frames MUST be interpreted as binary by WebSocket Clients and Servers.
function octetsOf(data: unknown): Uint8Array {
  if (typeof data === "string") return toBytes(fromText(data));
  return data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0);
}
