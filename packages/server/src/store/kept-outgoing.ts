/**
 * What people call elsewhere, in the house's database: the library's legs and books, each a state
 * that lasts as long as it may matter. Times are on the clock of the run that reads them.
 */
import type { OutgoingStore, SavedBook, SavedLeg } from "carillon/roles";
import { z } from "zod";
import type { EventStates } from "./event-states.ts";
import { dialog, udpFlow } from "./kept-shapes.ts";
import { WrittenBehind } from "./written-behind.ts";

const DAY_MS = 24 * 3_600_000;

/** `lost` hears of each time that the disk could not take one. */
export function keptOutgoing(
  spending: EventStates,
  legs: EventStates,
  lost: (cause: unknown) => void,
): OutgoingStore {
  const books = new WrittenBehind(spending, lost);
  const behind = new WrittenBehind(legs, lost);
  return {
    books: () => spending.values((value, expiresAt) => bookOf(book.parse(value), expiresAt)),
    legs: () => legs.values((value, expiresAt) => legOf(leg.parse(value), expiresAt)),
    saveBook: (one) => {
      const expiresAt = one.since + DAY_MS;
      books.save({ id: one.account, expiresAt, record: recordOf(one, expiresAt) });
    },
    saveLeg: (one) => {
      // One that should have ended while nobody was here is ended after the next start.
      const expiresAt = one.endsAt + DAY_MS;
      behind.save({ id: one.id, expiresAt, record: recordOf(one, expiresAt) });
    },
    removeLeg: (id) => behind.remove(id),
  };
}

/** With its end on the clock of this run, which tells the next one how far theirs is from it. */
const recordOf = (one: SavedBook | SavedLeg, expiresAt: number): string =>
  JSON.stringify({ ...one, expiresAt });

function bookOf({ expiresAt, ...one }: z.infer<typeof book>, at: number): SavedBook {
  const by = at - expiresAt;
  return { ...one, since: one.since + by, countedAt: one.countedAt + by };
}

function legOf({ expiresAt, ...one }: z.infer<typeof leg>, at: number): SavedLeg {
  const by = at - expiresAt;
  const sessionAt = one.sessionAt === undefined ? undefined : one.sessionAt + by;
  return { ...one, endsAt: one.endsAt + by, sessionAt };
}

const ms = z.number();
const count = z.number().int().min(0);

const book = z.object({
  account: z.string(),
  since: ms,
  calls: count,
  talkMs: z.number().min(0),
  countedAt: ms,
  expiresAt: ms,
});

const leg = z.object({
  id: z.string(),
  account: z.string(),
  callId: z.string(),
  callerTag: z.string(),
  calleeTag: z.string().optional(),
  seq: count,
  phase: z.enum(["Calling", "Talking", "Parting"]),
  endsAt: ms,
  sessionAt: ms.optional(),
  farHost: z.string().optional(),
  callerFlow: udpFlow.optional(),
  dialogs: z.object({ far: dialog, near: dialog }).optional(),
  expiresAt: ms,
});
