/** What we send, in the machine of `offer-answer.ts`: one function per message. */
import type { Input, Output, Role, State, Step } from "./offer-answer.ts";
import {
  answeredByUs,
  dropped,
  illegal,
  inviteFailed,
  isInviteBusy,
  isUpdating,
  NO_INVITE,
  offerSent,
  withInvite,
} from "./offer-answer-moves.ts";

export function sent<D>(state: State<D>, input: Input<D>): Step<D> {
  const { sdp } = input;
  switch (input.message) {
    case "INVITE":
      return invite(state, sdp);
    case "1xx":
      return provisional(state, sdp);
    case "1xx-rel":
      return reliable(state, sdp);
    case "2xx-INVITE":
      return success(state, sdp);
    case "ACK":
      return ack(state, sdp);
    case "PRACK":
      return prack(state, sdp);
    case "2xx-PRACK":
      return prackSuccess(state, sdp);
    case "UPDATE":
      return update(state, sdp);
    case "2xx-UPDATE":
      return updateSuccess(state, sdp);
    case "failure-INVITE":
      return state.invite.name === "Server" ? inviteFailed(state) : illegal(state, "no INVITE");
    case "failure-PRACK":
      return prackFailure(state);
    case "failure-UPDATE":
      return updateFailure(state);
  }
}

const as = <D>(role: Role): Output<D> => ({ kind: "Sends", as: role });

//= RFC 3264 §4
//# Furthermore, it MUST NOT generate a new offer if it has generated a prior offer for which it has
//# not yet received an answer or a rejection.
const ONE_AT_A_TIME = "RFC 3264 §4";

function invite<D>(state: State<D>, sdp: D | undefined): Step<D> {
  //= RFC 6337 §4.3
  //# While an INVITE transaction is incomplete or ACK transaction associated with an offer/answer
  //# is incomplete, a UA must not send another INVITE request.
  if (state.invite.name !== "None") return illegal(state, "UAC-II");
  //= RFC 6337 §4.3
  //# While an UPDATE transaction is incomplete, a UA should not send a re-INVITE request.
  if (isUpdating(state)) return illegal(state, "UAC-UI");
  if (state.name !== "Stable") return illegal(state, ONE_AT_A_TIME);
  const facts = { prack: "None", before: state.agreed } as const;
  if (!sdp) {
    return [{ ...state, invite: { name: "Client", exchange: "None", ...facts } }, as("nothing")];
  }
  const begun: State<D> = { ...state, invite: { name: "Client", exchange: "Begun", ...facts } };
  return [offerSent(begun, "INVITE", sdp), as("offer")];
}

function provisional<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (state.invite.name !== "Server") return illegal(state, "no INVITE");
  if (!sdp) return [state, as("nothing")];
  if (state.name !== "OfferReceived" || state.by !== "INVITE") {
    return illegal(state, "RFC 6337 §3.1");
  }
  if (!isSame(state.preview, sdp)) return illegal(state, "RFC 3261 §13.2.1");
  return [{ ...state, preview: sdp }, as("preview")];
}

/** RFC 6337 §3.1.1: RFC 3261 requires all SDP in the responses to the INVITE to be identical. */
const isSame = <D>(preview: D | undefined, sdp: D): boolean =>
  preview === undefined || preview === sdp || JSON.stringify(preview) === JSON.stringify(sdp);

