import { expect, test } from "vitest";
import { readArrival, SO_RXQ_OVFL, SO_TIMESTAMPNS, SOL_SOCKET } from "./arrival.ts";

function said(...messages: readonly (readonly [type: number, ...words: number[]])[]): DataView {
  const view = new DataView(new ArrayBuffer(128));
  let at = 8;
  for (const [type, ...words] of messages) {
    view.setUint32(at, 16 + 4 * words.length, true);
    view.setInt32(at + 8, SOL_SOCKET, true);
    view.setInt32(at + 12, type, true);
    for (const [nth, word] of words.entries()) view.setUint32(at + 16 + 4 * nth, word, true);
    at += (16 + 4 * words.length + 7) & ~7;
  }
  return view;
}

test("the time and the loss are found, in whatever order, among what else is said", () => {
  const arrival = { atMs: 9, lost: 9 };
  const view = said([99, 1], [SO_RXQ_OVFL, 17], [SO_TIMESTAMPNS, 1_900_000_000, 0, 250_000_000, 0]);
  readArrival(view, 8, 120, arrival);
  expect(arrival).toEqual({ atMs: 1_900_000_000_250, lost: 17 });
});

test("what says nothing, or breaks off, says zero", () => {
  const arrival = { atMs: 9, lost: 9 };
  readArrival(said(), 8, 0, arrival);
  expect(arrival).toEqual({ atMs: 0, lost: 0 });
  readArrival(said([SO_TIMESTAMPNS, 5, 0, 0, 0]), 8, 30, arrival);
  expect(arrival).toEqual({ atMs: 0, lost: 0 });
  readArrival(new DataView(new ArrayBuffer(64)), 0, 64, arrival);
  expect(arrival).toEqual({ atMs: 0, lost: 0 });
});
