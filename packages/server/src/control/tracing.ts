/** Messages as they come and go, for whoever looks on: credentials are taken out before. */
import type { TraceEntry } from "carillon/endpoint";
import { formatAddress } from "carillon/uri";

export interface TraceLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly direction: "in" | "out";
  readonly transport: string;
  readonly peer: string;
  readonly message: string;
}

type Listener = (line: TraceLine) => void;

export class Tracing {
  readonly #listeners = new Set<Listener>();
  #tap: ((entry: TraceEntry) => void) | undefined;

  /** What an endpoint tells of each message; costs nothing while nobody looks on. */
  readonly see = (entry: TraceEntry): void => {
    this.#tap?.(entry);
    if (this.#listeners.size === 0) return;
    const { at, direction, flow, octets } = entry;
    const line: TraceLine = {
      at,
      direction,
      transport: flow.transport,
      peer: formatAddress(flow.remote),
      message: withoutSecrets(octets),
    };
    for (const listener of this.#listeners) listener(line);
  };

  /** Hears all of it as it is, secrets included. */
  tap(tap: (entry: TraceEntry) => void): void {
    this.#tap = tap;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** Headers whose values sign somebody in. */
const SECRET = /^((?:proxy-)?authorization[ \t]*:[ \t]*)([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)/gim;

/** The message with its credentials left out, and who they are for kept. */
export function withoutSecrets(octets: string): string {
  const end = octets.indexOf("\r\n\r\n");
  const head = end < 0 ? octets : octets.slice(0, end);
  const rest = end < 0 ? "" : octets.slice(end);
  return head.replace(SECRET, (_, name: string, value: string) => `${name}${kept(value)}`) + rest;
}

function kept(value: string): string {
  const scheme = /^[A-Za-z]+/.exec(value)?.[0] ?? "";
  const user = /\busername\s*=\s*"[^"]*"/i.exec(value)?.[0];
  return [scheme, user, "(left out)"].filter(Boolean).join(" ");
}
