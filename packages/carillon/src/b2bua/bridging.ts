/**
 * The back-to-back agent of a domain: bridges where two devices do not understand each other, and
 * owns the dialogs of those calls. It is a service of the domain, for what comes in its dialogs,
 * and its bridge, for the branches of calls.
 */

import { requestUri } from "../dialog/request-uri.ts";
import { isCarillon } from "../documents/bridge-told.ts";
import { header } from "../message/headers.ts";
import type { Message, Response } from "../message/message.ts";
import type { Ended } from "../roles/branch.ts";
import type { Bridge, BridgeAsked } from "../roles/bridge.ts";
import type { Calls } from "../roles/calls-told.ts";
import type { Service, ServiceHost } from "../roles/services.ts";
import { type Flow, isWebSocket } from "../transport/flow.ts";
import { descriptionIn } from "../ua/described.ts";
import { makeReliable } from "../ua/reliable-responses.ts";
import { timed } from "../ua/session-timer.ts";
import { gruuOf } from "../uri/gruu.ts";
import { parseNameAddr } from "../uri/name-addr.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import { spoken } from "./bridge-words.ts";
import { BridgedCall } from "./bridged-call.ts";
import type { BridgedCallUser } from "./bridged-call-parts.ts";
import { CallTransfers } from "./call-transfers.ts";
import { ConnectedCall, type Connecting, type ConnectOptions } from "./connected-call.ts";
import { descriptionKind, descriptionManner } from "./description-kind.ts";
import { DeviceMemory, type KnownDevice } from "./device-memory.ts";
import { HouseAgent } from "./house-agent.ts";
import { isFromAgent, isInnerLine } from "./inner-line.ts";
import type { JoinedCall, Talking } from "./joined-call.ts";
import { tellKey } from "./keys-across.ts";
import { type BridgedStore, endLeft, savedEnd } from "./left-calls.ts";
import { LoopTable } from "./loop-table.ts";
import { MappedIds, type NamedBy } from "./mapped-ids.ts";
import type {
  Described,
  MediaEngine,
  MediaEvent,
  OwnAddress,
  Side,
  SideTransport,
} from "./media-engine.ts";
import {
  type BridgeMode,
  bridgeNeed,
  deviceTransports,
  isBehindNat,
  transportOf,
  wayToDevice,
} from "./need.ts";
import type { RecordAsked, RecordOptions } from "./recorded-call.ts";
import { Recordings } from "./recordings.ts";
import { takePlace } from "./taken-place.ts";

/** What a domain's bridging is made of. */
export interface BridgingOptions {
  /** Who moves the packets. Its `onevent` is set by this. */
  readonly engine: MediaEngine;
  /** When calls are bridged; looked at for each branch. `auto` if left out. */
  readonly mode?: () => BridgeMode;
  /**
   * An IP address of ours as whoever is behind this flow sees it, for their media; the flow's own
   * if left out.
   */
  readonly addressOn?: (flow: Flow) => OwnAddress;
  /**
   * Whether whoever is behind this WebSocket is certainly no browser, whose handshake has an Origin
   * (RFC 6455 §4.1): it is called as a desk phone is, until it has been heard. Nobody is if left
   * out.
   */
  readonly isNoBrowser?: (flow: Flow) => boolean;
  /** Hears of the ends of bridged calls, which no proxied BYE tells of. */
  readonly calls?: Pick<Calls, "began" | "ended" | "refreshed" | "rated">;
  /**
   * Where calls are kept, so that both sides of those that die with the program are told by the
   * next one; an engine whose media go on without it wants none. Nowhere if left out.
   */
  readonly kept?: BridgedStore;
  /** Hears of each bridge: called on the path of a request, it may not throw. */
  readonly log?: (entry: BridgeEntry) => void;
}

/** Something happened to a bridged call, for an operator's log. */
export interface BridgeEntry {
  /** `Bridged`: both talk, or talk anew. `Parted`: it is over. `Lost`: its worker is gone. */
  readonly kind: "Bridged" | "Parted" | "Lost";
  /** The Call-ID on the caller's side. */
  readonly callId: string;
  /** In words: what each side speaks, or why it ended. */
  readonly why: string;
}

