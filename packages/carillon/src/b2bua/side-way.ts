/**
 * How the requests of a dialog that ends at this server leave, and from where others are taken: one
 * side of a bridged call, or the caller of a test line. RFC 3261 §12.2, §18.
 *
 * Who has registered here is reached as the proxy reaches them: along the route that the dialog
 * has, or over their connection; where that fails, over the next flow on which their device has
 * registered, by its Path. Others are reached where they were, or along that route.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import { isPublicAddress } from "../locate/public-address.ts";
import { type Wanted, wantedByUri } from "../locate/wanted.ts";
import { parseMessage } from "../message/message.ts";
import { Pending } from "../roles/answer.ts";
import { isRegisteredOver } from "../roles/in-dialog.ts";
import type { Binding } from "../roles/location.ts";
import { sameContact } from "../roles/register.ts";
import { bindingFlow } from "../roles/target.ts";
import { type Flow, isSamePeer } from "../transport/flow.ts";
import { type Outgoing, OutgoingRequest, type RequestUser } from "../ua/outgoing-request.ts";
import { type Acknowledgement, nextHopOf, type Way } from "../ua/way.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { ackBy, type DialogWay, dialogWays, headersBy } from "./dialog-ways.ts";
import type { HouseAgent } from "./house-agent.ts";
import { type HouseFlow, houseContact } from "./house-flow.ts";
import { tryWays } from "./ways-tried.ts";

/** Where a side is, as far as that is known when its dialog begins. */
export interface SideWayParts {
  readonly agent: HouseAgent;
  /** The flow that its first request came on, or that ours goes over; undefined: by its URI. */
  readonly flow: Flow | undefined;
  /** The user part of our Contact there. */
  readonly user: Octets | undefined;
  /** Who it is, if it is somebody who lives here. */
  readonly account: string | undefined;
  /** Whether our Contact there has to be a SIPS URI. */
  readonly isSips?: boolean;
}

/** The way to one side. */
export class SideWay implements Way {
  readonly #parts: SideWayParts;
  #flow: Flow | undefined;
  /** By which way there was an answer last, where that is not the dialog's route. */
  #moved: DialogWay | undefined;
  /** Added to the BYE that ends the dialog: why, in the words of whoever ended the call. */
  farewell: Outgoing["headers"] = [];

  constructor(parts: SideWayParts) {
    this.#parts = parts;
    this.#flow = parts.flow;
  }

  /** With the user part that our Contact has there. */
  get flow(): HouseFlow | undefined {
    const { user, isSips = false } = this.#parts;
    return this.#flow && { ...this.#flow, user, isSips };
  }

  /** Who is there, if they live here. */
  get account(): string | undefined {
    return this.#parts.account;
  }

  send(what: Outgoing, user: RequestUser, nextSeq: () => number): OutgoingRequest | undefined {
    const [first, ...others] = this.#ways(what);
    if (!first) return undefined;
    const { agent } = this.#parts;
    return tryWays({
      ...{ endpoint: agent.endpoint, method: what.method, ways: [first, ...others], user },
      send: (way, hears) => this.#sendBy(way, what, hears, nextSeq),
      answered: (way) => {
        this.#moved = way.instead ? way : undefined;
      },
      via: (flow) => agent.via("ACK", flow),
    });
  }

