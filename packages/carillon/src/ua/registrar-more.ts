/** What a registrar may say in its 200 beside the time, and what it is where nobody reads that. */
import type { Octets } from "../grammar/octets.ts";
import type { Response } from "../message/message.ts";

export interface Registered {
  /** The server does RFC 5626 with this phone: it answers pings, and replaces flows. */
  readonly isOutbound: boolean;
  readonly flowTimerSeconds: number | undefined;
  /** The URI for Contacts in dialogs, of a device that is at this one. */
  contact(address: Octets): Octets;
  /** What goes into Route of requests that begin something: as they are written there. */
  readonly serviceRoute: readonly Octets[];
}

/** Reads one; `instance` is this device's name. */
export type ReadRegistered = (response: Response, instance: string | undefined) => Registered;

export const NOTHING_MORE: Registered = {
  ...{ isOutbound: false, flowTimerSeconds: undefined, serviceRoute: [] },
  contact: (address) => address,
};
