/** The moves that messages of both directions make in the machine of `offer-answer.ts`. */
import type { Agreed } from "./agreed.ts";
import type { Description } from "./description.ts";
import type {
  Carrier,
  Input,
  Invite,
  InviteFacts,
  OfferReceived,
  OfferSent,
  Output,
  Rule,
  Stable,
  State,
  Step,
} from "./offer-answer.ts";

export const NO_INVITE: Invite = Object.freeze({ name: "None" });

export const illegal = (state: State, rule: Rule): Step => [state, { kind: "Illegal", rule }];
export const ignored = (state: State, rule: Rule): Step => [state, { kind: "Ignored", rule }];

/** A description in a message whose turn it is not is ignored; without one nothing happens. */
export const passed = (state: State, { sdp }: Input, rule: Rule): Step =>
  sdp ? ignored(state, rule) : [state];

export function offerSent(state: State, by: Carrier, offer: Description): OfferSent {
  const { invite, updateSent, updateReceived, agreed } = state;
  return { name: "OfferSent", by, offer, invite, updateSent, updateReceived, agreed };
}

export function offerReceived(state: State, by: Carrier, offer: Description): OfferReceived {
  const { invite, updateSent, updateReceived, agreed } = state;
  return { name: "OfferReceived", by, offer, invite, updateSent, updateReceived, agreed };
}

export function stable({ invite, updateSent, updateReceived, agreed }: State): Stable {
  return { name: "Stable", invite, updateSent, updateReceived, agreed };
}

/** The peer's answer to our offer. */
export function answeredByPeer(state: OfferSent, answer: Description): [Stable, Output] {
  const agreed: Agreed = { local: state.offer, remote: answer };
  return [
    { ...stable(state), agreed },
    { kind: "Agreed", agreed, answerer: "remote" },
  ];
}

/** Our answer to the peer's offer. */
export function answeredByUs(state: OfferReceived, answer: Description): [Stable, Output] {
  const agreed: Agreed = { local: answer, remote: state.offer };
  return [
    { ...stable(state), agreed },
    { kind: "Agreed", agreed, answerer: "local" },
  ];
}

/** An offer that is neither answered nor will be. */
export function dropped(state: OfferSent | OfferReceived): [Stable, Output] {
  const offer = state.name === "OfferSent" ? "local" : "remote";
  return [stable(state), { kind: "Dropped", offer }];
}

/** The same state with other facts of its INVITE; without one nothing changes. */
export function withInvite<S extends State>(
  state: S,
  facts: Partial<InviteFacts> & { readonly name?: Exclude<Invite["name"], "None"> },
): S {
  if (state.invite.name === "None") return state;
  return { ...state, invite: { ...state.invite, ...facts } };
}

/** The INVITE failed: its offer falls, and what it changed is as before. RFC 3261 §14.1 */
export function inviteFailed(state: State): Step {
  if (state.invite.name === "None") return [state];
  const { before } = state.invite;
  const ended = { ...state, invite: NO_INVITE };
  const isOwn = ended.name !== "Stable" && ended.by !== "UPDATE";
  const [rest, ...outputs] = isOwn ? dropped(ended) : [ended];
  if (rest.agreed === before) return [rest, ...outputs];
  //= RFC 3261 §14.1
  //# If a UA receives a non-2xx final response to a re-INVITE, the session parameters MUST remain
  //# unchanged, as if no re-INVITE had been issued.
  return [{ ...rest, agreed: before }, ...outputs, { kind: "RolledBack", agreed: before }];
}

/** True while an exchange of the INVITE or its acknowledgement is under way. RFC 6337 §4.3 */
export function isInviteBusy({ invite }: State): boolean {
  if (invite.name === "None") return false;
  return invite.exchange !== "Done" || invite.prack !== "None";
}

export const isUpdating = ({ updateSent, updateReceived }: State): boolean =>
  updateSent || updateReceived;
