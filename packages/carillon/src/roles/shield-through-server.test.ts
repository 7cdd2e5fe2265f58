import { expect, test } from "vitest";
import { answerChallenge } from "../auth/answer-challenge.ts";
import { parseChallenge } from "../auth/challenge.ts";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { headerLines } from "../message/headers.ts";
import { DomainStage, type Place, request, type Sent, titleOf } from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { Bans } from "./bans.ts";
import { EVEN_MS } from "./even-answers.ts";
import { Shield } from "./shield.ts";

const crypto = portableCrypto(seededBytes(seeded(4)));
const uri = "sip:house.example";
const BAD = "203.0.113.66:5060";
// Always of three digits, so that all answers are of one length.
let nth = 100;

const makeStage = () => {
  const bans = new Bans();
  return { bans, stage: new DomainStage({ shield: new Shield({ bans }) }) };
};

/** A REGISTER with a nonce of the server's, and what comes of it at the next even time. */
function tries(stage: DomainStage, from: Place, user: string, password: string): readonly Sent[] {
  const about = {
    uri,
    from: `<sip:${user}@house.example>;tag=${nth}`,
    to: `<sip:${user}@house.example>`,
  };
  const callId = `try-${from}`;
  const [asked] = stage.say(
    from,
    request("REGISTER", { ...about, callId, branch: `z9hG4bK-${++nth}` }),
  );
  if (!asked) return [];
  const challenges = headerLines(asked.message, "WWW-Authenticate").flatMap((value) => {
    const challenge = parseChallenge(value);
    return challenge.ok && challenge.value.kind === "Digest" ? [challenge.value] : [];
  });
  const answer = answerChallenge({
    ...{ crypto, challenges, method: "REGISTER", uri, username: user, secret: { password } },
    ...{ nonceCount: 1, cnonce: "c0ffee" },
  });
  if (!answer.ok) throw new Error(answer.error.message);
  const lines = [`Authorization: ${answer.value.value}`, `Contact: <sip:${user}@${from}>`];
  const octets = request("REGISTER", { ...about, callId, branch: `z9hG4bK-${++nth}`, lines });
  const atOnce = stage.say(from, octets);
  return atOnce.length > 0 ? atOnce : stage.wait(EVEN_MS);
}

test("over its budget a right password is answered as a wrong one, to the octet", () => {
  const { stage } = makeStage();
  const wrong = tries(stage, BAD, "alice", "guess");
  for (let i = 0; i < 4; i++) tries(stage, BAD, "alice", "guess");
  const right = tries(stage, BAD, "alice", "a secret");
  expect(right.map(titleOf)).toEqual(["401 REGISTER"]);
  expect(stage.log.at(-1)?.why).toBe("too many wrong passwords before");
  const plain = (sent: readonly Sent[]) =>
    sent[0]?.octets.replaceAll(/(nonce="|branch=|;tag=)[^";\r\n]+/g, (all) => `${all.length}`);
  expect(plain(right)).toBe(plain(wrong));
  // Whoever lives here does not notice.
  expect(tries(stage, "192.0.2.9:40001", "alice", "a secret").map(titleOf)).toEqual([
    "200 REGISTER",
  ]);
});

test("a captured nonce shown from elsewhere counts against nobody", () => {
  const { stage, bans } = makeStage();
  const [asked] = stage.say(BAD, request("REGISTER", { uri, branch: "z9hG4bK-x" }));
  const nonce = /nonce="([^"]+)"/.exec(asked?.octets ?? "")?.[1];
  const VICTIM = "192.0.2.9:40001";
  for (let i = 0; i < 300; i++) {
    const fields = [`Digest username="alice"`, 'realm="house.example"', `nonce="${nonce}"`];
    const more = [`uri="${uri}"`, "algorithm=SHA-256", "qop=auth", "nc=00000001", 'cnonce="c"'];
    const response = `response="${"0".repeat(64)}"`;
    const line = `Authorization: ${[...fields, ...more, response].join(", ")}`;
    stage.say(VICTIM, request("REGISTER", { uri, branch: `z9hG4bK-forged-${i}`, lines: [line] }));
  }
  expect(bans.size).toBe(0);
  stage.wait(2000);
  expect(tries(stage, VICTIM, "alice", "a secret").map(titleOf)).toEqual(["200 REGISTER"]);
});

test("a ban is silence over UDP, and the end of a connection", () => {
  const { stage, bans } = makeStage();
  const before = stage.connect("203.0.113.66:40000");
  bans.add("203.0.113.66", "guessed passwords", stage.wire.now);
  expect(stage.say(BAD, request("REGISTER", { uri, branch: "z9hG4bK-banned" }))).toEqual([]);
  expect(stage.say(before, request("REGISTER", { uri, branch: "z9hG4bK-ws" }))).toEqual([]);
  const closes = () => stage.wire.outputs.filter(({ kind }) => kind === "Close").length;
  expect(closes()).toBe(1);
  stage.connect("203.0.113.66:40001");
  expect(closes()).toBe(2);
  expect(stage.wire.endpoint.census().connections).toBe(0);
});

test("over UDP more than a hundred questions a second are not answered, whatever they are", () => {
  const { stage } = makeStage();
  const methods = ["REGISTER", "INVITE", "OPTIONS", "CANCEL", "BYE", "MESSAGE", "FOO"];
  let answers = 0;
  for (let i = 0; i < 700; i++) {
    const method = methods[i % 7] ?? "";
    answers += stage.say(BAD, request(method, { uri, branch: `z9hG4bK-many-${i}` })).length;
    const broken = request(method, { uri, branch: `z9hG4bK-broken-${i}` }).replace(
      /CSeq: \d+/,
      "CSeq: x",
    );
    answers += stage.say(BAD, broken).length;
  }
  expect(answers).toBe(100);
  expect(stage.say("192.0.2.9:5060", request("OPTIONS", { uri }))).toHaveLength(1);
});
