/**
 * The contact list of whoever asks, as one subscription: the states of all of them together.
 * RFC 4662. There are no subscriptions behind it, since all that it tells is known here.
 */
import { formatRlmi, type ListedResource, RLMI_TYPE } from "../documents/rlmi.ts";
import { fromText, type Octets } from "../grammar/octets.ts";
import { formatMultipart, type PartToWrite } from "../message/multipart.ts";
import type { ServiceHost } from "../roles/services.ts";
import type { EndReason } from "../usage/subscription-headers.ts";
import type { Contact, Contacts } from "./contact-list.ts";
import type { ListEntry, OpenEntry } from "./list-entry.ts";
import type { Listeners } from "./listeners.ts";
import { fitting, octetsInXml } from "./room.ts";
import type { Asked, ServedPackage, Source, SourceBody, SourceRefusal } from "./source.ts";

export interface ListPackageParts {
  readonly host: ServiceHost;
  /** The package whose states it tells: `presence`, and the type of its bodies. */
  readonly event: string;
  readonly type: string;
  /** Whom the list is reached by: `contacts`. */
  readonly name: string;
  readonly contacts: Contacts;
  /** Tells when an account's list is another. */
  readonly listeners: Listeners;
  readonly entry: OpenEntry;
}

const MULTIPART = "multipart/related";

export const listPackage = (parts: ListPackageParts): ServedPackage => ({
  event: parts.event,
  //= RFC 4662 §4.3
  //# An implementation compliant to this specification MUST support the multipart/related and
  //# application/rlmi+xml MIME types. These types MUST be included in an Accept header sent in a
  //# SUBSCRIBE message, in addition to any other types supported by the client (including any types
  //# required by the event package being used).
  accept: [MULTIPART],
  expiresSeconds: 3600,
  // All of them together, however many change.
  minGapMs: 1000,
  serves: (resource) => resource === parts.name,
  open: (asked, changed) => open(parts, asked, changed),
});

//= RFC 4662 §4.4
//# In many cases, each resource list is associated with a particular user (the one who created it
//# and manages the set of elements in it), and only that user will be allowed to subscribe.
function open(parts: ListPackageParts, asked: Asked, changed: () => void): Source | SourceRefusal {
  const { account } = asked.watcher;
  if (account === undefined) return { status: 403, why: "a contact list is its owner's alone" };
  return new ContactList(parts, asked, account, changed);
}

interface Row {
  readonly contact: Contact;
  /** Undefined for whom nothing can be known of here. */
  readonly entry: ListEntry | undefined;
  readonly cid: Octets;
}