function reliable<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (state.invite.name !== "Server") return illegal(state, "no INVITE");
  //= RFC 3262 §3
  //# The UAS MUST NOT send a second reliable provisional response until the first is acknowledged.
  if (state.invite.prack !== "None") return illegal(state, "RFC 3262 §3");
  if (state.invite.exchange === "None") {
    //= RFC 6337 §2.2
    //# the User Agent (UA) that receives the INVITE request without an offer must include an offer
    //# in the first reliable response with 100rel extension
    if (!sdp) return illegal(state, "RFC 6337 §2.2");
    const begun = withInvite(state, { exchange: "Begun", prack: "Due" });
    return [offerSent(begun, "1xx-rel", sdp), as("offer")];
  }
  if (!sdp) return [state, as("nothing")];
  //= RFC 6337 §3.1.1
  //# After the UAS has sent the answer in a reliable provisional response to the INVITE, the UAS
  //# should not include any SDPs in subsequent responses to the INVITE.
  if (state.name !== "OfferReceived" || state.by !== "INVITE") {
    return illegal(state, "RFC 6337 §3.1.1");
  }
  if (!isSame(state.preview, sdp)) return illegal(state, "RFC 3261 §13.2.1");
  const [next, agreed] = answeredByUs(state, sdp);
  return [withInvite(next, { exchange: "Done", prack: "Due" }), as("answer"), agreed];
}

function success<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (state.invite.name !== "Server") return illegal(state, "no INVITE");
  //= RFC 3262 §5
  //# If the UAS had placed a session description in any reliable provisional response that is
  //# unacknowledged when the INVITE is accepted, the UAS MUST delay sending the 2xx until the
  //# provisional response is acknowledged.
  // And its PRACK is answered first, since that answer may have to hold a description.
  if (state.invite.prack !== "None") return illegal(state, "RFC 3262 §5");
  const { exchange } = state.invite;
  if (exchange === "Done") {
    if (sdp) return illegal(state, "RFC 6337 §3.1.1");
    return [withInvite(state, { name: "ServerAck" }), as("nothing")];
  }
  // The first reliable response without failure has the offer, or the answer.
  if (!sdp) return illegal(state, "RFC 3261 §13.2.1");
  const final = withInvite(state, { name: "ServerAck" });
  if (exchange === "None") {
    return [offerSent(withInvite(final, { exchange: "Begun" }), "2xx-INVITE", sdp), as("offer")];
  }
  if (final.name !== "OfferReceived") return illegal(state, ONE_AT_A_TIME);
  if (!isSame(final.preview, sdp)) return illegal(state, "RFC 3261 §13.2.1");
  const [next, agreed] = answeredByUs(final, sdp);
  return [withInvite(next, { exchange: "Done" }), as("answer"), agreed];
}

function ack<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (state.invite.name !== "ClientAck") return illegal(state, "no 2xx");
  const ended = { ...state, invite: NO_INVITE };
  if (ended.name === "OfferReceived" && ended.by === "2xx-INVITE") {
    //= RFC 3261 §13.2.2.4
    //# If the 2xx contains an offer (based on the rules above), the ACK MUST carry an answer in its
    //# body.
    if (!sdp) return illegal(state, "RFC 3261 §13.2.2.4");
    const [next, agreed] = answeredByUs(ended, sdp);
    return [next, as("answer"), agreed];
  }
  // The peer was early with its 2xx; what it offered before is still answered in the PRACK.
  if (ended.name === "OfferReceived" && ended.by === "1xx-rel") {
    return illegal(state, "RFC 3262 §5");
  }
  return sdp ? illegal(state, "RFC 6337 §3.1.1") : [ended, as("nothing")];
}

function prack<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (state.invite.name !== "Client" && state.invite.name !== "ClientAck") {
    return illegal(state, "no INVITE");
  }
  if (state.invite.prack !== "Due") {
    //= RFC 6337 §2.2
    //# a Provisional Response ACKnowledgement (PRACK) request can contain an offer only if the
    //# reliable response that it acknowledges contains an answer to the previous offer/answer
    //# exchange
    return sdp ? illegal(state, "RFC 6337 §2.2") : [state, as("nothing")];
  }
  const open = withInvite(state, { prack: "Open" });
  if (open.name === "OfferReceived" && open.by === "1xx-rel") {
    //= RFC 3262 §5
    //# If the UAC receives a reliable provisional response with an offer (this would occur if the
    //# UAC sent an INVITE without an offer, in which case the first reliable provisional response
    //# will contain the offer), it MUST generate an answer in the PRACK.
    if (!sdp) return illegal(state, "RFC 3262 §5");
    const [next, agreed] = answeredByUs(open, sdp);
    return [withInvite(next, { exchange: "Done" }), as("answer"), agreed];
  }
  if (!sdp) return [open, as("nothing")];
  if (open.name !== "Stable" || isUpdating(open)) return illegal(state, ONE_AT_A_TIME);
  return [offerSent(open, "PRACK", sdp), as("offer")];
}

