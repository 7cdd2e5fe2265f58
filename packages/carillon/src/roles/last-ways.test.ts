import { expect, test } from "vitest";
import type { Essentials } from "../message/essentials.ts";
import type { Flow } from "../transport/flow.ts";
import { LastWays } from "./last-ways.ts";

const dialog = (callId: string): Essentials =>
  ({ callId, fromTag: "a", toTag: "b" }) as unknown as Essentials;

const way = (host: string, path?: readonly string[]) => {
  const flow: Flow = {
    ...{ transport: "UDP", connection: 0, local: { host: "192.0.2.1", port: 5060 } },
    remote: { host, port: 5060 },
  };
  return { flow, ...(path && { path }) };
};

const WAYS = [way("198.51.100.1"), way("198.51.100.2", ["<sip:e2;lr>"]), way("198.51.100.3")];

test("the way by which somebody has answered is in front, in that dialog and no other", () => {
  const last = new LastWays();
  expect(last.first(dialog("one"), WAYS)).toBe(WAYS);
  last.note(dialog("one"), way("198.51.100.2", ["<sip:e2;lr>"]));
  expect(last.first(dialog("one"), WAYS)).toEqual([WAYS[1], WAYS[0], WAYS[2]]);
  expect(last.first(dialog("two"), WAYS)).toBe(WAYS);
});

test("a way that is gone, or has another Path since, is no way", () => {
  const last = new LastWays();
  last.note(dialog("one"), way("198.51.100.2", ["<sip:other;lr>"]));
  expect(last.first(dialog("one"), WAYS)).toBe(WAYS);
});

test("of too many dialogs the oldest is forgotten", () => {
  const last = new LastWays();
  for (let nth = 0; nth <= 10_000; nth++) last.note(dialog(`${nth}`), way("198.51.100.3"));
  expect(last.first(dialog("0"), WAYS)).toBe(WAYS);
  expect(last.first(dialog("1"), WAYS)[0]).toBe(WAYS[2]);
});
