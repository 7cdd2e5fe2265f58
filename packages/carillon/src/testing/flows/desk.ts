/** A device that does what phones do not: its requests and refusals are in the hands of a flow. */
import { addressRequest, type Dialog } from "../../dialog/dialog.ts";
import { createEndpoint } from "../../endpoint/endpoint.ts";
import type { Incoming } from "../../endpoint/incoming.ts";
import { flat } from "../../grammar/octets.ts";
import { composeRequest } from "../../message/compose.ts";
import type { Response } from "../../message/message.ts";
import { Agent } from "../../ua/agent.ts";
import { Call, type CallParts } from "../../ua/call.ts";
import {
  type Credentials,
  PasswordCredentials,
  type Refused,
  type Shown,
} from "../../ua/credentials.ts";
import type { IncomingSession } from "../../ua/incoming-session.ts";
import type { MediaSession } from "../../ua/media.ts";
import type { Outgoing, RequestUser } from "../../ua/outgoing-request.ts";
import { OutgoingSession } from "../../ua/outgoing-session.ts";
import { PhoneCalls } from "../../ua/phone-calls.ts";
import { Queue } from "../../ua/replay.ts";
import type { Session, SessionUser } from "../../ua/session.ts";
import { dialogOf } from "../../ua/usable-dialog.ts";
import type { Address } from "../../uri/host.ts";
import { registerRequest } from "../../usage/register-request.ts";
import type { Host } from "../network.ts";
import { silentMedia } from "../silent-media.ts";
import type { FlowStage, Party } from "./flow-stage.ts";
import { without } from "./older-device.ts";

export interface DeskOptions {
  readonly user: string;
  readonly address: string;
  /** What its host is called; as the user if left out. */
  readonly name?: string;
  /** Whom it sends everything to; the house's server if left out. */
  readonly peer?: string;
  /** What it does with calls that nobody listens for; 480 if left out. */
  readonly refusal?: number;
  /** How it begins a call; as phones do if left out. */
  readonly start?: StartCall;
  /** An extension that it has never heard of. */
  readonly without?: string;
  /** Who may ask for its password, which is the same everywhere; the house if left out. */
  readonly realms?: readonly string[];
}

/** A password for each of several realms. */
class KeyRing implements Credentials {
  readonly #keys: readonly Credentials[];

  constructor(keys: readonly Credentials[]) {
    this.#keys = keys;
  }

  upFront(): undefined {
    return undefined;
  }

  answer(refused: Refused, done: (shown: Shown | undefined) => void): void {
    let found: Shown | undefined;
    for (const key of this.#keys) {
      key.answer(refused, (shown) => {
        found ??= shown;
      });
    }
    done(found);
  }
}

/** Sends an INVITE for this description, or however else a call begins. */
export type StartCall = (
  agent: Agent,
  target: string,
  description: string,
  user: SessionUser,
) => Session;

export class Desk implements Party {
  readonly agent: Agent;
  readonly host: Host;
  /** Without a server it is called at its address. */
  readonly aor: string;
  readonly #stage: FlowStage;
  readonly #start: StartCall;
  readonly #listeners = new Set<Queue<Call>>();
  readonly #phone: PhoneCalls;
  #dialog: Dialog | undefined;
  /** Of all requests that are made by hand here. */
  #seq = 0;

