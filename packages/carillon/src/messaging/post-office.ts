/** What all parts of the messages have in common: the server, its journals, and who is who. */

import { fromText, type Octets } from "../grammar/octets.ts";
import type { ServiceHost, ServiceRequest } from "../roles/services.ts";
import { addressElsewhere, addressIn, madeUpId } from "./addresses.ts";
import type { Journals } from "./journals.ts";

/** Who sends something. */
export interface Sender {
  /** As journals have it. */
  readonly address: string;
  /** Undefined where they live elsewhere. */
  readonly account: string | undefined;
}

export class PostOffice {
  readonly host: ServiceHost;
  readonly journals: Journals;

  constructor(host: ServiceHost, journals: Journals) {
    this.host = host;
    this.journals = journals;
  }

  /** The address of an account or a group here. */
  addressOf(name: string): string {
    return addressIn(this.host.domain, name);
  }

  /** The name in an address of this domain, whether there is such an account or not. */
  nameIn(address: string): string | undefined {
    return this.host.names.userIn(fromText(address));
  }

  /** The account that lives at an address, if any does here. */
  accountAt(address: string): string | undefined {
    const name = this.nameIn(address);
    return name !== undefined && this.host.accounts.has(name) ? name : undefined;
  }

  /** An address in another domain; undefined for one of ours, and for what is none. */
  elsewhere(uri: Octets): string | undefined {
    const address = addressElsewhere(uri);
    return address !== undefined && this.nameIn(address) === undefined ? address : undefined;
  }

  /** Undefined where From says nobody. A trusted place speaks for whoever it names. */
  senderOf({ account, from }: ServiceRequest): Sender | undefined {
    if (account !== undefined) return { account, address: this.addressOf(account) };
    const { uri } = from.essentials.from;
    const name = this.host.names.userIn(uri);
    if (name !== undefined) {
      return this.host.accounts.has(name)
        ? { account: name, address: this.addressOf(name) }
        : undefined;
    }
    const address = addressElsewhere(uri);
    return address === undefined ? undefined : { address, account: undefined };
  }

  /**
   * For a message without a Message-ID: the same each time this request comes, also to a server
   * that was started anew meanwhile.
   */
  idFor({ from }: ServiceRequest): string {
    const { callId, fromTag, cseq } = from.essentials;
    const parts = ["a message", callId, fromTag, `${cseq.number}`];
    return madeUpId(this.host.endpoint.ids.macOf(parts));
  }
}
