/**
 * REFERs outside of the dialogs of calls, and the dialogs that they make: for transfers of calls
 * whose other side has a GRUU (RFC 7647 §4), and to have somebody call. RFC 3515 §2, RFC 6665
 * §4.5.1.
 */
import { uasDialog } from "../dialog/dialog.ts";
import { isUsable } from "../dialog/usable-dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Octets } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import { formatTargetDialog, parseTargetDialog } from "../message/header/target-dialog.ts";
import type { Request } from "../message/message.ts";
import { readHeader } from "../message/read-header.ts";
import type { Flow } from "../transport/flow.ts";
import type { Agent } from "./agent.ts";
import { mirrored, type NamedDialog } from "./claim.ts";
import { DialogSide } from "./dialog-side.ts";
import { DialogUsages } from "./dialog-usages.ts";
import type { RequestUser } from "./outgoing-request.ts";
import type { ReceivedRefer } from "./received-refer.ts";
import { referEventOf, unknownEvent } from "./refer-event.ts";
import { type Referring, SentRefer, type SentReferUser } from "./sent-refer.ts";
import type { DialogTaker } from "./takers.ts";
import type { Way } from "./way.ts";

/** What nobody has to do about a REFER when the phone's circumstances change. */
abstract class OutsideRefer implements DialogTaker {
  abstract readonly callId: string;
  abstract readonly localTag: string;
  abstract request(from: Incoming): void;
  cutOff(): void {}
  back(): void {}
  leave(): void {}
  abandon(): void {}
}

/** One of ours. Its dialog is made by the first NOTIFY; those of other forks are refused. */
export class SentOutside extends OutsideRefer {
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly #agent: Agent;
  readonly #way: Way;
  readonly #whom: Octets;
  readonly #refer: SentRefer;
  #side: DialogSide | undefined;
  #seq = 0;

  /** Undefined when too much goes on at this phone. */
  static send(
    agent: Agent,
    way: Way,
    whom: Octets,
    what: Referring,
    user: SentReferUser,
  ): SentOutside | undefined {
    const sent = new SentOutside(agent, way, whom, what, user);
    if (agent.takers.addDialog(sent)) return sent;
    sent.#refer.abandon();
    return undefined;
  }

  private constructor(agent: Agent, way: Way, whom: Octets, what: Referring, user: SentReferUser) {
    super();
    const { endpoint } = agent;
    this.#agent = agent;
    this.#way = way;
    this.#whom = whom;
    this.callId = endpoint.ids.unique();
    this.localTag = endpoint.ids.unique();
    const gone = () => {
      agent.takers.removeDialog(this);
      user.gone();
    };
    const send: DialogSide["send"] = (...request) => this.#send(...request);
    this.#refer = new SentRefer(endpoint, send, what, { ...user, gone });
  }

  #send(method: string, more: readonly HeaderField[], body: Octets, user: RequestUser) {
    const side = this.#side;
    if (side) return side.send(method, [side.contact, ...more], body, user);
    const agent = this.#agent;
    const headers: readonly HeaderField[] = [
      ["Max-Forwards", "70"],
      ["From", `${agent.address};tag=${this.localTag}`],
      //= RFC 7647 §4
      //# Thus, the REFER request will have no tag parameter in its To: header field.
      ["To", `<${this.#whom}>`],
      ["Call-ID", this.callId],
      ...more,
    ];
    //= RFC 3515 §2
    //# REFER creates a dialog, and MAY be Record-Routed, hence MUST contain a single Contact
    //# header field value.
    const contact = (flow: Flow) => agent.contactOn(flow);
    const what = { method, uri: this.#whom, headers, body, contact };
    return this.#way.send(what, user, () => ++this.#seq);
  }

