/** What we receive, in the machine of `offer-answer.ts`: one function per message. */
import type { Input, Output, Rule, State, Step } from "./offer-answer.ts";
import {
  answeredByPeer,
  dropped,
  ignored,
  inviteFailed,
  isInviteBusy,
  isUpdating,
  NO_INVITE,
  offerReceived,
  passed,
  withInvite,
} from "./offer-answer-moves.ts";

export function received<D>(state: State<D>, input: Input<D>): Step<D> {
  switch (input.message) {
    case "INVITE":
      return invite(state, input);
    case "1xx":
      return provisional(state, input);
    case "1xx-rel":
      return reliable(state, input);
    case "2xx-INVITE":
      return success(state, input);
    case "ACK":
      return ack(state, input);
    case "PRACK":
      return prack(state, input);
    case "2xx-PRACK":
      return prackSuccess(state, input);
    case "UPDATE":
      return update(state, input);
    case "2xx-UPDATE":
      return updateSuccess(state, input);
    case "failure-INVITE":
      return state.invite.name === "Client" ? inviteFailed(state) : [state];
    case "failure-PRACK":
      return prackFailure(state);
    case "failure-UPDATE":
      return updateFailure(state);
  }
}

const reject = <D>(state: State<D>, status: 400 | 488 | 491 | 500, rule: Rule): Step<D> => [
  state,
  { kind: "Reject", status, rule },
];
const broken = <D>(rule: Rule): Output<D> => ({ kind: "Broken", rule });

function invite<D>(state: State<D>, { sdp }: Input<D>): Step<D> {
  const refusal = inviteRefusal(state);
  if (refusal) return reject(state, ...refusal);
  const facts = { prack: "None", before: state.agreed } as const;
  if (!sdp) return [{ ...state, invite: { name: "Server", exchange: "None", ...facts } }];
  const begun: State<D> = { ...state, invite: { name: "Server", exchange: "Begun", ...facts } };
  return [offerReceived(begun, "INVITE", sdp), { kind: "Offered", offer: sdp }];
}

function inviteRefusal<D>(state: State<D>): [491 | 500, Rule] | undefined {
  const { name } = state.invite;
  const isAckDue = state.name !== "Stable";
  //= RFC 6337 §4.3
  //# While an INVITE client transaction is incomplete or ACK transaction associated with an
  //# offer/answer is incomplete, a UA must reject another INVITE request with a 491 response.
  if (name === "Client" || name === "ClientAck") return [491, "UAS-IcI"];
  //= RFC 6337 §4.3
  //# While an INVITE server transaction is incomplete or ACK transaction associated with an
  //# offer/answer is incomplete, a UA must reject another INVITE request with a 500 response.
  if (name === "Server" || (name === "ServerAck" && isAckDue)) return [500, "UAS-IsI"];
  //= RFC 6337 §4.3
  //# While an UPDATE client transaction is incomplete, a UA should reject a re-INVITE request with
  //# a 491 response.
  if (state.updateSent) return [491, "UAS-UcI"];
  //= RFC 6337 §4.3
  //# While an UPDATE server transaction is incomplete, a UA should reject a re-INVITE request with
  //# a 500 response.
  if (state.updateReceived) return [500, "UAS-UsI"];
  // The answer to our PRACK is late: its 2xx was overtaken by that of the INVITE.
  if (state.name === "OfferSent") return [491, "RFC 3264 §4"];
  return undefined;
}

function provisional<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  if (!sdp || state.invite.name !== "Client") return passed(state, input, "no INVITE");
  //= RFC 6337 §3.1.1
  //# A session description in an unreliable response that precedes a reliable response can be
  //# considered a "preview" of the answer that will be coming.
  const isFirst = state.name === "OfferSent" && state.by === "INVITE" && !state.preview;
  if (!isFirst) return ignored(state, "RFC 6337 §3.1");
  return [
    { ...state, preview: sdp },
    { kind: "Preview", answer: sdp },
  ];
}

function reliable<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  if (!sdp || state.invite.name !== "Client") return passed(state, input, "no INVITE");
  if (state.invite.exchange === "None") {
    const begun = withInvite(state, { exchange: "Begun", prack: "Due" });
    return [offerReceived(begun, "1xx-rel", sdp), { kind: "Offered", offer: sdp }];
  }
  //= RFC 6337 §3.1.1
  //# After the UAC has received the answer in a reliable provisional response to the INVITE,
  //# [RFC3261] requires that any SDP in subsequent responses be ignored.
  if (state.name !== "OfferSent" || state.by !== "INVITE") return ignored(state, "RFC 6337 §3.1.1");
  const [next, agreed] = answeredByPeer(state, sdp);
  return [withInvite(next, { exchange: "Done", prack: "Due" }), agreed];
}

function success<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  if (state.invite.name !== "Client") return passed(state, input, "no INVITE");
  const final = withInvite(state, { name: "ClientAck" });
  const done = withInvite(final, { exchange: "Done" });
  if (final.name === "OfferSent" && final.by === "INVITE" && done.name === "OfferSent") {
    // Some phones put their answer into a 183 without 100rel, and leave the 2xx empty.
    const answer = sdp ?? final.preview;
    if (answer) return answeredByPeer(done, answer);
    const [next, drop] = dropped(done);
    return [next, drop, broken("RFC 3261 §13.2.1")];
  }
  if (state.invite.exchange !== "None") return passed(final, input, "RFC 6337 §3.1.1");
  if (!sdp) return [done, broken("RFC 3261 §13.2.1")];
  const begun = withInvite(final, { exchange: "Begun" });
  return [offerReceived(begun, "2xx-INVITE", sdp), { kind: "Offered", offer: sdp }];
}

