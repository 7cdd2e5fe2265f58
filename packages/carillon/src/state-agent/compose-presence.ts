/**
 * One presence out of all that is known of a person: their devices, what these have published,
 * their calls, and what they say of themselves. RFC 3863, RFC 4479, RFC 4480. That it is composed
 * is RFC 3903's idea (§3); how, is left to whoever does it.
 */
import type { DialogState } from "../documents/dialog-info.ts";
import type { Presence, PresenceTuple } from "../documents/pidf.ts";
import type { OwnStatus } from "./own-status.ts";

/** What is known of a person. */
export interface KnownOfPerson {
  /** Their address: `sip:bob@example.com`. */
  readonly aor: string;
  /** Registered devices, each with a name that lasts as long as it, and q in thousandths. */
  readonly devices: readonly { readonly id: string; readonly q: number }[];
  /** What was published, by publications that last. */
  readonly published: readonly {
    readonly id: string;
    readonly presence: Presence;
    /** The registered device that it came from, if that is known. */
    readonly device: string | undefined;
    /** Nothing can be reached there any more. */
    readonly isGone: boolean;
  }[];
  /** Their calls. */
  readonly calls: readonly DialogState[];
  /** What they say themselves. */
  readonly status: OwnStatus | undefined;
}

/** The presence of a person as others may see it. */
export function composePresence(known: KnownOfPerson): Presence {
  const { aor, devices, published, calls, status } = known;
  if (status?.isHidden) return nobodyThere(aor);
  const covered = new Set(published.map(({ device }) => device));
  const tuples = [
    ...published.flatMap(({ id, presence, isGone }) =>
      presence.tuples.map((one, nth) => publishedTuple(id, one, nth, isGone)),
    ),
    ...devices.filter(({ id }) => !covered.has(id)).map((one, nth) => deviceTuple(one, nth, aor)),
  ];
  if (tuples.length === 0) tuples.push(...nobodyThere(aor).tuples);
  const theirs = published.map(({ presence }) => presence);
  //= RFC 4480 §3.2
  //# A person can be engaged in multiple activities at the same time, e.g., traveling and having a
  //# meal.
  const activities = [
    ...(status?.activities ?? []),
    ...theirs.flatMap((one) => one.activities),
    ...(calls.some(isTalking) ? ["on-the-phone"] : []),
  ];
  const notes = [(status?.note ?? "").slice(0, MAX_NOTE), ...theirs.flatMap((one) => one.notes)];
  const inputs = theirs.map(({ userInput }) => userInput).filter((one) => one !== undefined);
  return {
    ...{ entity: aor, tuples, activities: [...new Set(activities)] },
    notes: [...new Set(notes.filter((one) => one !== ""))],
    // Who is at one of their devices is there.
    ...(inputs.length > 0 && { userInput: inputs.includes("active") ? "active" : "idle" }),
  };
}

/** Of somebody who is not there, or of whom nothing more is told. */
export const nobodyThere = (aor: string): Presence => ({
  ...{ entity: aor, notes: [], activities: [] },
  tuples: [
    {
      ...{ id: "none", basic: "closed", contact: undefined, priority: undefined },
      ...{ notes: [], timestamp: undefined },
    },
  ],
});

const MAX_NOTE = 1000;

/** Early ones are not calls yet: a phone that rings is nobody on the phone. */
const isTalking = ({ state }: DialogState): boolean => state === "confirmed";

/** An id begins with a letter, and is nobody else's: XML has it so. */
const publishedTuple = (
  publication: string,
  tuple: PresenceTuple,
  nth: number,
  isGone: boolean,
): PresenceTuple => ({
  ...tuple,
  id: `p${publication}-${nth}`,
  ...(isGone && { basic: "closed" }),
});

//= RFC 3863 §4.1.5
//# The value of the attribute MUST be a decimal number between 0 and 1 inclusive with at most 3
//# digits after the decimal point.
/**
 * They are reached by the address of the person: where a device is, is nobody's business, nor that
 * it is another one with the same to say.
 */
const deviceTuple = ({ q }: { readonly q: number }, nth: number, aor: string): PresenceTuple => ({
  ...{ id: `d${nth}`, basic: "open", contact: aor, notes: [], timestamp: undefined },
  priority: q / 1000,
});