/** A bridged call, as an operator sees it. */
export interface BridgeView {
  /** The engine's name for it: `statistics` of the engine takes it. */
  readonly id: string;
  /** The Call-ID on the caller's side. */
  readonly callId: string;
  /** The URI in From. */
  readonly caller: string;
  /** The URI in To. */
  readonly called: string;
  /** Why it is bridged, as a person reads it. */
  readonly why: string;
  /** When the INVITE came, in ms of the endpoint's clock. */
  readonly since: number;
  /** What is agreed on; undefined while it rings. */
  readonly media: Described["sides"] | undefined;
  /** What is said is written to a file. */
  readonly isRecorded: boolean;
  /** Call-IDs of all of its dialogs, `callId` among them. */
  readonly dialogs: readonly string[];
}

/** For `services` and `bridge` of a domain, both. */
export interface Bridging extends Service, Bridge {
  /**
   * Calls two people, one after the other, and has them talk to each other (RFC 3725): to be called
   * in a turn of the endpoint, which has to be one of `createInnerLineEndpoint`. Throws a
   * RangeError on what is no SIP URI, and an Error on another endpoint.
   */
  connect(options: ConnectOptions): Connecting;
  /**
   * Records a call that talks, by `id` of its view, and tells both of it (RFC 7866 §6.1.2): to be
   * called in a turn of the endpoint. An engine that cannot says so as the first word heard.
   */
  record(id: string, options: RecordOptions): RecordAsked;
  /** Ends a recording, whose files are told once they are whole. False: there was none. */
  stopRecording(id: string): boolean;
  /** The calls that go through here: bridged ones, and those of `connect`. */
  list(): readonly BridgeView[];
  /** How much is kept, for metrics: dialogs and sessions, calls, devices that are remembered. */
  census(): { readonly sessions: number; readonly calls: number; readonly devices: number };
}

/** Makes it. */
export const bridging = (options: BridgingOptions): Bridging => new HouseBridging(options);

interface Known {
  readonly call: BridgedCall;
  readonly since: number;
  media: Described["sides"] | undefined;
}

class HouseBridging implements Bridging {
  /** It takes INVITEs that are about its calls, and nothing else from outside of dialogs. */
  readonly methods: readonly string[] = ["INVITE"];
  readonly #options: BridgingOptions;
  readonly #devices = new DeviceMemory();
  readonly #calls = new Map<string, Known>();
  readonly #connected = new Map<string, ConnectedCall>();
  readonly #recordings = new Recordings();
  readonly #ids = new MappedIds();
  readonly #loops = new LoopTable();
  #agent!: HouseAgent;
  #transfers!: CallTransfers;

  constructor(options: BridgingOptions) {
    this.#options = options;
  }

