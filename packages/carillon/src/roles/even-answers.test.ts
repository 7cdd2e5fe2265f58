import { expect, test } from "vitest";
import { DomainStage, request, titleOf } from "../testing/domain-stage.ts";
import { EVEN_MS } from "./even-answers.ts";

const PHONE = "192.0.2.9:5060";

/** A REGISTER with a nonce of the server's and a response that is nobody's. */
function guess(stage: DomainStage, user: string, nth: number): string {
  const uri = "sip:house.example";
  const [asked] = stage.say(PHONE, request("REGISTER", { uri, branch: `z9hG4bK-ask-${nth}` }));
  const nonce = /nonce="([^"]+)"/.exec(asked?.octets ?? "")?.[1];
  const credentials = [
    ...[`Digest username="${user}"`, 'realm="house.example"', `nonce="${nonce}"`, `uri="${uri}"`],
    ...["algorithm=SHA-256", "qop=auth", "nc=00000001", 'cnonce="c"'],
    `response="${"0".repeat(64)}"`,
  ];
  const lines = [`Authorization: ${credentials.join(", ")}`];
  return request("REGISTER", { uri, lines, branch: `z9hG4bK-guess-${nth}` });
}

test("a wrong password and a wrong name are answered at the same even time, and once", () => {
  const stage = new DomainStage();
  stage.wait(7);
  const guesses = ["alice", "nobody"].map((user, nth) => guess(stage, user, nth));
  for (const octets of guesses) expect(stage.say(PHONE, octets)).toEqual([]);
  const untilEvenMs = EVEN_MS - (stage.wire.now % EVEN_MS);
  expect(stage.wait(untilEvenMs - 1)).toEqual([]);
  expect(stage.wait(1).map(titleOf)).toEqual(["401 REGISTER", "401 REGISTER"]);
  expect(stage.wait(40_000)).toEqual([]);
});

test("more than can wait are answered at once: none is forgotten", () => {
  const stage = new DomainStage();
  const octets = guess(stage, "alice", 0);
  const atOnce = Array.from({ length: 1010 }, () => stage.say(PHONE, octets)).flat();
  expect(atOnce).toHaveLength(10);
  expect(stage.wait(EVEN_MS)).toHaveLength(1000);
});
