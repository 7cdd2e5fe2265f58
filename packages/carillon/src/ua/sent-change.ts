/** Changes that we make in a dialog: re-INVITE and UPDATE. RFC 3261 §14.1, RFC 3311 §5.1. */
import { fromText } from "../grammar/octets.ts";
import type { HeaderField } from "../message/compose.ts";
import type { Response } from "../message/message.ts";
import type { TimerAsked } from "../usage/session-interval.ts";
import { descriptionIn } from "./described.ts";
import { described } from "./dialog-side.ts";
import type { LegParts } from "./leg-parts.ts";
import { supportedHeader } from "./objection.ts";
import type { NoAnswer, RequestUser } from "./outgoing-request.ts";
import { retryAfterSeconds } from "./registrar-answer.ts";
import { SentInvite } from "./sent-invite.ts";

/** Sends an INVITE with a new offer. */
export function sendInvite(parts: LegParts): void {
  const { user, negotiation, modification, isOpen, timer } = parts;
  user.describe((offer) => {
    if (!isOpen()) return;
    if (offer === undefined) return void modification.response("INVITE", NO_OFFER);
    if (!negotiation.sent("INVITE", offer)) {
      user.withdrawn();
      // Something of theirs that this phone cannot see the end of: later, as after glare.
      return void modification.response("INVITE", 491);
    }
    const asked = timer.ask();
    const invite = new SentInvite(parts, offer !== "", asked);
    send(parts, "INVITE", offer, asked, {
      response: (response, essentials, { client }) => {
        const { status } = response;
        if (status >= 300) return invite.refused(said(parts, status), response);
        if (status < 200) return void (status > 100 && invite.provisional(response, essentials));
        if (client) invite.accepted(response, essentials, client.request, () => {});
      },
      failed: (reason) => invite.refused(said(parts, statusOf(reason))),
    });
  });
}

/** Sends an UPDATE: with a new offer, or without one to refresh the session and nothing else. */
export function sendUpdate(parts: LegParts, offers: boolean): void {
  const { user, modification, isOpen } = parts;
  if (!offers) return update(parts, "");
  user.describe((offer) => {
    if (!isOpen()) return;
    if (offer === undefined) modification.response("UPDATE", NO_OFFER);
    else update(parts, offer);
  });
}

function update(parts: LegParts, offer: string): void {
  const { negotiation, modification, timer, side, user } = parts;
  if (!negotiation.sent("UPDATE", offer)) {
    if (offer !== "") user.withdrawn();
    return void modification.response("UPDATE", 491);
  }
  const asked = timer.ask();
  const refused = (status: number, response?: Response) => {
    if (negotiation.received("failure-UPDATE").dropped) user.withdrawn();
    const after = response && retryAfterSeconds(response);
    const fate = modification.response("UPDATE", status, after);
    if (fate.name === "Unchanged") timer.refused(status, response);
  };
  const accepted = (response: Response) => {
    side.succeeded(response, "UPDATE");
    const { answer, dropped } = negotiation.received("2xx-UPDATE", descriptionIn(response));
    if (answer !== undefined) user.agreed(answer);
    else if (dropped) user.withdrawn();
    timer.answered(asked, response);
    modification.response("UPDATE", response.status);
  };
  send(parts, "UPDATE", offer, asked, {
    response: (response) => {
      if (response.status >= 300) refused(response.status, response);
      else if (response.status >= 200) accepted(response);
    },
    failed: (reason) => refused(statusOf(reason)),
  });
}

function send(
  { side }: LegParts,
  method: "INVITE" | "UPDATE",
  offer: string,
  asked: TimerAsked,
  user: RequestUser,
): void {
  //= RFC 3311 §5.1
  //# Although UPDATE can be used on confirmed dialogs, it is RECOMMENDED that a re-INVITE be used
  //# instead.
  const body = fromText(offer);
  const headers: readonly HeaderField[] = [
    ...side.about(),
    ...supportedHeader(side.agent, method),
    ...side.agent.abilities.timing.asking(asked),
    ...described(body),
  ];
  const { endpoint } = side.agent;
  if (!side.send(method, headers, body, user)) endpoint.later(() => user.failed("transport"));
}

/** What a status means for the dialog: who comes back may be early, and the other side as well. */
const said = ({ isRestoring }: LegParts, status: number): number =>
  isRestoring() && status === 408 ? 480 : status;

/** RFC 3261 §8.1.3.1. */
const statusOf = (reason: NoAnswer): number => (reason === "timeout" ? 408 : 503);

/** Media have nothing to offer: as if it had been refused. */
const NO_OFFER = 488;