  request(from: Incoming): void {
    const { endpoint } = this.#agent;
    const { request } = from;
    const event = referEventOf(request);
    if (request.method !== "NOTIFY" || !event) return endpoint.reply(from, unknownEvent(request));
    this.#side ??= this.#begun(from);
    if (!isWithin(this.#side, from)) return endpoint.reply(from, { status: 481 });
    this.#refer.notify(from, event);
  }

  //= RFC 6665 §4.1.4
  //# The subscriber MUST therefore be prepared to receive NOTIFY requests with "From:" tags that
  //# differ from the "To:" tag received in the SUBSCRIBE 200-class response.
  #begun({ request, essentials }: Incoming): DialogSide | undefined {
    const dialog = uasDialog(request, essentials, this.localTag, 200);
    if (!dialog || !isUsable(dialog)) return undefined;
    return new DialogSide(this.#agent, { ...dialog, localSeq: this.#seq }, this.#way);
  }
}

type Told = (refer: ReceivedRefer) => void;

/** One of theirs, which makes a dialog of its own. */
export class ReceivedOutside extends OutsideRefer {
  readonly callId: Octets;
  readonly localTag: Octets;
  readonly #side: DialogSide;
  readonly #usages: DialogUsages;

  /** `told` hears of it; what is wrong with it is answered here. */
  static take(agent: Agent, way: Way, from: Incoming, told: Told): void {
    const { endpoint } = agent;
    const localTag = endpoint.tagFor(from.essentials);
    const dialog = uasDialog(from.request, from.essentials, localTag, 200);
    if (!dialog || !isUsable(dialog)) return endpoint.reply(from, { status: 400 });
    const taker = new ReceivedOutside(new DialogSide(agent, dialog, way), told);
    if (!agent.takers.addDialog(taker)) return endpoint.reply(from, { status: 486 });
    taker.#usages.request(from);
    if (taker.#usages.isIdle) agent.takers.removeDialog(taker);
  }

  private constructor(side: DialogSide, told: Told) {
    super();
    this.#side = side;
    this.callId = side.callId;
    this.localTag = side.localTag;
    this.#usages = new DialogUsages(side, {
      referred: told,
      idle: () => side.agent.takers.removeDialog(this),
    });
  }

  request(from: Incoming): void {
    const { endpoint } = this.#side.agent;
    if (!isWithin(this.#side, from)) return endpoint.reply(from, { status: 481 });
    const isSubscribe = from.request.method === "SUBSCRIBE";
    if (isSubscribe && this.#usages.request(from)) return;
    endpoint.reply(from, unknownEvent(from.request));
  }
}

/** Whether a request is of this dialog and in order; then it counts. */
function isWithin(side: DialogSide | undefined, { request, essentials }: Incoming): boolean {
  if (side?.remoteTag !== essentials.fromTag) return false;
  const received = side.received(request, essentials.cseq.number);
  received?.note();
  return received !== undefined;
}

//= RFC 7647 §4
//# A user agent wishing to identify an existing dialog (such as for call transfer as defined in
//# [RFC5589]) MUST use the "Target-Dialog" extension defined in [RFC4538] to do so, and user agents
//# accepting REFER MUST be able to process that extension in requests they receive.
//= RFC 4538 §3
//# The "remote-tag" header field parameter MUST be present and MUST contain the tag that would be
//# viewed as the remote tag from the perspective of the recipient of the new request. The
//# "local-tag" header field parameter MUST be present and MUST contain the tag that would be viewed
//# as the local tag from the perspective of the recipient of the new request.
/** The headers of a REFER that is about this call. */
export function targetDialogHeaders(dialog: NamedDialog): readonly HeaderField[] {
  const { callId, toTag: localTag, fromTag: remoteTag, params } = mirrored(dialog);
  return [
    ["Target-Dialog", formatTargetDialog({ callId, localTag, remoteTag, params })],
    ["Require", "tdialog"],
  ];
}

/** Which dialog of ours a request is about; undefined where it names none, or not wholly. */
export function targetDialogOf(request: Request): NamedDialog | undefined {
  const read = readHeader(request, "Target-Dialog", parseTargetDialog);
  const { callId, localTag, remoteTag } = (read.ok ? read.value : undefined) ?? {};
  //= RFC 4538 §4
  //# If the dialog identifiers don't match, or if they don't contain both a "remote-tag" and
  //# "local-tag" parameter, the header field MUST be ignored, and authorization MAY be determined
  //# by other means.
  if (!callId || !localTag || !remoteTag) return undefined;
  return { callId, localTag, remoteTag };
}