function ack<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  if (state.invite.name !== "ServerAck") return passed(state, input, "no 2xx");
  const ended = { ...state, invite: NO_INVITE };
  if (ended.name !== "OfferSent" || ended.by !== "2xx-INVITE") {
    return passed(ended, input, "RFC 6337 §3.1.1");
  }
  if (sdp) return answeredByPeer(ended, sdp);
  const [next, drop] = dropped(ended);
  return [next, drop, broken("RFC 3261 §13.2.2.4")];
}

function prack<D>(state: State<D>, { sdp }: Input<D>): Step<D> {
  const { invite: own } = state;
  if (own.name !== "Server" && own.name !== "ServerAck") return [state];
  if (own.prack !== "Due") return sdp ? reject(state, 488, "RFC 6337 §2.2") : [state];
  const open = withInvite(state, { prack: "Open" });
  if (open.name === "OfferSent" && open.by === "1xx-rel") {
    if (!sdp) return reject(state, 400, "RFC 3262 §5");
    const [next, agreed] = answeredByPeer(open, sdp);
    return [withInvite(next, { exchange: "Done" }), agreed];
  }
  if (!sdp) return [open];
  // RFC 6337 §4.2, figure 11: a dilemma, out of which rule UAC-IU keeps us.
  if (open.name !== "Stable" || isUpdating(open)) return reject(state, 491, "UAC-IU");
  return [offerReceived(open, "PRACK", sdp), { kind: "Offered", offer: sdp }];
}

function prackSuccess<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  // The 2xx to the INVITE and our ACK may overtake it: an offer in the PRACK outlives them.
  const done = withInvite(state, { prack: "None" });
  if (!isOurPrack(state) && !(state.name === "OfferSent" && state.by === "PRACK")) {
    return passed(state, input, "no PRACK");
  }
  if (done.name !== "OfferSent" || done.by !== "PRACK") return passed(done, input, "RFC 6337 §2.2");
  // Without an answer the offer was not taken.
  return sdp ? answeredByPeer(done, sdp) : dropped(done);
}

const isOurPrack = <D>({ invite: own }: State<D>): boolean =>
  (own.name === "Client" || own.name === "ClientAck") && own.prack === "Open";

//= RFC 6337 §2.3
//# In that case, UAC may send again a PRACK request without an offer or send a CANCEL request to
//# terminate the INVITE transaction.
function prackFailure<D>(state: State<D>): Step<D> {
  const due = isOurPrack(state) ? withInvite(state, { prack: "Due" }) : state;
  return due.name === "OfferSent" && due.by === "PRACK" ? dropped(due) : [due];
}

function update<D>(state: State<D>, { sdp }: Input<D>): Step<D> {
  const refusal = updateRefusal(state, sdp !== undefined);
  if (refusal) return reject(state, ...refusal);
  const next: State<D> = { ...state, updateReceived: true };
  if (!sdp) return [next];
  return [offerReceived(next, "UPDATE", sdp), { kind: "Offered", offer: sdp }];
}

function updateRefusal<D>(state: State<D>, hasOffer: boolean): [491 | 500, Rule] | undefined {
  //= RFC 6337 §4.3
  //# While an UPDATE server transaction is incomplete, a UA must reject another UPDATE request with
  //# a 500 response.
  if (state.updateReceived) return [500, "UAS-UsU"];
  if (!hasOffer) return undefined;
  //= RFC 6337 §4.3
  //# While an UPDATE client transaction is incomplete, a UA must reject another UPDATE request with
  //# a 491 response.
  if (state.updateSent) return [491, "UAS-UcU"];
  if (!isInviteBusy(state) && state.name === "Stable") return undefined;
  //= RFC 6337 §4.3
  //# While an INVITE client transaction is incomplete, and an ACK or a PRACK transaction associated
  //# with an offer/answer is incomplete, a UA should reject an UPDATE request with a 491 response.
  const isClient = state.invite.name === "Client" || state.invite.name === "ClientAck";
  //= RFC 6337 §4.3
  //# While an INVITE server transaction is incomplete, and an ACK or a PRACK transaction associated
  //# with an offer/answer is incomplete, a UA should reject an UPDATE request with a 500 response.
  return isClient ? [491, "UAS-IcU"] : [500, "UAS-IsU"];
}

function updateSuccess<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  if (!state.updateSent) return passed(state, input, "no UPDATE");
  const done: State<D> = { ...state, updateSent: false };
  if (done.name !== "OfferSent" || done.by !== "UPDATE")
    return passed(done, input, "RFC 6337 §2.2");
  return sdp ? answeredByPeer(done, sdp) : dropped(done);
}

function updateFailure<D>(state: State<D>): Step<D> {
  if (!state.updateSent) return [state];
  const done: State<D> = { ...state, updateSent: false };
  return done.name === "OfferSent" && done.by === "UPDATE" ? dropped(done) : [done];
}
