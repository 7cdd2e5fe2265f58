import { describe, expect, test } from "vitest";
import { answerChallenge } from "../auth/answer-challenge.ts";
import { type Challenge, parseChallenge } from "../auth/challenge.ts";
import type { HashAlgorithm } from "../auth/crypto.ts";
import { ha1 } from "../auth/digest.ts";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { type Incoming, incoming } from "../endpoint/incoming.ts";
import { readEssentials } from "../message/essentials.ts";
import { parseMessage } from "../message/message.ts";
import { type RequestLines, request } from "../testing/domain-stage.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import type { Accounts, Device } from "./accounts.ts";
import { Guard, type GuardOptions, type Verdict } from "./guard.ts";

const REALM = "house.example";
const crypto = portableCrypto(seededBytes(seeded(1)));
const key = new Uint8Array(32).fill(7);
const NOW = 1_000_000_000_000;

function device(id: string, deskPhone: boolean, password: string): Device {
  const hashes = (["MD5", "SHA-256", "SHA-512-256"] as const).map((one) => [
    one,
    ha1(crypto, one, "alice", REALM, password),
  ]);
  return { id, account: "alice", deskPhone, ha1: Object.fromEntries(hashes) };
}

const accounts: Accounts = {
  has: (user) => user === "alice",
  devices: (username) =>
    username === "alice"
      ? [device("desk", true, "d secret"), device("soft", false, "s secret")]
      : [],
  session: () => false,
  hasDeskPhones: true,
};

const makeGuard = (more: Partial<GuardOptions> = {}) =>
  new Guard({ crypto, key, tokenKey: key, node: "n1", realm: REALM, accounts, ...more });

function from(method: string, parts: Partial<RequestLines>, host = "203.0.113.4"): Incoming {
  // As long as those of phones are: a short one is offered less.
  const lines = [...(parts.lines ?? []), `Subject: ${"x".repeat(250)}`];
  const message = parseMessage(request(method, { ...parts, lines }));
  if (!message.ok || message.value.kind !== "Request") throw new Error("no request");
  const essentials = readEssentials(message.value);
  if (!essentials.ok) throw new Error(essentials.error.message);
  const local = { host: "192.0.2.1", port: 5060 };
  const remote = { host, port: 5060 };
  return incoming(message.value, essentials.value, {
    transport: "UDP",
    local,
    remote,
    connection: 0,
  });
}

function challenges(verdict: Verdict): Challenge[] {
  if (verdict.kind !== "Asked") throw new Error("was not asked");
  return (verdict.reply.headers ?? []).flatMap(([, value]) => {
    const challenge = parseChallenge(value);
    return challenge.ok ? [challenge.value] : [];
  });
}

interface Try {
  readonly method?: string;
  readonly uri?: string;
  readonly password?: string;
  readonly username?: string;
  readonly algorithm?: HashAlgorithm;
  readonly nonceCount?: number;
}

const URI = "sip:bob@house.example";

/** The header line that answers what this guard asks. */
function credentials(asked: readonly Challenge[], how: Try = {}): string {
  const { method = "INVITE", algorithm = "SHA-256" } = how;
  const fitting = asked.filter((one) => one.kind === "Digest" && one.algorithm === algorithm);
  const answer = answerChallenge({
    crypto,
    challenges: fitting,
    method,
    uri: how.uri ?? URI,
    username: how.username ?? "alice",
    secret: { password: how.password ?? "s secret" },
    nonceCount: how.nonceCount ?? 1,
    cnonce: "c0ffee",
  });
  if (!answer.ok) throw new Error(answer.error.message);
  const name = method === "REGISTER" ? "Authorization" : "Proxy-Authorization";
  return `${name}: ${answer.value.value}`;
}

