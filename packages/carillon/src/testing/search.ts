/** A search for the servers of a URI in one call, and its outcome in short. */

import * as locate from "../locate/locate.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import type { TransportName } from "../transport/flow.ts";
import { formatAddress } from "../uri/host.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { LyingDns } from "./network/lying-dns.ts";
import { resolve } from "./resolve.ts";

type Params = locate.Params;
type Output = locate.Output;
export const ours: readonly TransportName[] = ["UDP", "TCP", "TLS"];

function wanted(text: string): Wanted {
  const uri = parseSipUri(text);
  if (!uri.ok) throw new Error(uri.error.message);
  return wantedByUri(uri.value);
}

export const paramsFor = (text: string, more: Partial<Params> = {}): Params => ({
  wanted: wanted(text),
  transports: ours,
  families: ["A"],
  seed: 1,
  publicOnly: false,
  ...more,
});

/** `TCP 192.0.2.1:5060`, or the reason why there is none. */
export const print = (output: Output): readonly string[] => {
  if (output.kind === "NotLocated") return [output.reason];
  if (output.kind === "Query") return [`${output.question.type} ${output.question.name}?`];
  return output.targets.map(({ transport, address }) => `${transport} ${formatAddress(address)}`);
};

export function find(uri: string, dns: LyingDns, more: Partial<Params> = {}): readonly string[] {
  return resolve(locate, paramsFor(uri, more), dns).said.flatMap(print);
}
