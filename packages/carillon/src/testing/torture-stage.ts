/** A domain's server for the torture messages, with everybody let in and one device behind it. */
import { readFileSync } from "node:fs";
import { fromBytes, type Octets } from "../grammar/octets.ts";
import type { Binding, Location } from "../roles/location.ts";
import { answer, DomainStage, type Place, request, type Sent } from "./domain-stage.ts";
import { TORTURE_ADDRESSES, TORTURE_DOMAINS, type TortureRow } from "./torture-table.ts";

const FOLDER = new URL("./torture/", import.meta.url);

export const tortureOctets = ({ rfc, name }: Pick<TortureRow, "rfc" | "name">): Octets =>
  fromBytes(readFileSync(new URL(`${rfc}/${name}.dat`, FOLDER)));

/** Whose messages they are. */
export const TORTURER = "198.51.100.7";
export const TORTURE_DEVICE = "203.0.113.50:5060";

/** Everybody has one and the same device; what a REGISTER changes is seen and forgotten. */
export class OneDevice implements Location {
  readonly replaced: (readonly Binding[])[] = [];

  bindings(): readonly Binding[] {
    const flow = {
      transport: "UDP",
      local: { host: "192.0.2.1", port: 5060 },
      remote: { host: "203.0.113.50", port: 5060 },
      connection: 0,
    } as const;
    const expiresAt = Number.MAX_SAFE_INTEGER;
    const contact = `sip:device@${TORTURE_DEVICE}`;
    return [{ contact, q: 1000, callId: "x", cseq: 1, expiresAt, flow }];
  }

  replace(_: string, bindings: readonly Binding[]): void {
    this.replaced.push(bindings.filter(({ contact }) => !contact.includes(TORTURE_DEVICE)));
  }

  drop(): void {}
  online = () => true;
}

/** Serves the torture domains; the guard is the caller's to open. */
export function openTortureStage(): { stage: DomainStage; location: OneDevice } {
  const location = new OneDevice();
  const stage = new DomainStage({
    location,
    aliases: TORTURE_DOMAINS,
    accounts: (living) => ({ ...living, has: () => true }),
  });
  for (const local of TORTURE_ADDRESSES) {
    stage.wire.input({ kind: "Listening", transport: "UDP", local });
  }
  return { stage, location };
}

/** Says it, and has the device answer whatever comes there; all that the server sent. */
export function converse(stage: DomainStage, from: Place, octets: Octets): Sent[] {
  const sent = stage.say(from, octets);
  const back = sent
    .filter(({ to, message }) => to === TORTURE_DEVICE && message.kind === "Request")
    .flatMap((one) => stage.say(TORTURE_DEVICE, answer(one.octets, 200, "d")));
  return [...sent, ...back];
}

export const backTo = (place: Place, sent: readonly Sent[]): Sent[] =>
  sent.filter(({ to }) =>
    typeof place === "number" ? to === place : `${to}`.startsWith(TORTURER),
  );

export const finalsIn = (sent: readonly Sent[]): number[] =>
  sent.flatMap(({ message }) =>
    message.kind === "Response" && message.status >= 200 ? [message.status] : [],
  );

let probes = 0;
/** Asks the server itself what it can do; the final answers. */
export function probe(stage: DomainStage, place: Place, uri: string): number[] {
  const nth = ++probes;
  const via = `SIP/2.0/UDP ${TORTURER}:5060;branch=z9hG4bKprobe${nth}`;
  const text = request("OPTIONS", { uri, via, callId: `probe-${nth}` });
  return finalsIn(backTo(place, stage.say(place, text)));
}
