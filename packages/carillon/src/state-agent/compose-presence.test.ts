import { describe, expect, test } from "vitest";
import { formatPidf, type Presence, type PresenceTuple, parsePidf } from "../documents/pidf.ts";
import { composePresence, type KnownOfPerson, nobodyThere } from "./compose-presence.ts";

const AOR = "sip:bob@house.example";

const tuple = (id: string, basic: "open" | "closed" = "open"): PresenceTuple => ({
  ...{ id, basic, contact: undefined, priority: undefined, notes: [], timestamp: undefined },
});

const said = (more: Partial<Presence> = {}): Presence => ({
  ...{ entity: AOR, tuples: [tuple("t")], notes: [], activities: [] },
  ...more,
});

const compose = (more: Partial<KnownOfPerson> = {}): Presence =>
  composePresence({
    ...{ aor: AOR, devices: [], published: [], calls: [], status: undefined },
    ...more,
  });

const published = (
  id: string,
  presence: Presence,
  more: { device?: string; isGone?: boolean } = {},
) => ({
  ...{ id, presence, device: more.device, isGone: more.isGone ?? false },
});

describe("a person's presence", () => {
  test("is closed where nothing is known, and open by each device", () => {
    expect(compose()).toEqual(nobodyThere(AOR));
    const two = compose({
      devices: [
        { id: "a", q: 1000 },
        { id: "b", q: 250 },
      ],
    });
    expect(two.tuples.map(({ basic, contact, priority }) => [basic, contact, priority])).toEqual([
      ["open", AOR, 1],
      ["open", AOR, 0.25],
    ]);
  });

  test("has what a device publishes in the place of the device", () => {
    const one = compose({
      devices: [
        { id: "a", q: 1000 },
        { id: "b", q: 1000 },
      ],
      published: [published("x", said({ tuples: [tuple("t", "closed")] }), { device: "a" })],
    });
    expect(one.tuples.map(({ basic }) => basic)).toEqual(["closed", "open"]);
  });

  test("RFC 3863 §4.1.2: has tuples whose names are theirs alone, and can be read again", () => {
    const same = said({ tuples: [tuple("1"), tuple("1")] });
    const whole = compose({ published: [published("x", same), published("y", same)] });
    const ids = whole.tuples.map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => /^[a-z]/.test(id))).toBe(true);
    const read = parsePidf(formatPidf(whole));
    expect(read.ok && read.value.tuples).toEqual(whole.tuples);
  });

  test("RFC 4480 §3.2: does all that anybody says they do, once", () => {
    const status = { activities: ["meeting"], note: "Mine", isHidden: false };
    const one = compose({
      ...{ status, calls: [{ id: "1", state: "confirmed" }] },
      published: [
        published("x", said({ activities: ["meeting", "away"], notes: ["Theirs", ""] })),
        published("y", said({ activities: ["on-the-phone"], notes: ["Mine"] })),
      ],
    });
    expect(one.activities).toEqual(["meeting", "away", "on-the-phone"]);
    expect(one.notes).toEqual(["Mine", "Theirs"]);
    for (const state of ["trying", "proceeding", "early", "terminated"] as const) {
      expect(compose({ calls: [{ id: "1", state }] }).activities).toEqual([]);
    }
  });

  test("RFC 4480 §3.14: is active where they are at one of their devices", () => {
    const inputs = (...all: readonly Presence["userInput"][]) =>
      compose({
        published: all.map((userInput, nth) => published(`${nth}`, said({ userInput }))),
      }).userInput;
    expect(inputs("idle", "active", undefined)).toBe("active");
    expect(inputs("idle", undefined)).toBe("idle");
    expect(inputs(undefined)).toBe(undefined);
  });

  test("says nothing of who is hidden, and closes what is gone", () => {
    const all: Partial<KnownOfPerson> = {
      devices: [{ id: "a", q: 1000 }],
      published: [published("x", said({ notes: ["here"], activities: ["away"] }))],
      calls: [{ id: "1", state: "confirmed" }],
      status: { activities: ["busy"], note: "x", isHidden: true },
    };
    expect(compose(all)).toEqual(nobodyThere(AOR));
    const gone = compose({ published: [published("x", said(), { isGone: true })] });
    expect(gone.tuples.map(({ basic }) => basic)).toEqual(["closed"]);
  });
});
