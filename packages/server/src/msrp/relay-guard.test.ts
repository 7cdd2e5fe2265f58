import { answerChallenge, type Challenge, ha1, mintToken, parseChallenge } from "carillon/auth";
import { type MsrpConnection, type MsrpRequest, parsePath, type RelayVerdict } from "carillon/msrp";
import { nodeCrypto } from "carillon/node";
import type { Accounts } from "carillon/roles";
import { expect, test } from "vitest";
import { RelayGuard } from "./relay-guard.ts";

const crypto = nodeCrypto();
const REALM = "house.example";
const RELAY = "msrps://house.example:2855;tcp";
const key = new Uint8Array(32).fill(1);
const tokenKey = new Uint8Array(32).fill(2);

function accounts(deskPhone = false): Accounts {
  const hashes = (algorithm: "MD5" | "SHA-256") => ha1(crypto, algorithm, "anna", REALM, "secret");
  const device = {
    ...{ id: "d1", account: "anna", deskPhone },
    ha1: { "SHA-256": hashes("SHA-256"), ...(deskPhone && { MD5: hashes("MD5") }) },
  };
  return {
    has: (user) => user === "anna",
    devices: (username) => (username === "anna" ? [device] : []),
    session: (id) => id === "s1",
    hasDeskPhones: deskPhone,
  };
}

let now = 1_700_000_000_000;
const guardOf = (of = accounts()): RelayGuard =>
  new RelayGuard({ accounts: of, realm: REALM, key, tokenKey, node: "n1", now: () => now });
const on = (number: number): MsrpConnection => ({ number }) as MsrpConnection;

function auth(authorization?: string): MsrpRequest {
  const toPath = parsePath(RELAY) ?? [];
  const fromPath = parsePath("msrps://x.invalid:9/a;tcp") ?? [];
  const headers = authorization === undefined ? [] : [["Authorization", authorization] as const];
  const rest = { transactionId: "49fh", toPath, fromPath, headers, contentType: undefined };
  return { kind: "Request", method: "AUTH", ...rest };
}

function asked(verdict: RelayVerdict, algorithm?: string): Challenge {
  if (verdict.kind !== "Asked") throw new Error(verdict.kind);
  const all = verdict.headers.map(([, value]) => parseChallenge(value));
  const found = all.find(
    (one) =>
      one.ok &&
      (algorithm === undefined || ("algorithm" in one.value && one.value.algorithm === algorithm)),
  );
  if (!found?.ok) throw new Error("no challenge");
  return found.value;
}

function answered(challenge: Challenge, password: string, more = {}): string {
  const answer = answerChallenge({
    ...{ crypto, challenges: [challenge], method: "AUTH", uri: RELAY, username: "anna" },
    ...{ secret: { password }, nonceCount: 1, cnonce: "0a4f113b", ...more },
  });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.value;
}

test("RFC 4976 §9.1 who knows the password is let in, once for each answer, with a proof", () => {
  const guard = guardOf();
  const value = answered(asked(guard.authenticate(auth(), on(1))), "secret");
  const verdict = guard.authenticate(auth(value), on(1));
  //= RFC 4976 §9.1
  //# Relays MUST include rspauth, cnonce, nc, and qop parameters in a "Authentication-Info" header
  //# for all "200 OK" responses to an AUTH request.
  expect(verdict).toMatchObject({ kind: "Known", account: "anna" });
  const [, info = ""] = verdict.kind === "Known" ? (verdict.headers[0] ?? []) : [];
  expect(info).toMatch(/^rspauth="[0-9a-f]{64}", cnonce="0a4f113b", nc=00000001, qop=auth$/);
  // The same once more, on another connection, and a day later.
  expect(asked(guard.authenticate(auth(value), on(1)))).toMatchObject({ stale: true });
  const other = answered(asked(guard.authenticate(auth(), on(1))), "secret");
  expect(guard.authenticate(auth(other), on(2)).kind).toBe("Asked");
  const late = answered(asked(guard.authenticate(auth(), on(1))), "secret");
  now += 86_400_000;
  expect(asked(guard.authenticate(auth(late), on(1)))).toMatchObject({ stale: true });
});

test("§9.1 the uri is the rightmost of To-Path, whether it is told or not", () => {
  //= RFC 4976 §9.1
  //# The request-URI to be used in calculating H(A2) is the rightmost URI in the To-Path header.
  const guard = guardOf();
  const told = answered(asked(guard.authenticate(auth(), on(1))), "secret");
  const untold = told.replace(/, ?uri="[^"]*"/, "");
  expect(untold).not.toBe(told);
  expect(guard.authenticate(auth(untold), on(1)).kind).toBe("Known");
  const elsewhere = answered(asked(guard.authenticate(auth(), on(1))), "secret", {
    uri: "msrps://x:1;tcp",
  });
  expect(guard.authenticate(auth(elsewhere), on(1)).kind).toBe("Asked");
});

test("§9.1 asks for nothing but digest, and MD5 only where phones know nothing else", () => {
  //= RFC 4976 §9.1
  //# Clients MUST NOT attempt to use Basic authentication, and relays MUST NOT request or accept
  //# Basic authentication.
  expect(guardOf().authenticate(auth("Basic YW5uYTpzZWNyZXQ="), on(1)).kind).toBe("Asked");
  const plain = guardOf();
  expect(() => asked(plain.authenticate(auth(), on(1)), "MD5")).toThrow("no challenge");
  const desk = guardOf(accounts(true));
  const value = answered(asked(desk.authenticate(auth(), on(1)), "MD5"), "secret");
  expect(desk.authenticate(auth(value), on(1)).kind).toBe("Known");
});

test("a wrong password, a stranger, garbage and a token that is none are asked again", () => {
  const guard = guardOf();
  const wrong = answered(asked(guard.authenticate(auth(), on(1))), "guess");
  const stranger = answered(asked(guard.authenticate(auth(), on(1))), "secret", {
    username: "eve",
  });
  for (const value of [wrong, stranger, "", "Digest", "Bearer x.y", "Digest username=", "\u0000"]) {
    expect(guard.authenticate(auth(value), on(1)).kind).toBe("Asked");
  }
});

test("a page is let in by its token, as long as it is signed in", () => {
  const guard = guardOf();
  const token = (session: string, expiresAt = now + 1000) =>
    `Bearer ${mintToken(crypto, tokenKey, { account: "anna", session, expiresAt })}`;
  expect(guard.authenticate(auth(token("s1")), on(1))).toMatchObject({ account: "anna" });
  expect(guard.authenticate(auth(token("s2")), on(1)).kind).toBe("Asked");
  expect(guard.authenticate(auth(token("s1", now - 1)), on(1)).kind).toBe("Asked");
});
