/**
 * The user agent inside of a domain's endpoint: dialogs that end at the server itself, on the
 * sockets that it has anyway. It is reached as a service of the domain is, once the domain knows
 * who sends; its sessions and dialogs are those of any phone. RFC 3261 §8, RFC 7092.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import { distinct } from "../endpoint/ids.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import { viaOf } from "../roles/path.ts";
import type { ServiceHost, ServiceRequest, Vouched } from "../roles/services.ts";
import type { Flow } from "../transport/flow.ts";
import { Agent } from "../ua/agent.ts";
import { IncomingSession } from "../ua/incoming-session.ts";
import { objection } from "../ua/objection.ts";
import type { Session } from "../ua/session.ts";
import type { DialogWay } from "./dialog-ways.ts";
import { houseContact } from "./house-flow.ts";
import { isFromAgent } from "./inner-line.ts";
import type { OwnAddress } from "./media-engine.ts";
import { SideWay } from "./side-way.ts";

/** Sessions at a time, ringing ones among them. */
const MAX_SESSIONS = 20_000;
/** As many may share a Call-ID and our tag: the branches of one fork. */
const MAX_ALIKE = 64;

/** An agent whose ways are those of a domain's server. */
export class HouseAgent extends Agent {
  readonly host: ServiceHost;
  /** The address of ours at which media of whoever is behind this flow come. */
  mediaAddressOn: (flow: Flow) => OwnAddress = ({ local }) => ({ address: local.host });
  readonly #house = new Map<string, Session[]>();
  readonly #all = new Set<Session>();
  /** INVITEs that began one, and what began of each. */
  readonly #begun = new Map<string, Session>();
  readonly #inviteOf = new WeakMap<Session, string>();
  /** By whose rights a call of ours goes into the domain, by its Call-ID. */
  readonly #rights = new Map<string, string | undefined>();

  constructor(host: ServiceHost) {
    super({ aor: `sip:${host.domain}` }, { ...NOBODY });
    this.host = host;
    this.attach(host.endpoint);
  }

  override attach(endpoint: Endpoint): void {
    this.endpoint = endpoint;
  }

  // ---- what it writes --------------------------------------------------------------------------

  override contactOn(flow: Flow | undefined): Octets {
    return flow ? houseContact(this.host.shown(flow)) : this.aor;
  }

  override addressOn(flow: Flow | undefined): Octets {
    return this.contactOn(flow);
  }

  override via(about: string, flow: Flow): Octets {
    return viaOf(this.host.shown(flow), this.endpoint.ids.branch(about));
  }

  // ---- its sessions ----------------------------------------------------------------------------

  /** How many there are. */
  get count(): number {
    return this.#all.size;
  }

  /** Whether there is room for another one. */
  get isFull(): boolean {
    return this.#all.size >= MAX_SESSIONS;
  }

  override get hasSessions(): boolean {
    return this.#all.size > 0;
  }

  override get isBusy(): boolean {
    return this.hasSessions;
  }