describe("a guard", () => {
  //= RFC 8760 §2.3
  //# If the UAS challenges the originator using multiple WWW-Authenticate/ Proxy-Authenticate
  //# header fields with the same realm, then each of these header fields MUST use a different
  //# digest algorithm. The UAS MUST add these header fields to the response in the order in which
  //# it would prefer to see them used, starting with the most preferred algorithm at the top.
  //= RFC 7616 §3.7
  //# If the server responds with multiple challenges, then each one of these challenges MUST use a
  //# different digest algorithm. The server MUST add these challenges to the response in order of
  //# preference, starting with the most preferred algorithm, followed by the less preferred
  //# algorithm.
  test("RFC 8760 §2.3: offers the strongest first, with one nonce, and MD5 last", () => {
    const asked = challenges(makeGuard().check(from("INVITE", {}), NOW));
    expect(asked.map((one) => one.kind === "Digest" && one.algorithm)).toEqual([
      "SHA-512-256",
      "SHA-256",
      "MD5",
    ]);
    //= RFC 3261 §22.4
    //# servers MUST always send a "qop" parameter in WWW-Authenticate and Proxy-Authenticate header
    //# field values.
    //= RFC 8760 §2.6
    //# A UAS MUST always send a "qop" parameter in WWW-Authenticate and Proxy-Authenticate header
    //# field values
    //= RFC 7616 §3.3
    //# This parameter MUST be used by all implementations.
    expect(asked.every((one) => one.kind === "Digest" && one.qop.join() === "auth")).toBe(true);
  });

  //= RFC 8898 §2.2
  //# If the UAS/registrar chooses to challenge the request and is willing to accept an access token
  //# as a credential, it MUST include a WWW-Authenticate header field in the response that
  //# indicates a "Bearer" scheme and includes an AS address, encoded as an https URI [RFC7230],
  //# from which the UAC can obtain an access token.
  //= RFC 8898 §2.3
  //# If the proxy chooses to challenge the request and is willing to accept an access token as a
  //# credential, it MUST include a Proxy-Authenticate header field in the response that indicates a
  //# "Bearer" scheme and includes an AS address, encoded as an https URI [RFC7230], from which the
  //# UAC can obtain an access token.
  test.each(["REGISTER", "INVITE"])("RFC 8898 §2.2: says last where tokens are: %s", (method) => {
    const guard = makeGuard({ authzServer: "https://house.example/token" });
    const asked = challenges(guard.check(from(method, {}), NOW));
    expect(asked.map(({ kind }) => kind)).toEqual(["Digest", "Digest", "Digest", "Bearer"]);
    expect(asked.at(-1)).toMatchObject({
      realm: REALM,
      authzServer: "https://house.example/token",
    });
    // It would stop at a challenge that it does not know.
    const sipp = from(method, { lines: ["User-Agent: SIPp"] });
    expect(challenges(guard.check(sipp, NOW))).toMatchObject([{ kind: "Digest" }]);
  });

  test("RFC 3261 §22.2, §22.3: asks as a registrar for a REGISTER, as a proxy for all else", () => {
    const status = (method: string) => {
      const verdict = makeGuard().check(from(method, {}), NOW);
      return verdict.kind === "Asked" && [verdict.reply.status, verdict.reply.headers?.[0]?.[0]];
    };
    //= RFC 3261 §22.1
    //# Additionally, registrars and redirect servers MAY make use of 401 (Unauthorized) responses
    //# for authentication, but proxies MUST NOT, and instead MAY use the 407 (Proxy Authentication
    //# Required) response.
    //= RFC 3261 §22.2
    //# The WWW-Authenticate response-header field MUST be included in 401 (Unauthorized) response
    //# messages.
    //= RFC 3261 §22.3
    //# The proxy MUST populate the 407 (Proxy Authentication Required) message with a
    //# Proxy-Authenticate header field value applicable to the proxy for the requested resource.
    //= RFC 7616 §3.8
    //# Upon receiving a request that requires authentication, the proxy/server MUST issue the "407
    //# Proxy Authentication Required" response with a "Proxy-Authenticate" header field.
    expect(status("REGISTER")).toEqual([401, "WWW-Authenticate"]);
    expect(status("INVITE")).toEqual([407, "Proxy-Authenticate"]);
  });

  test.each(["SHA-512-256", "SHA-256"] as const)("knows a device by %s", (algorithm) => {
    const guard = makeGuard();
    const line = credentials(challenges(guard.check(from("INVITE", {}), NOW)), { algorithm });
    const verdict = guard.check(from("INVITE", { uri: URI, lines: [line] }), NOW + 50);
    expect(verdict).toEqual({
      kind: "Known",
      account: "alice",
      by: "device soft",
      credential: "soft",
    });
  });

  test("takes MD5 from a desk phone and from nothing else", () => {
    const guard = makeGuard();
    const asked = challenges(guard.check(from("INVITE", {}), NOW));
    const kind = (password: string, nonceCount: number) => {
      const line = credentials(asked, { algorithm: "MD5", password, nonceCount });
      return guard.check(from("INVITE", { lines: [line] }), NOW + 50).kind;
    };
    expect(kind("s secret", 1)).toBe("Asked");
    expect(kind("d secret", 2)).toBe("Known");
  });

  test("takes no credentials twice, elsewhere, late, or after a restart", () => {
    const guard = makeGuard();
    const line = credentials(challenges(guard.check(from("INVITE", {}), NOW)));
    const judged = (who: Guard, now: number, host?: string) => {
      const verdict = who.check(from("INVITE", { lines: [line] }, host), now);
      return verdict.kind === "Known" ? "Known" : isStale(verdict);
    };
    expect(judged(guard, NOW + 10, "203.0.113.5")).toBe("stale");
    expect(judged(makeGuard(), NOW + 10)).toBe("stale");
    expect(judged(guard, NOW + 10)).toBe("Known");
    expect(judged(guard, NOW + 20)).toBe("stale");
    expect(judged(guard, NOW + 400_000)).toBe("stale");
  });

  //= RFC 7616 §3.4
  //# Its value MUST be one of the alternatives the server indicated it supports in the
  //# WWW-Authenticate header field.
  test("RFC 7616 §3.4: takes no qop that it did not offer", () => {
    const guard = makeGuard();
    const asked = challenges(guard.check(from("INVITE", {}), NOW));
    const kind = (qop: string) => {
      const offered = asked.map((one) => (one.kind === "Digest" ? { ...one, qop: [qop] } : one));
      const lines = [credentials(offered)];
      const verdict = guard.check(from("INVITE", { lines }), NOW);
      return verdict.kind === "Asked" ? verdict.why : verdict.kind;
    };
    expect(kind("auth-int")).toBe("a qop that was not offered");
    expect(kind("AUTH")).toBe("Known");
  });

  //= RFC 7616 §3.4.6
  //# The authenticating server MUST assure that the resource designated by the "uri" parameter is
  //# the same as the resource specified in the Request-Line
  test("takes none that were made for another method or another address", () => {
    const guard = makeGuard();
    const asked = challenges(guard.check(from("INVITE", {}), NOW));
    const kind = (method: string, made: Try, uri = URI) => {
      const line = credentials(asked, made).replace(
        "Proxy-Auth",
        method === "REGISTER" ? "Auth" : "Proxy-Auth",
      );
      return guard.check(from(method, { uri, lines: [line] }), NOW + 50).kind;
    };
    expect(kind("BYE", {})).toBe("Asked");
    expect(kind("REGISTER", {})).toBe("Asked");
    expect(kind("INVITE", { uri: "sip:eve@203.0.113.66" })).toBe("Asked");
    expect(kind("INVITE", { uri: "sip:carol@house.example" })).toBe("Asked");
    expect(kind("INVITE", { uri: "nonsense" })).toBe("Asked");
  });

  test("RFC 8760 §2.6: takes another spelling of the same address", () => {
    const guard = makeGuard();
    const asked = challenges(guard.check(from("INVITE", {}), NOW));
    const line = credentials(asked, { uri: "sip:bob@HOUSE.example:5060;transport=udp" });
    expect(guard.check(from("INVITE", { uri: URI, lines: [line] }), NOW).kind).toBe("Known");
  });

  test("says the same of a wrong password and of a wrong name", () => {
    const guard = makeGuard();
    const asked = challenges(guard.check(from("INVITE", {}), NOW));
    const verdicts = [{ password: "guess" }, { username: "zelda" }].map((made) => {
      const lines = [credentials(asked, made)];
      const verdict = guard.check(from("INVITE", { lines }), NOW);
      if (verdict.kind !== "Asked") throw new Error("was let in");
      const headers = verdict.reply.headers?.map(([name, value]) => [name, value.length]);
      return [verdict.why, verdict.reply.status, headers, isStale(verdict)];
    });
    expect(verdicts[0]).toEqual(verdicts[1]);
    expect(verdicts[0]?.[3]).toBe("asked");
  });

  //= RFC 8760 §2.6
  //# SIP clients and servers MUST NOT accept or request Basic authentication.
  test("asks again for credentials of other realms, schemes and shapes", () => {
    const guard = makeGuard();
    const asked = challenges(guard.check(from("INVITE", {}), NOW));
    const right = credentials(asked);
    const wrong = [
      right.replace('realm="house.example"', 'realm="elsewhere.example"'),
      right.replace("SHA-256", "SHA-1"),
      right.replace(/qop=auth,?/, ""),
      right.replace(/nonce="./, 'nonce="x'),
      "Proxy-Authorization: Basic YWxpY2U6cyBzZWNyZXQ=",
      "Proxy-Authorization: Bearer not.a.token",
      "Proxy-Authorization: Digest",
      right.replace("Proxy-", ""),
    ];
    for (const line of wrong) {
      expect([line, guard.check(from("INVITE", { lines: [line] }), NOW).kind]).toEqual([
        line,
        "Asked",
      ]);
    }
    //= RFC 8898 §2.3
    //# When a proxy wishes to authenticate a received request, it MUST search the request for
    //# Proxy-Authorization header fields with 'realm' parameters that match its realm. It then MUST
    //# successfully validate the credentials from at least one Proxy-Authorization header field for
    //# its realm. When the scheme is "Bearer", the proxy MUST validate the access token using the
    //# procedures associated with the type of access token (structured or reference) used
    //= RFC 3261 §22.3
    //# Note that if an authentication scheme that does not support realms is used in the
    //# Proxy-Authorization header field, a proxy server MUST attempt to parse all
    //# Proxy-Authorization header field values to determine whether one of them has what the proxy
    //# server considers to be valid credentials.
    const many = [...wrong.slice(0, 3), right];
    expect(guard.check(from("INVITE", { lines: many }), NOW).kind).toBe("Known");
  });
});

function isStale(verdict: Verdict): "stale" | "asked" {
  const asked = challenges(verdict);
  return asked.every((one) => one.kind === "Digest" && one.stale) ? "stale" : "asked";
}
