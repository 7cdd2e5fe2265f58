/**
 * A house for tests: a real database in a folder of its own, and a clock the test owns.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { openStore, type Store } from "./store/store.ts";

export interface TestHouse {
  readonly data: string;
  readonly store: Store;
  readonly clock: Clock & { now: number };
  invite(uses?: number): string;
  close(): void;
}

export function testHouse(domain = "house.example"): TestHouse {
  const data = mkdtempSync(join(tmpdir(), "carillon-house-"));
  const clock = {
    now: 1_700_000_000_000,
    wall: () => clock.now,
    steady: () => clock.now,
  };
  const opened = openStore({ data, domain, hostname: "tower" }, clock);
  if (!opened.ok) throw new Error(opened.refusal.message);
  const store = opened.value;
  return {
    data,
    store,
    clock,
    invite: (uses = 5) => store.invites.make({ madeBy: null, uses, validMs: 3_600_000 }).code,
    close: () => {
      store.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
