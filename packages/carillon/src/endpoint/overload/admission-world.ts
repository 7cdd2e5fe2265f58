/** What an admission may ask of its endpoint. A file of its own: pages have none of it. */
import { SipHash } from "../../auth/sip-hash.ts";
import { toBytes } from "../../grammar/octets.ts";
import { MAGIC_COOKIE } from "../../message/via.ts";
import { readMessage } from "../read-message.ts";
import type { EndpointOptions } from "../role.ts";
import type { TransactionTable } from "../transaction-table.ts";
import type { AdmissionWorld } from "./admission.ts";

const PURPOSE: Uint8Array = toBytes("those who are turned away");

/** Of the endpoint with these options and transactions. */
export function admissionWorld(
  { crypto, key = crypto.randomBytes(32) }: Pick<EndpointOptions, "crypto" | "key">,
  table: TransactionTable,
): AdmissionWorld {
  const hash = new SipHash(crypto.hmac(key, PURPOSE).subarray(0, 16));
  return {
    mac: (octets) => hash.hex(octets),
    isKnown(octets, method, { branch, sentBy }, flow) {
      // Of one with a cookie nothing else is looked at: `serverKey`, without what it copies.
      if (branch.startsWith(MAGIC_COOKIE) && branch.length > MAGIC_COOKIE.length) {
        const source = flow.connection === 0 ? flow.remote.host : flow.connection;
        return table.hasServer(`${method} ${branch} ${sentBy} ${source}`);
      }
      // An element of RFC 2543, whose requests are known by all that is in them.
      const arrival = readMessage(flow, octets);
      return arrival.kind === "Request" && table.server(arrival.from) !== undefined;
    },
  };
}
