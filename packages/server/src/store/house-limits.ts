/**
 * How many people a house takes, and phones each of them: the operator's to say, and kept in the
 * house itself, so that every process that adds somebody goes by the same.
 */
import type { Database } from "./database.ts";

export interface HouseLimits {
  readonly people: number;
  readonly phonesEach: number;
}

/**
 * Where nobody says anything: as many people as a list shows well, since every page is told of
 * everybody; and a sign-in tries the passwords of all phones of a person.
 */
export const HOUSE_LIMITS: HouseLimits = { people: 200, phonesEach: 20 };

export function houseLimits(db: Database): HouseLimits {
  const kept = (field: string): number | undefined => {
    const row = db.one<{ value: Uint8Array }>("SELECT value FROM house WHERE field = ?", field);
    return row && Number(Buffer.from(row.value).toString("utf8"));
  };
  return {
    people: kept("most_people") ?? HOUSE_LIMITS.people,
    phonesEach: kept("phones_each") ?? HOUSE_LIMITS.phonesEach,
  };
}

/** Those that are left out are as they are by themselves. Writes only what has changed. */
export function keepHouseLimits(db: Database, wanted: Partial<HouseLimits>): void {
  const now = houseLimits(db);
  const { people, phonesEach } = { ...HOUSE_LIMITS, ...wanted };
  if (now.people === people && now.phonesEach === phonesEach) return;
  db.transaction(() => {
    const put =
      "INSERT INTO house (field, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = ?";
    for (const [field, limit] of [
      ["most_people", people],
      ["phones_each", phonesEach],
    ] as const) {
      const value = Buffer.from(String(limit));
      db.run(put, field, value, value);
    }
  });
}
