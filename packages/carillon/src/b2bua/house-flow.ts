/** A flow of a dialog that ends at this server, and whom the server is on it. */
import type { Octets } from "../grammar/octets.ts";
import { contactOn } from "../roles/own-requests.ts";
import type { Flow } from "../transport/flow.ts";

/** As any flow, and with the user part that the Contact of the dialog has. */
export interface HouseFlow extends Flow {
  /** As it stands in a URI; undefined for none. */
  readonly user: Octets | undefined;
  /** Whether the Contact has to be a SIPS URI. RFC 3261 §12.1. */
  readonly isSips: boolean;
}

/** The URI at which this server takes what is sent in that dialog. */
export function houseContact(flow: Flow): Octets {
  const { user, isSips } = flow as Partial<HouseFlow>;
  return contactOn(flow, user, isSips);
}