  override add(session: Session): void {
    if (this.#all.has(session)) return;
    const key = flat(keyOf(session.callId, session.localTag));
    const alike = this.#house.get(key) ?? [];
    this.#all.add(session);
    if (alike.length < MAX_ALIKE) this.#house.set(key, [...alike, session]);
  }

  override remove(session: Session): void {
    if (!this.#all.delete(session)) return;
    const invite = this.#inviteOf.get(session);
    if (invite !== undefined) this.#begun.delete(invite);
    const key = keyOf(session.callId, session.localTag);
    const left = (this.#house.get(key) ?? []).filter((one) => one !== session);
    if (left.length === 0) this.#house.delete(key);
    else this.#house.set(key, left);
  }

  /** Whether one of ours has these already. */
  has(callId: Octets, localTag: Octets): boolean {
    return this.#house.has(keyOf(callId, localTag));
  }

  /** Those that a request or an ACK may be of, by its Call-ID and tags. */
  sessionsOf({ essentials }: Pick<Incoming, "essentials">): readonly Session[] {
    const { callId, fromTag, toTag } = essentials;
    const alike = this.#house.get(keyOf(callId, toTag)) ?? [];
    return alike.filter((one) => one.legOf(fromTag) !== undefined);
  }

  // ---- calls that it begins itself -------------------------------------------------------------

  /** The call with this Call-ID is made by the rights of this account, until `spoken`. */
  speakFor(callId: Octets, account: string | undefined): void {
    this.#rights.set(callId, account);
  }

  /** It asks for nothing more. */
  spoken(callId: Octets): void {
    this.#rights.delete(callId);
  }

  /** In whose name a request on its own line is; undefined: it is not from here. */
  vouches({ flow, essentials }: Incoming): Vouched | undefined {
    const { callId } = essentials;
    if (!isFromAgent(flow) || !this.#rights.has(callId)) return undefined;
    return { account: this.#rights.get(callId) };
  }

  // ---- what comes ------------------------------------------------------------------------------

  /**
   * A request in a dialog from where its other side is: true, and it is dealt with. What comes from
   * elsewhere has to show who it is first.
   */
  inOwnDialog(from: Incoming): boolean {
    const session = this.sessionsOf(from).find(({ way }) => way.admits(from));
    session?.request(from);
    return session !== undefined;
  }

  /** The same from somebody who has shown who they are: they have moved. */
  inDialog({ from, account }: ServiceRequest): boolean {
    const ours = this.sessionsOf(from);
    const session = ours.find(({ way }) => way instanceof SideWay && isOf(way, account));
    if (!session) return false;
    if (session.way instanceof SideWay) session.way.moved(from.flow);
    session.request(from);
    return true;
  }

  /** An ACK; false if none of ours waits for it. */
  acknowledged(from: Incoming): boolean {
    const session = this.sessionsOf(from).find(({ way }) => way.admits(from));
    session?.ack(from);
    return session !== undefined;
  }

  /**
   * An INVITE for `user`, whose sender is known, becomes a session; undefined: it cannot, which
   * they have been told.
   */
  begin({ from, account, user }: ServiceRequest): IncomingSession | undefined {
    const { endpoint } = this;
    const refusal = objection(from, user ?? "", this, false);
    if (refusal) return void endpoint.reply(from, refusal);
    if (this.isMerged(from)) return void endpoint.reply(from, { status: 482 });
    if (this.isFull) return void endpoint.reply(from, FULL);
    const { flow } = from;
    const isSips = /^sips:/i.test(from.request.uri);
    const way = new SideWay({ agent: this, flow, user, account, isSips });
    const session = IncomingSession.begin(this, from, way);
    if (!session) return undefined;
    const key = flat(inviteKey(from));
    this.#begun.set(key, session);
    this.#inviteOf.set(session, key);
    return session;
  }

  //= RFC 3261 §8.2.2.2
  //# If the request has no tag in the To header field, the UAS core MUST check the request against
  //# ongoing transactions.
  /** Whether this INVITE came another way already, and what it began is not over. */
  isMerged(from: Incoming): boolean {
    return this.#begun.has(inviteKey(from));
  }

  /** A connection is gone: whoever was behind it is silent until they are back. */
  override closed(flow: Flow): void {
    for (const one of [...this.#all]) {
      if (!one.way.isOver(flow) || isElsewhere(one)) continue;
      const [other] = waysLeft(one);
      // It was a server's between us: whatever is said next takes the other one.
      if (other?.instead?.path.length) continue;
      one.cutOff(GONE);
      if (other) one.back?.();
    }
  }

  /** Somebody has registered: their calls go on. */
  registered(account: string): void {
    for (const one of [...this.#all]) {
      if (one.way instanceof SideWay && one.way.account === account) one.back?.();
    }
  }
}

const keyOf = (callId: Octets, localTag: Octets): string => `${callId} ${localTag}`;
const inviteKey = ({ essentials: { callId, fromTag, cseq } }: Incoming): string =>
  distinct([callId, fromTag, `${cseq.number}`]);
/** A trusted place and a partner's server speak for whoever is behind them. */
const isOf = (way: SideWay, account: string | undefined): boolean => way.account === account;

/**
 * A phone on UDP whose INVITE was too large for a datagram: nobody needs the connection that it
 * came over once it idles.
 */
const isElsewhere = ({ way, leg }: Session): boolean =>
  way instanceof SideWay && leg !== undefined && way.isRegisteredAt(leg.dialog.remoteTarget);

/** The other flows of the device that is there. */
const waysLeft = ({ way, leg }: Session): readonly DialogWay[] =>
  way instanceof SideWay && leg !== undefined ? way.othersTo(leg.dialog.remoteTarget) : [];

const NOBODY = {
  ...{ called() {}, opened() {}, notOpened() {}, cutOff() {}, idle() {} },
};
const FULL = { status: 503, headers: [["Retry-After", "10"]] } as const;
const GONE = "The connection to the other side is gone.";
