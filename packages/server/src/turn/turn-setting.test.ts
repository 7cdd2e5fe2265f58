import { expect, test } from "vitest";
import { readTurn } from "./turn-setting.ts";

test("--turn is on, off, or the URLs of other servers (RFC 7064, RFC 7065)", () => {
  expect([readTurn("on"), readTurn("off")]).toEqual(["on", "off"]);
  expect(readTurn("turn:a.example, turns:[2001:db8::1]:5349?transport=tcp")).toEqual([
    "turn:a.example",
    "turns:[2001:db8::1]:5349?transport=tcp",
  ]);
  const wrong = ["", "yes", "turn:", "turn:a b", "http://a", "turn:u@a.example", "turn:a?x=1"];
  expect(wrong.map(readTurn)).toEqual(wrong.map(() => undefined));
  expect(readTurn(new Array(9).fill("turn:a").join(","))).toBeUndefined();
});
