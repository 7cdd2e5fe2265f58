/**
 * What a phone can do beside the least: calls, registration and messages are always there, and all
 * else is put in here by functions that take a phone, so that a page has no more than it asks for.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Message, Request, Response } from "../message/message.ts";
import type { UriRequest } from "../message/request-of-uri.ts";
import type { ReliabilityAsked } from "../usage/reliable-provisional.ts";
import type { Answering } from "./answering.ts";
import type { DtmfParts, TellKey } from "./call-dtmf.ts";
import type { Peer } from "./call-state.ts";
import { descriptionIn } from "./described.ts";
import type { DialogSide } from "./dialog-side.ts";
import type { Elsewhere, ElsewhereUser } from "./elsewhere.ts";
import type { LegParts } from "./leg-parts.ts";
import type { LegUser } from "./leg-user.ts";
import type { Reception } from "./new-request.ts";
import { oneServer } from "./one-server.ts";
import { plainRequestOf, type RequestOf } from "./plain-request.ts";
import type { InviteServer } from "./received-invite.ts";
import { NOTHING_MORE, type ReadRegistered } from "./registrar-more.ts";
import type { CallEnd } from "./sip-error.ts";
import { type Timing, UNTIMED } from "./timing.ts";
import type { Trickle } from "./trickle.ts";

/** Something that shares the dialog of a call with its session. RFC 5057. */
export interface DialogUse {
  /** It needs the dialog no longer, and goes on in it no more once the session is over. */
  readonly isIdle: boolean;
  /**
   * A request of this dialog, of a method in `Abilities.methods`. False: it is not for this one.
   */
  request(from: Incoming): boolean;
}

/** Provisional responses to one INVITE that the other side has to acknowledge. RFC 3262. */
export interface Reliable {
  /** Says how far the call is; with a description, which is our answer or our offer. */
  send(status: number, description: string, beside?: BesideProgress): boolean;
  /** Calls `send` once a 2xx may go out. */
  whenHeard(send: () => void): void;
  /** A PRACK in the dialog. */
  prack(from: Incoming): void;
  /** The INVITE was refused; `over` is called once no PRACK can come any more. */
  stop(status: number, over: () => void): void;
}

/** Candidates that follow descriptions. RFC 8840. */
export interface Trickling {
  /** What INVITEs, UPDATEs and their responses say of it; `request` is answered. */
  headers(request?: Request): readonly HeaderField[];
  /** `by`: whose INVITE makes the dialog. `user` hears of their fragments. */
  begin(side: DialogSide, by: "Local" | "Remote", user: Pick<LegUser, "fragment">): Trickle;
}

/** What goes out in a 183 beside the call's own descriptions, and is acknowledged. RFC 3959. */
export interface BesideProgress {
  readonly headers: readonly HeaderField[];
  readonly body: Octets;
  /** Whether whoever sent this INVITE takes such. */
  isFor(invite: Request): boolean;
  acknowledged(prack: Request): void;
}

/** Sends a PRACK with this body. */
type SendPrack = (headers: readonly HeaderField[], body: Octets) => void;

export class Abilities {
  /** Methods that calls' dialogs share, each with the answer to what nobody takes of it. */
  readonly methods: Map<string, (request: Request) => Reply> = new Map();
  /** What takes such a method outside of dialogs. */
  readonly outside: Map<string, (from: Incoming, reception: Reception) => void> = new Map();
  /** Made for every dialog of a call. */
  readonly uses: ((parts: LegParts, idle: () => void) => DialogUse)[] = [];
  /** Extensions that INVITEs and responses list in Supported. RFC 3261 §20.37. */
  readonly extensions: string[] = [];
  /** Those that responses alone list: INVITEs are long enough. */
  readonly quietExtensions: string[] = [];
  /** What is asked of every request before it is looked at. */
  readonly objections: ((request: Request) => Reply | undefined)[] = [];
  /** INVITEs that are about something else than a call for whoever is here: true takes it. */
  readonly invited: ((from: Incoming, reception: Reception) => boolean)[] = [];
  /** How an INVITE is to be answered, where that is not for a person to say. RFC 5373. */
  answering: ((invite: Request, caller: Peer) => Answering) | undefined;
  /** The request that a URI asks for. RFC 3261 §19.1.5. */
  requestOf: RequestOf = plainRequestOf;
  /** Where a call goes that a 3xx sends elsewhere. RFC 3261 §8.1.3.4. */
  elsewhere: ((first: UriRequest, user: ElsewhereUser) => Elsewhere) | undefined;
  /** Its server is asked to know the device by its name, where it has one. RFC 5626, RFC 5627. */
  isNamed = false;
  /** What a registrar's answer says beside the time. RFC 5626, RFC 5627, RFC 3608, RFC 8599. */
  registered: ReadRegistered = () => NOTHING_MORE;
  /** What a REGISTER has as its Contact. RFC 8599 §4.1.1. */
  contact: (uri: Octets) => Octets = (uri) => `<${uri}>`;
  /** Has a flow to a server of several. */
  connect: typeof oneServer = oneServer;
  /** Session timers. RFC 4028. */
  timing: Timing = UNTIMED;
  trickle: Trickling | undefined;
  /** The session description in a message; empty where there is none. */
  descriptionIn: (message: Message) => string = descriptionIn;
  /** Answers what else a reliable response has, in its PRACK beside this answer. RFC 3959. */
  besidePrack:
    | ((parts: LegParts, response: Response, answer: Octets, send: SendPrack) => void)
    | undefined;
  /** What a refusal says of where more is to be had. RFC 3261 §20.18. */
  moreAt: ((response: Response) => Pick<CallEnd, "moreAt">) | undefined;
  /** Makes reliable provisional responses, where an INVITE takes them. */
  reliable:
    | ((
        parts: LegParts,
        server: InviteServer,
        asked: ReliabilityAsked,
        unheard: () => void,
      ) => Reliable | undefined)
    | undefined;
  /** Says keys where media cannot: made for a call that has to. */
  tellKeys: ((call: DtmfParts) => TellKey) | undefined;
}
