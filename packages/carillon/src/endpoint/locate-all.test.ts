import { expect, test } from "vitest";
import type { Target } from "../locate/target.ts";
import type { Wanted } from "../locate/wanted.ts";
import { locateAll } from "./locate-all.ts";
import type { Outcome } from "./locator.ts";

const wanted = (host: string): Wanted => ({
  ...{ host, port: undefined, transport: undefined, secure: false, name: host },
});
const target = (host: string): Target => ({
  ...{ transport: "UDP", address: { host, port: 5060 }, name: "" },
});
const NOWHERE = { kind: "NotLocated", reason: "not-found", message: "" } as const;

/** Searches that end when they are told to. */
function searching() {
  const open = new Map<string, (outcome: Outcome) => void>();
  const heard: Outcome[] = [];
  const search = ({ host }: Wanted, done: (outcome: Outcome) => void) => {
    open.set(host, done);
    return () => void open.delete(host);
  };
  const giveUp = locateAll({ search }, ["a", "b"].map(wanted), (one) => void heard.push(one));
  const found = (host: string, outcome: Outcome) => open.get(host)?.(outcome);
  return { open, heard, giveUp, found };
}

test("RFC 3263 §4.3: the servers of the first URI come first, whoever is found first", () => {
  const { heard, found } = searching();
  found("b", { kind: "Located", targets: [target("192.0.2.2")] });
  expect(heard).toEqual([]);
  found("a", { kind: "Located", targets: [target("192.0.2.1")] });
  const targets = [target("192.0.2.1"), target("192.0.2.2")];
  expect(heard).toEqual([{ kind: "Located", targets }]);
});

test("what cannot be found is left out, and said only where nothing is found at all", () => {
  const one = searching();
  one.found("a", NOWHERE);
  one.found("b", { kind: "Located", targets: [target("192.0.2.2")] });
  expect(one.heard).toEqual([{ kind: "Located", targets: [target("192.0.2.2")] }]);
  const none = searching();
  none.found("b", { ...NOWHERE, reason: "busy" });
  none.found("a", NOWHERE);
  expect(none.heard).toEqual([NOWHERE]);
});

test("given up, none of the searches goes on", () => {
  const { open, giveUp } = searching();
  giveUp();
  expect(open.size).toBe(0);
});