function prackSuccess<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (state.invite.name !== "Server" && state.invite.name !== "ServerAck") {
    return illegal(state, "no INVITE");
  }
  const done = state.invite.prack === "Open" ? withInvite(state, { prack: "None" }) : state;
  if (done.name === "OfferReceived" && done.by === "PRACK") {
    //= RFC 3262 §5
    //# If the UAS receives a PRACK with an offer, it MUST place the answer in the 2xx to the PRACK.
    if (!sdp) return illegal(state, "RFC 3262 §5");
    const [next, agreed] = answeredByUs(done, sdp);
    return [next, as("answer"), agreed];
  }
  return sdp ? illegal(state, "RFC 6337 §2.2") : [done, as("nothing")];
}

/** A PRACK with an offer that is refused was still one: it may come again without. */
function prackFailure<D>(state: State<D>): Step<D> {
  if (state.invite.name !== "Server" || state.invite.prack !== "Open") {
    return illegal(state, "no PRACK");
  }
  const due = withInvite(state, { prack: "Due" });
  return due.name === "OfferReceived" && due.by === "PRACK" ? dropped(due) : [due];
}

function update<D>(state: State<D>, sdp: D | undefined): Step<D> {
  //= RFC 6337 §4.3
  //# While an UPDATE transaction is incomplete, a UA must not send another UPDATE request.
  if (isUpdating(state)) return illegal(state, "UAC-UU");
  const next: State<D> = { ...state, updateSent: true };
  if (!sdp) return [next, as("nothing")];
  //= RFC 6337 §2.2
  //# Only the initial INVITE transaction can be used to exchange the offer/answer to establish a
  //# multimedia session.
  if (!state.agreed && state.invite.name === "None") return illegal(state, "RFC 6337 §2.2");
  //= RFC 6337 §4.3
  //# While an INVITE transaction is incomplete, and an ACK or a PRACK transaction associated with
  //# an offer/answer is incomplete, a UA should not send an UPDATE request.
  if (isInviteBusy(state)) return illegal(state, "UAC-IU");
  // RFC 6337 §4.1, figure 8: the ACK is still to come, and our UPDATE might overtake the 2xx.
  if (state.invite.name === "ServerAck") return illegal(state, "UAC-IU");
  if (state.name !== "Stable") return illegal(state, ONE_AT_A_TIME);
  return [offerSent(next, "UPDATE", sdp), as("offer")];
}

function updateSuccess<D>(state: State<D>, sdp: D | undefined): Step<D> {
  if (!state.updateReceived) return illegal(state, "no UPDATE");
  const done: State<D> = { ...state, updateReceived: false };
  if (done.name === "OfferReceived" && done.by === "UPDATE") {
    //= RFC 3311 §5.2
    //# If the session description has changed, the UAS MUST adjust the session parameters
    //# accordingly and generate an answer in the 2xx response.
    if (!sdp) return illegal(state, "RFC 3311 §5.2");
    const [next, agreed] = answeredByUs(done, sdp);
    return [next, as("answer"), agreed];
  }
  return sdp ? illegal(state, "RFC 6337 §2.2") : [done, as("nothing")];
}

function updateFailure<D>(state: State<D>): Step<D> {
  if (!state.updateReceived) return illegal(state, "no UPDATE");
  const done: State<D> = { ...state, updateReceived: false };
  return done.name === "OfferReceived" && done.by === "UPDATE" ? dropped(done) : [done];
}
