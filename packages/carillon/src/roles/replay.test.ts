/** Digest credentials that somebody wrote down on the way, sent again in every way there is. */
import { expect, test } from "vitest";
import { answerChallenge } from "../auth/answer-challenge.ts";
import { parseChallenge } from "../auth/challenge.ts";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { headerLines } from "../message/headers.ts";
import { DomainStage, request, type Sent } from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { EVEN_MS } from "./even-answers.ts";

const crypto = portableCrypto(seededBytes(seeded(9)));
const KEY = new Uint8Array(32).fill(5);
const HOME = "203.0.113.4:5060";
const REPLAYS = 10_000;

type Method = "REGISTER" | "INVITE";

interface Captured {
  readonly method: Method;
  readonly uri: string;
  /** The whole header line. */
  readonly line: string;
}

let count = 0;

/** A request of alice with these credentials; everything else in it is new. */
function say(stage: DomainStage, from: string, method: string, uri: string, line?: string): Sent[] {
  const id = `replay-${++count}`;
  const isRegister = method === "REGISTER";
  const octets = request(method, {
    ...{ uri, callId: id, branch: `z9hG4bK-${id}`, seq: 1 },
    via: `SIP/2.0/UDP ${from};branch=z9hG4bK-${id}`,
    ...(isRegister && { to: "<sip:alice@house.example>" }),
    lines: [...(line ? [line] : []), `Contact: <sip:alice@${from}>`],
  });
  return stage.say(from, octets);
}

const statusOf = (sent: readonly Sent[]): number | undefined => {
  const answer = sent.find(({ message }) => message.kind === "Response" && message.status > 100);
  return answer?.message.kind === "Response" ? answer.message.status : undefined;
};

const isStale = (sent: readonly Sent[]): boolean =>
  sent.some(({ octets }) => /\bstale=true\b/.test(octets));

/** Alice signs a request as a phone does, the nonce `nc` times used; the server lets it in. */
function signed(stage: DomainStage, method: Method, nc = 1): Captured {
  const uri = method === "REGISTER" ? "sip:house.example" : "sip:bob@house.example";
  const [asked] = say(stage, HOME, method, uri);
  const names = method === "REGISTER" ? ["WWW-", ""] : ["Proxy-", "Proxy-"];
  const challenges = headerLines(asked!.message, `${names[0]}Authenticate`).flatMap((value) => {
    const challenge = parseChallenge(value);
    return challenge.ok ? [challenge.value] : [];
  });
  const answer = answerChallenge({
    ...{ crypto, challenges, method, uri, username: "alice", secret: { password: "a secret" } },
    ...{ nonceCount: nc, cnonce: `c${count}` },
  });
  if (!answer.ok) throw new Error(answer.error.message);
  const line = `${names[1]}Authorization: ${answer.value.value}`;
  const status = statusOf(say(stage, HOME, method, uri, line));
  // Bob is not there: 480 is what an INVITE gets that was let in.
  expect(status).toBe(method === "REGISTER" ? 200 : 480);
  return { method, uri, line };
}

/** What a thief may do with it; each way is refused. */
const WAYS: readonly ((stage: DomainStage, it: Captured, n: number) => Sent[])[] = [
  // As it was, from where it came.
  (stage, { method, uri, line }) => say(stage, HOME, method, uri, line),
  // From the same host behind another port, and from elsewhere.
  (stage, { method, uri, line }, n) =>
    say(stage, `203.0.113.4:${20_000 + (n % 40_000)}`, method, uri, line),
  (stage, { method, uri, line }, n) =>
    say(stage, `198.51.100.${1 + (n % 250)}:5060`, method, uri, line),
  // With another count, which the response does not fit.
  (stage, { method, uri, line }, n) =>
    say(stage, HOME, method, uri, line.replace(/nc=[0-9a-f]{8}/, `nc=${hex8(n + 2)}`)),
  // For another method, and another person.
  (stage, { method, uri, line }) =>
    say(stage, HOME, method === "INVITE" ? "MESSAGE" : "INVITE", uri, asProxy(line)),
  (stage, { method, line }, n) => say(stage, HOME, method, `sip:carol${n}@house.example`, line),
  // With another nonce of ours, fresh, and with none of ours.
  (stage, { method, uri, line }) =>
    say(stage, HOME, method, uri, swapNonce(line, freshNonce(stage))),
  (stage, { method, uri, line }, n) =>
    say(stage, HOME, method, uri, swapNonce(line, `n1.${hex8(n)}`)),
];

const hex8 = (n: number): string => n.toString(16).padStart(8, "0");
const asProxy = (line: string): string => line.replace(/^(?:Proxy-)?/, "Proxy-");
const swapNonce = (line: string, nonce: string): string =>
  line.replace(/\bnonce="[^"]*"/, `nonce="${nonce}"`);

function freshNonce(stage: DomainStage): string {
  const [asked] = say(stage, HOME, "REGISTER", "sip:house.example");
  return /\bnonce="([^"]*)"/.exec(asked?.octets ?? "")?.[1] ?? "";
}

//= RFC 7616 §3.4
//# The purpose of this parameter is to allow the server to detect request replays by maintaining
//# its own copy of this count -- if the same nc value is seen twice, then the request is a replay.
test(`RFC 7616 §3.4: of ${REPLAYS} replays none is accepted`, () => {
  const stage = new DomainStage({ key: KEY });
  const captured = [signed(stage, "REGISTER"), signed(stage, "INVITE"), signed(stage, "INVITE", 7)];
  const accepted: number[] = [];
  // Until nobody is told any more of the calls that were let in.
  stage.wait(33_000);
  for (let n = 0; n < REPLAYS; n++) {
    const way = WAYS[n % WAYS.length]!;
    const sent = way(stage, captured[Math.floor(n / WAYS.length) % captured.length]!, n);
    // What made it wrong altogether is answered at the next even time.
    const status = statusOf(sent.length > 0 ? sent : stage.wait(EVEN_MS));
    if (status !== 401 && status !== 407) accepted.push(n);
    if (n % 500 === 0) stage.wait(1000);
  }
  expect(accepted).toEqual([]);
});

test("RFC 7616 §3.3: a replay is told that its nonce is stale, after a restart too", () => {
  const stage = new DomainStage({ key: KEY });
  const { method, uri, line } = signed(stage, "REGISTER");
  expect(isStale(say(stage, HOME, method, uri, line))).toBe(true);
  expect(isStale(say(stage, "198.51.100.9:5060", method, uri, line))).toBe(true);
  const restarted = new DomainStage({ key: KEY, seed: 2 });
  for (let n = 0; n < 100; n++) {
    const sent = say(restarted, HOME, method, uri, line);
    expect([statusOf(sent), isStale(sent)]).toEqual([401, true]);
  }
  stage.wait(300_001);
  expect(isStale(say(stage, HOME, method, uri, line))).toBe(true);
});