class ContactList implements Source {
  //= RFC 4662 §4.1
  //# If the subscription is made to a URI that represents a list, the RLS will include "eventlist"
  //# in a "Require" header field of the response to the SUBSCRIBE, and in all NOTIFY messages
  //# within that subscription.
  readonly requires = ["eventlist"] as const;
  readonly #parts: ListPackageParts;
  readonly #asked: Asked;
  readonly #account: string;
  readonly #changed: () => void;
  readonly #rows = new Map<string, Row>();
  /** Those whose state has not been told. */
  readonly #dirty = new Set<string>();
  readonly #listener = () => {
    this.#fill();
    this.#isFull = false;
    this.#changed();
  };
  /** Whether the subscriber knows who is on the list. */
  #isFull = false;
  #lastVersion = -1;

  constructor(parts: ListPackageParts, asked: Asked, account: string, changed: () => void) {
    this.#parts = parts;
    this.#asked = asked;
    this.#account = account;
    this.#changed = changed;
    parts.listeners.add(account, this.#listener);
    this.#fill();
  }

  //= RFC 4662 §5.2
  //# The first NOTIFY sent in a subscription MUST contain full state, as must the first NOTIFY sent
  //# after receipt of a SUBSCRIBE request for the subscription.
  body(version: number, isWhole: boolean): SourceBody {
    const isFull = isWhole || !this.#isFull;
    if (isFull) for (const uri of this.#rows.keys()) this.#dirty.add(uri);
    //= RFC 4662 §4.5
    //# In particular, this means that RLSes MUST NOT send NOTIFY messages that do not contain RLMI
    //# for a subscription if they have previously sent NOTIFY messages in that subscription
    //# containing RLMI.
    this.#isFull = true;
    this.#lastVersion = version;
    const { parts, told } = this.#take(version);
    const { uri, names } = this.#names;
    // Of a list that is longer than a message, those that follow are told in parts.
    const isWithin =
      fitting([...this.#rows.values()], MAX_OCTETS, octetsOf).length === this.#rows.size;
    const shown = isFull && isWithin ? [...this.#rows.keys()] : [...told.keys()];
    const resources = shown.map((one) => told.get(one) ?? this.#unknown(one));
    const rlmi = formatRlmi({ uri, version, isFull, names, resources });
    return this.#multipart(rlmi, parts);
  }

  /** What did not arrive is told again. */
  told(version: number, status: number): void {
    if (version === this.#lastVersion && (status < 200 || status > 299)) this.#isFull = false;
  }

  /** A list that is too long for one NOTIFY takes several. */
  hasMore(): boolean {
    return this.#dirty.size > 0;
  }

  closed(reason: EndReason | "unreachable"): void {
    this.#parts.listeners.remove(this.#account, this.#listener);
    for (const { entry } of this.#rows.values()) entry?.close(reason);
    this.#rows.clear();
  }

  /** States that fit into one NOTIFY, which are told by that. */
  #take(version: number): {
    parts: readonly PartToWrite[];
    told: ReadonlyMap<string, ListedResource>;
  } {
    const parts: PartToWrite[] = [];
    const told = new Map<string, ListedResource>();
    let octets = 0;
    for (const uri of [...this.#dirty]) {
      if (parts.length >= MAX_STATES || octets >= MAX_OCTETS) break;
      this.#dirty.delete(uri);
      const row = this.#rows.get(uri);
      if (!row) continue;
      const { state, reason, said } = row.entry?.tell(version) ?? NOBODY;
      octets += octetsOf(row);
      //= RFC 4662 §5.5
      //# Finally, the "cid" attribute, which MUST be present if the "state" attribute is "active",
      //# identifies the section within the multipart/related body that contains the actual resource
      //# state.
      const instances = [{ id: "1", state, reason, cid: said && row.cid }];
      told.set(uri, { ...this.#unknown(uri), instances });
      if (!said) continue;
      parts.push(partOf(row.cid, said));
      octets += said.body.length;
    }
    return { parts, told };
  }

  //= RFC 4662 §4.5
  //# For any resource for which state information is not known, the corresponding "uri" attribute
  //# will be set appropriately, and no <instance> elements will be present for the resource.
  #unknown(uri: string): ListedResource {
    const name = this.#rows.get(uri)?.contact.name ?? "";
    return { uri, names: name === "" ? [] : [name], instances: [] };
  }

  //= RFC 4662 §5.1
  //# The root document of the multipart/related body MUST be a Resource List Meta-Information
  //# (RLMI) document.
  #multipart(rlmi: Octets, parts: readonly PartToWrite[]): SourceBody {
    const { ids } = this.#parts.host.endpoint;
    const boundary = ids.unique();
    const root = `${ids.unique()}@${this.#parts.host.domain}`;
    const first = partOf(root, { contentType: `${RLMI_TYPE};charset="UTF-8"`, body: rlmi });
    return {
      contentType: `${MULTIPART};type="${RLMI_TYPE}";start="<${root}>";boundary=${boundary}`,
      body: formatMultipart([first, ...parts], boundary),
    };
  }

  get #names(): { readonly uri: string; readonly names: readonly string[] } {
    return { uri: `sip:${this.#parts.name}@${this.#parts.host.domain}`, names: [] };
  }

  /** Takes in who is on the list now. */
  #fill(): void {
    const { contacts, host } = this.#parts;
    const wanted = new Map(
      contacts
        .of(this.#account)
        .slice(0, MAX_CONTACTS)
        .map((one) => [one.uri, one]),
    );
    for (const [uri, { entry }] of this.#rows) {
      if (wanted.has(uri)) continue;
      entry?.close("noresource");
      this.#rows.delete(uri);
      this.#dirty.delete(uri);
    }
    for (const [uri, contact] of wanted) {
      const known = this.#rows.get(uri);
      const cid = known?.cid ?? `${host.endpoint.ids.unique()}@${host.domain}`;
      this.#rows.set(uri, { contact, cid, entry: known ? known.entry : this.#entryOf(uri) });
    }
  }

  #entryOf(uri: string): ListEntry | undefined {
    const { host, entry } = this.#parts;
    const resource = host.names.userIn(fromText(uri));
    if (resource === undefined || !host.accounts.has(resource)) return undefined;
    return entry({ ...this.#asked, resource }, () => {
      this.#dirty.add(uri);
      this.#changed();
    });
  }
}

/** What it takes in the list itself. */
const octetsOf = ({ contact }: Row): number =>
  ROW_OCTETS + octetsInXml(contact.uri) + octetsInXml(contact.name);

const partOf = (cid: Octets, { contentType, body }: SourceBody): PartToWrite => ({
  headers: [
    ["Content-Transfer-Encoding", "binary"],
    ["Content-ID", `<${cid}>`],
    ["Content-Type", contentType],
  ],
  body,
});

/** Nobody here is called so. */
const NOBODY = { state: "terminated", reason: "noresource", said: undefined } as const;

const MAX_CONTACTS = 1000;
/** Parts of a body that everybody reads, one of them being the list itself. */
const MAX_STATES = 60;
const MAX_OCTETS = 20_000;
/** Elements, and the Content-ID. */
const ROW_OCTETS = 200;