  #sendBy(
    way: DialogWay,
    what: Outgoing,
    user: RequestUser,
    nextSeq: () => number,
  ): OutgoingRequest {
    const { agent, user: userPart, isSips = false } = this.#parts;
    const { endpoint } = agent;
    const via = (about: string, flow: Flow): Octets => {
      this.#flow = flow;
      return agent.via(about, flow);
    };
    const contact = (flow: Flow): Octets => {
      const ours: HouseFlow = { ...agent.host.shown(flow), user: userPart, isSips };
      return houseContact(ours);
    };
    const farewell = what.method === "BYE" ? this.farewell : [];
    const own = farewell.length > 0 ? withoutReason(what.headers, farewell) : what.headers;
    const [uri, headers] = [way.instead?.uri ?? what.uri, headersBy(way, own)];
    const told = { ...what, uri, headers, ...(what.contact && { contact }) };
    const how = { endpoint, to: way.to, credentials: undefined, nextSeq, via };
    return new OutgoingRequest(told, how, user);
  }

  acknowledge({ nextHop, compose }: Acknowledgement): () => void {
    const { agent } = this.#parts;
    const { endpoint } = agent;
    const moved = this.#moved;
    let again = (): void => {};
    const by = (flow: Flow): void => {
      const via = agent.via("ACK", flow);
      const usual = compose(via);
      const read = moved ? parseMessage(usual) : undefined;
      const isMoved = moved && read?.ok === true && read.value.kind === "Request";
      const octets = isMoved ? ackBy(moved, read.value, via) : usual;
      again = () => void endpoint.transmit(flow, octets);
      again();
    };
    const to = moved?.to ?? this.#hop({ uri: nextHop, headers: [] });
    if (to && "remote" in to) by(to);
    else if (to) {
      endpoint.servers.locate(to, (outcome) => {
        const [first] = outcome.kind === "Located" ? outcome.targets : [];
        const flow = first && endpoint.reach(first);
        if (flow) by(flow);
      });
    }
    return () => again();
  }

  isOver(flow: Flow): boolean {
    return this.#flow !== undefined && isSamePeer(this.#flow, flow);
  }

  leave(): boolean {
    return false;
  }

  /** Where it was: the same connection, or the same host; or where it has registered. */
  admits({ flow }: Incoming): boolean {
    const here = this.#flow;
    const isSame =
      here !== undefined &&
      here.connection === flow.connection &&
      here.remote.host === flow.remote.host;
    return isSame || this.#bindings.some((one) => isRegisteredOver(one, flow));
  }

  /** Whether that contact has a way to it that it registered over, whatever became of this one. */
  isRegisteredAt(contact: Octets): boolean {
    return this.#bindings.some((one) => sameContact(one.contact, contact));
  }

  /** It has shown who it is, and is there now. */
  moved(flow: Flow): void {
    this.#flow = flow;
  }

  /** Where the device is besides, for what is said in its dialog with this remote target. */
  othersTo(target: Octets): readonly DialogWay[] {
    return this.#waysTo(target, undefined, undefined);
  }

  #ways(what: Outgoing): readonly DialogWay[] {
    const own = this.#hop(what);
    if (isInitial(what)) return own ? [{ to: own }] : [];
    const isRouted = what.headers.some(([name]) => name === "Route");
    return this.#waysTo(what.uri, own, isRouted ? nextHopOf(what) : undefined);
  }

  #waysTo(
    target: Octets,
    own: Flow | Wanted | undefined,
    firstHop: Octets | undefined,
  ): readonly DialogWay[] {
    const { account, agent } = this.#parts;
    if (account === undefined) return own ? [{ to: own }] : [];
    const [bindings, moved] = [this.#bindings, this.#moved];
    return dialogWays({ host: agent.host, account, bindings, target, own, firstHop, moved });
  }

  /** For a request; `headers` have its Route. */
  #hop(what: Pick<Outgoing, "uri" | "headers">): Flow | Wanted | undefined {
    const hop = nextHopOf(what);
    const uri = parseSipUri(hop);
    if (!uri.ok) return undefined;
    const found = wantedByUri(uri.value, uri.value.scheme === "sips");
    const wanted = this.#isOutside ? { ...found, publicOnly: true } : found;
    const { endpoint } = this.#parts.agent;
    const isRouted = what.headers.some(([name]) => name === "Route");
    // The Path of whoever is called: the proxy has found the way to its first hop.
    if (this.#flow && isRouted && isInitial(what)) return this.#flow;
    if (!this.#flow || isRouted) return this.#open(uri.value.host) ?? wanted;
    const same = this.#bindings.find(({ contact }) => sameContact(contact, hop));
    const there = same ?? { contact: hop, flow: this.#flow };
    return bindingFlow(endpoint, there);
  }

  /**
   * Whether it is somebody on the internet, who does not live here: by what they say of where they
   * are this server must not be led into its own network.
   */
  get #isOutside(): boolean {
    const here = this.#flow;
    return this.account === undefined && here !== undefined && isPublicAddress(here.remote.host);
  }

  /** The connection to the first server on the route, while that is the one it came from. */
  #open(host: string): Flow | undefined {
    const { endpoint } = this.#parts.agent;
    const flow = this.#flow;
    if (!flow || flow.connection === 0 || flow.remote.host !== host) return undefined;
    return endpoint.connection(flow.connection);
  }

  /** Where it has registered, if that is known at once. */
  get #bindings(): readonly Binding[] {
    const { account, agent } = this.#parts;
    if (account === undefined) return [];
    const found = agent.host.location.bindings(account, agent.endpoint.now);
    return found instanceof Pending ? [] : found;
  }
}

const isInitial = ({ headers }: Pick<Outgoing, "headers">): boolean =>
  headers.some(([name, value]) => name === "To" && !/;\s*tag=/i.test(value));

/** What we say of why takes the place of what the machine would. */
const withoutReason = (
  headers: Outgoing["headers"],
  farewell: Outgoing["headers"],
): Outgoing["headers"] => [...headers.filter(([name]) => name !== "Reason"), ...farewell];