  constructor(stage: FlowStage, options: DeskOptions) {
    const { user, address, name = user, peer, refusal = 480, realms = ["house.example"] } = options;
    const { crypto } = stage.network;
    const local: Address = { host: address, port: 5060 };
    const remote = peer === undefined ? stage.home.server.address : { host: peer, port: 5060 };
    this.#stage = stage;
    this.#start = options.start ?? ((...call) => new OutgoingSession(...call));
    this.aor = `sip:${user}@${peer === undefined ? "house.example" : address}`;
    this.agent = new Agent(
      { aor: `sip:${user}@house.example` },
      {
        called: (session, from) => this.#called(session, from, refusal),
        ...{ opened() {}, notOpened() {}, cutOff() {}, idle() {} },
      },
    );
    this.#phone = new PhoneCalls(this.agent, {
      media: () => silentMedia(address),
      now: () => this.host.now(),
      inTurn: (run) => this.host.call(run),
      isClosing: () => false,
    });
    this.agent.credentials = new KeyRing(
      realms.map((realm) => new PasswordCredentials(crypto, user, `${user[0]} secret`, realm)),
    );
    const role = options.without ? without(options.without, this.agent) : this.agent;
    const endpoint = createEndpoint({ role, crypto });
    this.host = stage.network.host(name, local, endpoint);
    this.agent.flow = { transport: "UDP", local, remote, connection: 0 };
    stage.watched.set(this.host, 0);
  }

  /** One that the server knows, preferred by as much where its person has several. */
  static async registered(stage: FlowStage, options: DeskOptions, q = 1): Promise<Desk> {
    const desk = new Desk(stage, options);
    const { user, address } = options;
    await desk.register([["Contact", `<sip:${user}@${address}:5060>;q=${q}`]]);
    return desk;
  }

  /** Calls somebody. */
  call(target: string): Call {
    return Call.outgoing(this.#parts(target), { audio: true, video: false }, (offer, user) =>
      this.#start(this.agent, target, offer, user),
    );
  }

  calls(): AsyncIterableIterator<Call> {
    const queue = new Queue<Call>((one) => this.#listeners.delete(one));
    this.#listeners.add(queue);
    return queue;
  }

  #called(session: IncomingSession, from: Incoming, refusal: number): void {
    if (this.#listeners.size === 0) return session.reject(refusal);
    this.#dialog = dialogOf(from, session.localTag);
    const parts = this.#parts(flat(from.essentials.from.uri));
    const call = Call.incoming(parts, session, from.request);
    session.ring();
    for (const queue of this.#listeners) queue.push(call);
  }

  #parts(uri: string): CallParts<MediaSession> {
    const { host, agent } = this;
    return {
      ...{ id: agent.endpoint.ids.unique(), peer: { uri, displayName: "" } },
      media: () => silentMedia(host.address.host),
      now: () => host.now(),
      inTurn: (run) => host.call(run),
      phone: this.#phone,
    };
  }

  /** A REGISTER with these headers, until there is an answer to it; signed if it has to be. */
  async register(headers: Outgoing["headers"]): Promise<Response> {
    const { aor, contact } = this.agent;
    const registrant = { aor, callId: `${contact.slice(4)}-register`, fromTag: "desk" };
    const { uri, headers: fetching } = registerRequest(registrant, { kind: "Fetch" }, 0);
    const usual = fetching.filter(([name]) => name !== "CSeq");
    return await this.#answerTo({ method: "REGISTER", uri, headers: [...usual, ...headers] });
  }

  /** A new offer in the dialog of the last call that came in, with media at this address. */
  async offerAgain(address: string): Promise<Response> {
    if (!this.#dialog) throw new RangeError("nobody has called");
    const { agent } = this;
    const dialog = this.#dialog;
    const { uri, headers } = addressRequest(dialog, "INVITE", 0);
    const others = headers.filter(([name]) => name !== "CSeq");
    const body = await silentMedia(address).offer();
    const told: Outgoing["headers"] = [
      ["Contact", `<${agent.contact}>`],
      ["Content-Type", "application/sdp"],
    ];
    const what = { method: "INVITE", uri, headers: [...others, ...told], body };
    return await this.#answerTo(what, () => this.#acknowledge(dialog));
  }

  /** The number is that of the INVITE, which was our last request. */
  #acknowledge(dialog: Dialog): void {
    const { uri, headers } = addressRequest(dialog, "ACK", this.#seq);
    this.agent.wayOut().acknowledge({
      nextHop: uri,
      compose: (via) => composeRequest("ACK", uri, [["Via", via], ...headers]).text,
    });
  }

  /** Sends it until there is a final answer; each 2xx that comes is told. */
  async #answerTo(what: Outgoing, accepted?: () => void): Promise<Response> {
    for (;;) {
      const answer = Promise.withResolvers<Response | undefined>();
      const user: RequestUser = {
        response: (response) => {
          if (response.status >= 200) answer.resolve(response);
          if (response.status >= 200 && response.status < 300) accepted?.();
        },
        failed: () => answer.resolve(undefined),
      };
      this.host.call(() => void this.agent.send(what, user, () => ++this.#seq));
      const response = await this.#stage.network.until(answer.promise, 200_000);
      if (response) return response;
      this.#stage.again++;
    }
  }
}
