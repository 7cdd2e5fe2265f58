/** The moves that messages of both directions make in the machine of `offer-answer.ts`. */
import type { Agreed } from "./agreed.ts";
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

export const NO_INVITE: Invite<never> = Object.freeze({ name: "None" });

export const illegal = <D>(state: State<D>, rule: Rule): Step<D> => [
  state,
  { kind: "Illegal", rule },
];
export const ignored = <D>(state: State<D>, rule: Rule): Step<D> => [
  state,
  { kind: "Ignored", rule },
];

/** A description in a message whose turn it is not is ignored; without one nothing happens. */
export const passed = <D>(state: State<D>, { sdp }: Input<D>, rule: Rule): Step<D> =>
  sdp ? ignored(state, rule) : [state];

export function offerSent<D>(state: State<D>, by: Carrier, offer: D): OfferSent<D> {
  const { invite, updateSent, updateReceived, agreed } = state;
  return { name: "OfferSent", by, offer, invite, updateSent, updateReceived, agreed };
}

export function offerReceived<D>(state: State<D>, by: Carrier, offer: D): OfferReceived<D> {
  const { invite, updateSent, updateReceived, agreed } = state;
  return { name: "OfferReceived", by, offer, invite, updateSent, updateReceived, agreed };
}

export function stable<D>({ invite, updateSent, updateReceived, agreed }: State<D>): Stable<D> {
  return { name: "Stable", invite, updateSent, updateReceived, agreed };
}

/** The peer's answer to our offer. */
export function answeredByPeer<D>(state: OfferSent<D>, answer: D): [Stable<D>, Output<D>] {
  const agreed: Agreed<D> = { local: state.offer, remote: answer };
  return [
    { ...stable(state), agreed },
    { kind: "Agreed", agreed, answerer: "remote" },
  ];
}

/** Our answer to the peer's offer. */
export function answeredByUs<D>(state: OfferReceived<D>, answer: D): [Stable<D>, Output<D>] {
  const agreed: Agreed<D> = { local: answer, remote: state.offer };
  return [
    { ...stable(state), agreed },
    { kind: "Agreed", agreed, answerer: "local" },
  ];
}

/** An offer that is neither answered nor will be. */
export function dropped<D>(state: OfferSent<D> | OfferReceived<D>): [Stable<D>, Output<D>] {
  const offer = state.name === "OfferSent" ? "local" : "remote";
  return [stable(state), { kind: "Dropped", offer }];
}

type Facts = Omit<InviteFacts, "before">;

/** The same state with other facts of its INVITE; without one nothing changes. */
export function withInvite<S extends State<unknown>>(
  state: S,
  facts: Partial<Facts> & { readonly name?: Exclude<Invite["name"], "None"> },
): S {
  if (state.invite.name === "None") return state;
  return { ...state, invite: { ...state.invite, ...facts } };
}

/** The INVITE failed: its offer falls, and what it changed is as before. RFC 3261 §14.1 */
export function inviteFailed<D>(state: State<D>): Step<D> {
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
export function isInviteBusy<D>({ invite }: State<D>): boolean {
  if (invite.name === "None") return false;
  return invite.exchange !== "Done" || invite.prack !== "None";
}

export const isUpdating = <D>({ updateSent, updateReceived }: State<D>): boolean =>
  updateSent || updateReceived;
