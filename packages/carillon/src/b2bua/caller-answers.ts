/**
 * What the caller of a bridged call hears until it is accepted: what the device says, as responses
 * of that branch, in the dialogs that the caller has heard of or by themselves.
 */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Reply } from "../endpoint/reply.ts";
import { flat } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { headerLines } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { EndedUser } from "../roles/branch.ts";
import type { Leg } from "../ua/leg.ts";
import { BranchServer, type Said } from "./branch-server.ts";
import type { CallerSide } from "./caller-side.ts";
import { carried } from "./carried-headers.ts";

export class CallerAnswers {
  readonly server: BranchServer;
  readonly #hide: boolean;
  /** What the device has said last. */
  #said: Said = {};

  constructor(endpoint: Endpoint, from: Incoming, user: EndedUser, hide: boolean) {
    this.server = new BranchServer(endpoint, from, user);
    this.#hide = hide;
  }

  /** The highest status so far; 0 before any. */
  get status(): number {
    return this.server.status;
  }

  /** The device has said this, which goes along with what the caller is told. */
  heard(response: Response): void {
    const { status, text } = response;
    const reasonPhrase = flat(text.slice(12, text.indexOf("\r\n")));
    this.#said = { status, reasonPhrase, headers: this.#carried(response) };
  }

  /** It rings, in this dialog of the caller's or in none. */
  ring(leg: Leg | undefined, status: number): void {
    this.#saying(() => {
      if (leg) leg.ring();
      else this.server.reply({ status });
    });
  }

  /** A description before anybody has answered. */
  early(leg: Leg | undefined, sdp: string): void {
    this.#saying(() => void (leg && !leg.early(sdp) && leg.ring()));
  }

  /** It is accepted; `told` goes along. */
  accept(leg: Leg, sdp: string, told: readonly HeaderField[]): void {
    const { headers = [] } = this.#said;
    // A 2xx may have to wait for a PRACK: what goes along stays.
    this.server.said = { headers: [...headers, ...told] };
    leg.accept(sdp);
  }

  /** The device's own refusal, or where it wants to be called instead. */
  refused(begun: readonly CallerSide[], response: Response): void {
    const { status } = response;
    const contacts = headerLines(response, "Contact").map((one): HeaderField => ["Contact", one]);
    const headers = [...this.#carried(response), ...(status < 400 ? contacts : [])];
    const { reasonPhrase = "" } = this.#said;
    this.answer(begun, { status, reasonPhrase, headers });
  }

  /** A final response of this branch. */
  answer(begun: readonly CallerSide[], reply: Reply): void {
    for (const { leg } of begun) leg.refuse(reply);
    if (begun.length === 0 && this.status < 200) this.server.reply(reply);
  }

  /** What the device has said goes along with what the caller's leg says. */
  #saying(say: () => void): void {
    this.server.said = this.#said;
    say();
    this.server.said = {};
  }

  #carried(response: Response): readonly HeaderField[] {
    return carried(response, { realm: "", hide: this.#hide });
  }
}