  attach(host: ServiceHost): void {
    this.#agent = new HouseAgent(host);
    makeReliable(this.#agent.abilities);
    timed(this.#agent.abilities);
    this.#agent.mediaAddressOn = (flow) => this.#addressOn(flow);
    this.#transfers = new CallTransfers({
      ...{ agent: this.#agent, ids: this.#ids },
      calls: () => [
        ...[...this.#calls.values()].map(({ call }) => call),
        ...this.#connected.values(),
      ],
      joined: this.#joined,
    });
    this.#options.engine.onevent = (event) => this.#happened(event);
    // In the first turn: time has to be known.
    host.endpoint.later(() => this.#endLeft(host));
  }

  /** Those that an earlier run left. */
  #endLeft(host: ServiceHost): void {
    const { kept, calls } = this.#options;
    for (const one of kept?.all() ?? []) {
      const { id, callId, callerTag } = one;
      calls?.ended({ callId, callerTag, at: host.endpoint.now, by: "server" });
      endLeft(host, one, () => kept?.remove(id));
    }
  }

  /** Once both have heard of it. */
  #keep(call: BridgedCall): void {
    const { caller, device } = call.talking ?? {};
    const { kept } = this.#options;
    if (!kept || !caller || !device || !this.#calls.has(call.id)) return;
    const ends = [caller, device].flatMap((end) => savedEnd(end) ?? []);
    kept.save({ id: call.id, ...call.name, ends });
  }

  // ---- Service ---------------------------------------------------------------------------------

  take: Service["take"] = (asked) => {
    const named = (dialog: NamedBy) => this.#transfers.named(dialog);
    return takePlace({ agent: this.#agent, named, joined: this.#joined }, asked);
  };

  inOwnDialog: NonNullable<Service["inOwnDialog"]> = (from) => this.#agent.inOwnDialog(from);
  inDialog: NonNullable<Service["inDialog"]> = (asked) => this.#agent.inDialog(asked);
  ack: NonNullable<Service["ack"]> = (from) => this.#agent.acknowledged(from);
  closed: NonNullable<Service["closed"]> = (flow) => this.#agent.closed(flow);
  registered: NonNullable<Service["registered"]> = (account) => this.#agent.registered(account);

  // ---- Bridge ----------------------------------------------------------------------------------

  vouches: NonNullable<Service["vouches"]> = (from) => this.#agent.vouches(from);

  instead(asked: BridgeAsked): Ended | undefined {
    const { from, decided } = asked;
    // The agent's own calls end in it on one side already.
    if (isFromAgent(from.flow)) return undefined;
    this.#heardCaller(asked);
    const need = bridgeNeed({
      mode: this.#options.mode?.() ?? "auto",
      offer: descriptionIn(from.request),
      ...{
        caller: from.flow,
        device: wayToDevice(asked),
        uri: asked.uri,
        isDecided: decided !== undefined,
      },
      known: this.#knownOf(asked),
    });
    return (
      need && this.#ended(asked, need.why, this.#transports(asked), this.#isGuess(asked) ? -1 : 0)
    );
  }

  after(asked: BridgeAsked): Ended | undefined {
    if (this.#options.mode?.() === "never" || isFromAgent(asked.from.flow)) return undefined;
    const manner = descriptionManner(descriptionIn(asked.from.request));
    if (manner === undefined) return undefined;
    this.#devices.refuses(asked.callee, nameOfDevice(asked), manner);
    const why = "the two devices have no kind of voice in common";
    return this.#ended(asked, why, this.#transports(asked), 1);
  }

  #transports(asked: BridgeAsked): readonly SideTransport[] {
    return deviceTransports(wayToDevice(asked), this.#knownOf(asked));
  }

  /** Who calls will be called by its contact. */
  #heardCaller({ from: { request }, account }: BridgeAsked): void {
    const kind = descriptionKind(descriptionIn(request));
    const device = deviceIn(request);
    if (kind === undefined || account === undefined || device === undefined) return;
    this.#devices.offers(account, device, kind);
  }

  heard(asked: BridgeAsked, response: Response): void {
    const kind = descriptionKind(descriptionIn(response));
    if (kind !== undefined) this.#devices.speaks(asked.callee, nameOfDevice(asked), kind);
  }

  /** Nobody has heard this device say what it speaks, and nothing else wants a bridge. */
  #isGuess(asked: BridgeAsked): boolean {
    const { decided } = asked;
    const flow = wayToDevice(asked);
    const isAuto = (this.#options.mode?.() ?? "auto") === "auto" && decided === undefined;
    const { speaks, isNoBrowser } = this.#knownOf(asked);
    const isUnheard = speaks.size === 0 && isNoBrowser !== true;
    return isAuto && isUnheard && flow !== undefined && isWebSocket(flow);
  }

  #addressOn(flow: Flow): OwnAddress {
    return this.#options.addressOn?.(flow) ?? { address: flow.local.host };
  }

  #knownOf(asked: BridgeAsked): KnownDevice {
    const { flow, path = [], callee, uri } = asked;
    const isWeb = flow !== undefined && path.length === 0 && isWebSocket(flow);
    const isNoBrowser = isWeb && (this.#options.isNoBrowser?.(flow) ?? false);
    const known = this.#devices.of(callee, nameOfDevice(asked));
    // Who has never said its instance in a Contact is known by its address.
    const isNew = known.speaks.size + known.refuses.size === 0;
    return { ...(isNew ? this.#devices.of(callee, uri) : known), isNoBrowser };
  }

  /** `seqStep`: see `firstRequest`. */
  #ended(
    asked: BridgeAsked,
    why: string,
    [transport = "any", ...others]: readonly SideTransport[],
    seqStep: number,
  ): Ended {
    let isRefused = false;
    return {
      // Where the engine has refused, no other kind of description helps.
      misunderstood: () => {
        if (!isRefused) return [];
        // It was taken for a browser, as whatever is behind a WebSocket, and is none.
        if (transport === "webrtc" && this.#isGuess(asked)) return [asked.forwarded];
        return others.length > 0 ? [this.#ended(asked, why, others, seqStep + 1)] : [];
      },
      take: (user) => {
        const { from } = asked;
        const flow = wayToDevice(asked);
        const offer = descriptionIn(from.request);
        const call = new BridgedCall(
          {
            ...{ agent: this.#agent, engine: this.#options.engine, asked, why, seqStep },
            ids: this.#ids,
            loops: this.#loops,
            caller: { ...callerSide(asked, offer), ...this.#addressOn(from.flow) },
            device: {
              ...{ tag: "device", ...this.#addressOn(flow ?? from.flow) },
              ...{ transport, isBehindNat: true },
            },
            tells: {
              caller: isWebSocket(from.flow) || isOurs(from.request, "User-Agent"),
              device: flow !== undefined && isWebSocket(flow),
            },
            user: {
              ...this.#callUser,
              heard: (_, response) => {
                isRefused ||= response.status === 488 || response.status === 606;
                this.heard(asked, response);
              },
            },
          },
          user,
        );
        const since = this.#agent.endpoint.now;
        this.#calls.set(call.id, { call, since, media: undefined });
        call.begin();
        return call;
      },
    };
  }

  readonly #callUser: Omit<BridgedCallUser, "heard"> = {
    agreed: (call, described) => {
      const known = this.#calls.get(call.id);
      if (known) known.media = described.sides;
      this.#recordings.agreed(call.id);
      this.#agent.endpoint.later(() => this.#keep(call));
      const words = Object.values(described.sides).map(spoken).join(" - ");
      this.#log("Bridged", call, `${words}: ${call.parts.why}`);
    },
    refreshed: (call) => {
      this.#keep(call);
      this.#options.calls?.refreshed?.(this.#nameOf(call));
    },
    ended: (call, by) => {
      const who = by === "caller" ? "caller" : "callee";
      this.#options.calls?.ended({ ...this.#nameOf(call), by: who });
    },
    rated: (call) => this.#options.calls?.rated?.(call),
    gone: (call) => {
      this.#recordings.parted(call.id);
      this.#options.kept?.remove(call.id);
      if (this.#calls.delete(call.id)) this.#log("Parted", call, "it is over");
    },
  };

  #nameOf({ name }: BridgedCall) {
    return { ...name, at: this.#agent.endpoint.now };
  }

  #log(kind: BridgeEntry["kind"], { parts }: BridgedCall, why: string): void {
    this.#options.log?.({ kind, callId: parts.asked.from.essentials.callId, why });
  }

  connect(options: ConnectOptions): Connecting {
    const [agent, { engine }] = [this.#agent, this.#options];
    const agreed = ({ id }: ConnectedCall) => this.#recordings.agreed(id);
    const gone = ({ id }: ConnectedCall) => {
      this.#recordings.parted(id);
      this.#connected.delete(id);
    };
    const call = new ConnectedCall({ agent, engine, agreed, gone }, options);
    this.#connected.set(call.id, call);
    call.begin();
    return call;
  }

  /** Two talk who did not begin this call: for whoever watches, it is another one. */
  readonly #joined = ({ id }: JoinedCall, { caller, device }: Talking): void => {
    const known = this.#calls.get(id);
    const { flow } = device.way;
    // What the agent called for them went by the proxy, which has told of it.
    if (!known || (flow && isInnerLine(flow))) return;
    const { callId, remoteTag: callerTag, localTag: calleeTag } = caller.leg.dialog;
    const { now: at } = this.#agent.endpoint;
    known.call.rename({ callId, callerTag });
    const progress = this.#options.calls?.began?.({
      ...{ callId, callerTag, at, callerAccount: caller.account, callee: device.account },
      ...{ caller: uriIn(caller.who), callerName: "", called: uriIn(device.who) },
    });
    progress?.answered({ status: 200, calleeTag, sessionSeconds: undefined, endsHere: true, at });
  };

  // ---- what the engine says --------------------------------------------------------------------

  #happened(event: MediaEvent): void {
    switch (event.kind) {
      case "Lost":
        for (const id of event.calls) {
          this.#recordings.lost(id);
          this.#connected.get(id)?.lost(event.why);
          const known = this.#calls.get(id);
          if (!known) continue;
          this.#log("Lost", known.call, event.why);
          known.call.lost(event.why);
        }
        return;
      case "Dtmf":
        return this.#pressed(event);
      case "Recording":
      case "Recorded":
        return this.#recordings.happened(event);
      case "Failed":
        this.#connected.get(event.call)?.giveUp(488, event.why);
        return this.#calls.get(event.call)?.call.failed(event.why);
    }
  }

  /** Media could not say it there, or a browser has, which does not tell its page. */
  #pressed({ call, tag, tone, durationMs, isUnsaid }: Pressed): void {
    const { talking } = this.#calls.get(call)?.call ?? this.#connected.get(call) ?? {};
    const { caller, device } = talking ?? {};
    const to = (caller?.tag === tag ? caller : device)?.opposite;
    if (!to || to.tag === tag || to.leg.standing !== "Confirmed") return;
    if (isUnsaid || to.side.transport === "webrtc") tellKey(to.leg.parts, { tone, durationMs });
  }

  // ---- for operators ---------------------------------------------------------------------------

  record(id: string, options: RecordOptions): RecordAsked {
    const call = this.#calls.get(id)?.call ?? this.#connected.get(id);
    return this.#recordings.begin(call, options);
  }

  stopRecording(id: string): boolean {
    return this.#recordings.end(id);
  }

  list(): readonly BridgeView[] {
    const bridged = [...this.#calls.values()].map(({ call, since, media }) => {
      const { callId, from, to } = call.parts.asked.from.essentials;
      const { why } = call.parts;
      return { callId, caller: from.uri, called: to.uri, why, since, media, ...this.#seen(call) };
    });
    const connected = [...this.#connected.values()].map((call) => ({
      ...call.view,
      ...this.#seen(call),
    }));
    return [...bridged, ...connected];
  }

  #seen({ id, talking }: JoinedCall) {
    const { caller, device } = talking?.begun ? talking : {};
    const dialogs = [caller, device].flatMap((end) => end?.leg.dialog.callId ?? []);
    return { id, isRecorded: this.#recordings.has(id), dialogs: [...new Set(dialogs)] };
  }

  census(): ReturnType<Bridging["census"]> {
    const [sessions, devices] = [this.#agent.count, this.#devices.size];
    return { sessions, calls: this.#calls.size + this.#connected.size, devices };
  }
}

const callerSide = ({ from: { flow } }: BridgeAsked, offer: string): Omit<Side, "address"> => ({
  ...{ tag: "caller", transport: transportOf(offer, flow) },
  isBehindNat: isBehindNat(offer, flow),
});

/** What a device is remembered by: its instance, or its contact where it says none. */
const nameOfDevice = ({ device, uri }: BridgeAsked): string => device ?? uri;

/** The same of whoever sends this: by its Contact, which may be a GRUU. RFC 5627 §4.4. */
function deviceIn(message: Message): string | undefined {
  const contact = parseNameAddr(header(message, "Contact") ?? "");
  const uri = contact.ok ? parseSipUri(contact.value.uri) : contact;
  if (!contact.ok || !uri.ok) return undefined;
  const gruu = gruuOf(uri.value);
  return gruu?.kind === "public" ? `<${gruu.instance}>` : requestUri(contact.value.uri);
}

const isOurs = (message: Message, name: "User-Agent" | "Server"): boolean =>
  isCarillon(header(message, name) ?? "");

type Pressed = Extract<MediaEvent, { readonly kind: "Dtmf" }>;

/** The URI of a name-addr. */
function uriIn(who: string): string {
  const address = parseNameAddr(who);
  return address.ok ? address.value.uri : who;
}
