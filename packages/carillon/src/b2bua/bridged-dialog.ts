/**
 * What one answer of the device makes: a dialog with it, and as soon as the caller hears of that,
 * one with the caller. Several, where whoever was called is several; one of them has the call.
 */
import type { Incoming } from "../endpoint/incoming.ts";
import { UNCONCERNED } from "../endpoint/server-transaction.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { header, headerLines } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import type { Leg } from "../ua/leg.ts";
import type { LegUser } from "../ua/leg-user.ts";
import type { BranchServer } from "./branch-server.ts";
import { CallSide } from "./call-side.ts";
import { CallerSide } from "./caller-side.ts";
import { carried } from "./carried-headers.ts";
import { DialogPair, type PairParts, type PairUser } from "./dialog-pair.ts";
import type { HouseAgent } from "./house-agent.ts";
import type { Side } from "./media-engine.ts";
import type { SideWay } from "./side-way.ts";

export interface BridgedDialogParts
  extends Pick<PairParts, "id" | "engine" | "turns" | "isOffered"> {
  readonly agent: HouseAgent;
  readonly server: BranchServer;
  readonly caller: { readonly side: Side; readonly way: SideWay };
  readonly device: { readonly side: Side; readonly way: SideWay; readonly leg: () => Leg };
  readonly hide: boolean;
  readonly user: PairUser & {
    /** A dialog of it is over and forgotten. */
    gone(): void;
  };
}

/** Methods that a leg has a say in, or that change who talks to whom. */
const OF_THE_DIALOG: ReadonlySet<string> = new Set([
  ...["INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "OPTIONS"],
  ...["REFER", "SUBSCRIBE", "NOTIFY"],
]);

export class BridgedDialog {
  readonly caller: CallSide;
  readonly device: CallSide;
  readonly pair: DialogPair;
  readonly #parts: BridgedDialogParts;
  #begun: CallerSide | undefined;

  constructor(parts: BridgedDialogParts) {
    const { id, engine, turns, isOffered, user, caller, device } = parts;
    this.#parts = parts;
    this.caller = new CallSide({ ...caller, leg: () => this.#callerLeg });
    this.device = new CallSide(device);
    const ends = { caller: this.caller, device: this.device };
    this.pair = new DialogPair({ id, engine, turns, isOffered, user, ...ends });
  }

  get deviceUser(): LegUser {
    return { ...this.pair.deviceUser, gone: () => {} };
  }

  /** The dialog with the caller, if there is one. */
  get begun(): CallerSide | undefined {
    return this.#begun;
  }

  /** The same, made now if it has to be; undefined: none can be made of that INVITE. */
  get toCaller(): CallerSide | undefined {
    const { agent, server, caller, device, hide, user } = this.#parts;
    const wanted = hide ? undefined : device.leg().remoteTag;
    const legUser: LegUser = { ...this.pair.callerUser, gone: () => user.gone() };
    this.#begun ??= CallerSide.begin(agent, server, caller.way, wanted, {
      ...legUser,
      request: (from) => this.request(this.caller, this.device, from),
    });
    return this.#begun;
  }

  get #callerLeg(): Leg {
    if (!this.#begun) throw new Error("the caller has not heard of this dialog yet");
    return this.#begun.leg;
  }

  // ---- requests that are about neither the session nor the dialog -------------------------------

  /** A request in the dialog of `from`: true, and it goes over to the other side. */
  request(from: CallSide, to: CallSide, incoming: Incoming): boolean {
    const { request } = incoming;
    if (request.method === "BYE") to.way.farewell = reasonsOf(request);
    if (OF_THE_DIALOG.has(request.method) || this.pair.isOver) return false;
    this.#pass(from, to, incoming);
    return true;
  }

  #pass(from: CallSide, to: CallSide, incoming: Incoming): void {
    const { agent, hide } = this.#parts;
    const { endpoint } = agent;
    const { request, essentials } = incoming;
    const received = from.leg.parts.side.received(request, essentials.cseq.number);
    if (!received) return endpoint.reply(incoming, { status: 500 });
    received.note();
    const server = endpoint.accept(incoming, UNCONCERNED);
    if (!server) return;
    const how = { realm: agent.host.realm, hide };
    const headers = [...carried(request, how), ...bodyHeaders(request)];
    const body = flat(request.body);
    const sent = to.leg.parts.side.send(request.method, headers, body, {
      response: (response) => {
        const { status, text } = response;
        if (status < 200) return;
        const reasonPhrase = flat(text.slice(12, text.indexOf("\r\n")));
        const told = [...carried(response, how), ...bodyHeaders(response)];
        server.reply({ status, reasonPhrase, headers: told, body: flat(response.body) });
      },
      failed: (reason) => server.reply({ status: reason === "timeout" ? 408 : 503 }),
    });
    if (!sent) server.reply({ status: 480 });
  }
}

/** Why somebody hung up, in their own words. RFC 3326. */
const reasonsOf = (message: Message): readonly HeaderField[] =>
  headerLines(message, "Reason").map((one): HeaderField => ["Reason", flat(one)]);

/** What is said of a body that goes over as it is. */
function bodyHeaders(message: Message): readonly HeaderField[] {
  const names = [
    ...(["Content-Type", "Content-Disposition", "Content-Encoding"] as const),
    ...(["Content-Language", "Content-ID", "MIME-Version", "Info-Package"] as const),
  ];
  return names.flatMap((name): HeaderField[] => {
    const value = header(message, name);
    return value === undefined ? [] : [[name, flat(value)]];
  });
}
