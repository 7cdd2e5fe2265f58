import { describe, expect, test } from "vitest";
import {
  codeOf,
  lifetimeAttribute,
  mappedIn,
  overUdp,
  type StageClient,
  stageCredentials,
  TurnStage,
  textIn,
} from "../testing/turn-stage.ts";
import type { Address } from "../uri/host.ts";
import { challengeIn } from "./client-request.ts";
import { attributeTypes } from "./stun-attributes.ts";
import { attribute, methods, type StunAttribute } from "./stun-message.ts";

const peer: Address = { host: "198.51.100.20", port: 9000 };

describe("a stranger", () => {
  test("RFC 8489 §6.3.1.1 is told where their Binding request came from", () => {
    const answer = new TurnStage().client().plain(methods.Binding);
    expect([codeOf(answer), mappedIn(answer)]).toEqual([0, { host: "198.51.100.7", port: 40_000 }]);
    const six = new TurnStage().client("2001:db8:5::9").plain(methods.Binding);
    expect(mappedIn(six)?.host).toBe("2001:db8:5::9");
  });

  //= RFC 8489 §9.2.4
  //# If the message does not contain a MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 attribute, the
  //# server MUST generate an error response with an error code of 401 (Unauthenticated).
  //= RFC 8489 §9.2.4
  //# This response MUST include a REALM value. The response MUST include a NONCE, selected by the
  //# server.
  //= RFC 8489 §9.2.4
  //# If the server adds a PASSWORD-ALGORITHMS attribute, it MUST set the STUN Security Feature
  //# "Password algorithms" bit to 1.
  //= RFC 8489 §9.2.4
  //# The response MUST include a PASSWORD-ALGORITHMS attribute.
  //= RFC 8656 §5
  //# [RFC8489] specifies an authentication mechanism called the "long-term credential mechanism".
  //# TURN servers and clients MUST implement this mechanism, and the authentication options are
  //# discussed in Section 7.2.
  //= RFC 8656 §7.2
  //# Otherwise, the server MUST require that the request be authenticated. If the request is
  //# authenticated, the authentication MUST be done either using the long-term credential mechanism
  //# of [RFC8489] or using the STUN Extension for Third-Party Authorization [RFC7635] unless the
  //# client and server agree to use another mechanism through some procedure outside the scope of
  //# this document.
  test("RFC 8489 §9.2.4 is asked who they are, with realm, nonce and algorithms", () => {
    const stage = new TurnStage();
    const answer = stage.client().plain(methods.Allocate, [overUdp]);
    expect([codeOf(answer), textIn(answer, attributeTypes.REALM)]).toEqual([401, "house.example"]);
    expect(textIn(answer, attributeTypes.NONCE)).toMatch(/^obMatJos2gAAA[\w-]{22}$/);
    const algorithms = answer && attribute(answer, attributeTypes.PASSWORD_ALGORITHMS);
    expect([...algorithms!]).toEqual([0, 2, 0, 0, 0, 1, 0, 0]);
    expect(stage.server.census().allocations).toBe(0);
  });

  test("gets three times the octets they sent at most, and so many answers and no more", () => {
    const stage = new TurnStage();
    const client = stage.client();
    let answers = 0;
    for (let i = 0; i < 1000; i++) {
      for (const method of [methods.Binding, methods.Allocate, methods.Refresh]) {
        const bytes = client.bytesOf("Request", method, []);
        const answer = client.raw(bytes);
        if (!answer) continue;
        answers++;
        expect(answer.bytes.length + 28).toBeLessThanOrEqual(3.1 * (bytes.length + 28));
      }
    }
    expect(answers).toBe(200);
    stage.pass(1000);
    for (let i = 0; i < 100; i++) if (client.plain(methods.Binding)) answers++;
    expect(answers).toBe(250);
    expect(codeOf(stage.client("198.51.100.8").plain(methods.Binding))).toBe(0);
  });

  test("has no answers to indications, answers, nonsense and channels", () => {
    const client = new TurnStage().client();
    client.sendOn(0x4000, "hello");
    client.send(peer, "hello");
    expect(client.raw(client.bytesOf("Indication", methods.Binding, []))).toBeUndefined();
    for (const bytes of [[], [0x40], [0x40, 0, 0], [0x50, 0, 0, 0], [0x80, 1, 2, 3]]) {
      expect(client.raw(Uint8Array.from(bytes))).toBeUndefined();
    }
  });

  //= RFC 8489 §6.3.1
  //# If the request contains one or more unknown comprehension-required attributes, the server
  //# replies with an error response with an error code of 420 (Unknown Attribute) and includes an
  //# UNKNOWN-ATTRIBUTES attribute in the response that lists the unknown comprehension-required
  //# attributes.
  test("RFC 8489 §6.3.1 is told which attributes are not understood", () => {
    const unknown = { type: 0x7001, value: new Uint8Array(3) };
    const answer = new TurnStage().client().plain(methods.Binding, [unknown]);
    expect(codeOf(answer)).toBe(420);
    expect([...attribute(answer!, attributeTypes.UNKNOWN_ATTRIBUTES)!]).toEqual([0x70, 0x01]);
  });
});

describe("credentials (RFC 8489 §9.2.4)", () => {
  const attempt = (change: (client: StageClient, stage: TurnStage) => void): number => {
    const stage = new TurnStage();
    const client = stage.client();
    change(client, stage);
    return codeOf(client.ask(methods.Allocate, [overUdp]));
  };

  //= RFC 8489 §9.2.4
  //# Any response generated by the server MUST include the MESSAGE-INTEGRITY-SHA256 attribute,
  //# computed using the username and password utilized to authenticate the request, unless the
  //# request was processed as though PASSWORD-ALGORITHM was MD5 (because the request contained
  //# neither PASSWORD-ALGORITHMS nor PASSWORD-ALGORITHM).
  //= RFC 8489 §9.2.4
  //# In that case, the MESSAGE-INTEGRITY attribute MUST be used instead of the
  //# MESSAGE-INTEGRITY-SHA256 attribute, and the REALM, NONCE, USERNAME, and USERHASH attributes
  //# SHOULD NOT be included.
  test("of both kinds are taken, and answers are proved in the same way", () => {
    for (const integrity of ["SHA-1", "SHA-256"] as const) {
      const client = new TurnStage().client();
      client.integrity = integrity;
      const answer = client.ask(methods.Allocate, [overUdp]);
      expect(codeOf(answer)).toBe(0);
      const proofs = [answer?.integrityAt !== undefined, answer?.integritySha256At !== undefined];
      expect(proofs).toEqual([integrity === "SHA-1", integrity === "SHA-256"]);
    }
  });

  //= RFC 8489 §9.2.4
  //# If the value of the USERNAME or USERHASH attribute is not valid, the server MUST generate an
  //# error response with an error code of 401 (Unauthenticated).
  //= RFC 8489 §9.2.4
  //# If the resulting value does not match the contents of the MESSAGE-INTEGRITY attribute or the
  //# MESSAGE-INTEGRITY-SHA256 attribute, the server MUST reject the request with an error response.
  //# This response MUST use an error code of 401 (Unauthenticated). It MUST include the REALM and
  //# NONCE attributes and SHOULD NOT include the USERNAME, USERHASH, MESSAGE-INTEGRITY, or
  //# MESSAGE-INTEGRITY-SHA256 attribute.
  test("that are expired, made up, or of somebody else's secret are refused", () => {
    const wrong: readonly ((client: StageClient, stage: TurnStage) => void)[] = [
      (client, stage) => {
        client.credentials = stageCredentials(stage, "alice", -1);
      },
      (client) => {
        client.credentials = { ...client.credentials, credential: "secret" };
      },
      (client) => {
        client.credentials = { ...client.credentials, username: "alice" };
      },
      (client) => {
        const { username, credential } = client.credentials;
        client.credentials = { username: username.replace("alice", "bob"), credential };
      },
      (client) => {
        client.credentials = { ...client.credentials, username: "9".repeat(400) };
      },
    ];
    expect(wrong.map(attempt)).toEqual([401, 401, 401, 401, 401]);
  });

  //= RFC 8489 §9.2.4
  //# If the NONCE is no longer valid, the server MUST generate an error response with an error code
  //# of 438 (Stale Nonce).
  //= RFC 8489 §9.2.4
  //# This response MUST include NONCE, REALM, and PASSWORD-ALGORITHMS attributes and SHOULD NOT
  //# include the USERNAME and USERHASH attributes. The NONCE attribute value MUST be valid.
  test("with a nonce of somebody else, or of an hour ago, are asked for again", () => {
    expect(
      attempt((client, stage) => {
        const other = stage.client("198.51.100.99");
        other.ask(methods.Refresh);
        client.challenge = other.challenge;
      }),
    ).toBe(438);
    expect(
      attempt((client, stage) => {
        client.ask(methods.Refresh);
        stage.pass(3_601_000);
        client.credentials = stageCredentials(stage, "alice");
      }),
    ).toBe(438);
  });

  //= RFC 8489 §9.2.4
  //# If the message contains a MESSAGE-INTEGRITY or a MESSAGE-INTEGRITY-SHA256 attribute, but is
  //# missing either the USERNAME or USERHASH, REALM, or NONCE attribute, the server MUST generate
  //# an error response with an error code of 400 (Bad Request).
  test("that are not whole are a bad request", () => {
    expect(
      attempt((client) => {
        client.challenge = { realm: "house.example", nonce: "x".repeat(800) };
      }),
    ).toBe(400);
  });

  //= RFC 8656 §5
  //# then the request MUST be rejected with a 441 (Wrong Credentials) error.
  test("of another account cannot change an allocation", () => {
    const stage = new TurnStage();
    const client = stage.client();
    client.allocate();
    client.credentials = stageCredentials(stage, "mallory");
    expect([
      client.permit(peer),
      codeOf(client.ask(methods.Refresh, [lifetimeAttribute(0)])),
    ]).toEqual([441, 441]);
    expect(stage.server.census().allocations).toBe(1);
  });

  test("may end in the middle of a call, which goes on", () => {
    const stage = new TurnStage();
    const client = stage.client();
    client.credentials = stageCredentials(stage, "alice", 60);
    client.allocate();
    stage.pass(120_000);
    expect(codeOf(client.ask(methods.Refresh))).toBe(0);
    const again = stage.client("198.51.100.7", 40_001);
    again.credentials = client.credentials;
    expect(codeOf(again.ask(methods.Allocate, [overUdp]))).toBe(401);
  });

  //= RFC 8489 §9.2.4
  //# This response MUST include NONCE, REALM, and PASSWORD-ALGORITHMS attributes and SHOULD NOT
  //# include the USERNAME and USERHASH attributes. The NONCE attribute value MUST be valid.
  test("that were asked for again hold with the nonce of that answer", () => {
    const stage = new TurnStage();
    const client = stage.client();
    client.ask(methods.Refresh);
    stage.pass(3_601_000);
    client.credentials = stageCredentials(stage, "alice");
    const stale = client.ask(methods.Allocate, [overUdp]);
    expect([codeOf(stale), textIn(stale, attributeTypes.REALM)]).toEqual([438, "house.example"]);
    expect(stale && attribute(stale, attributeTypes.PASSWORD_ALGORITHMS)?.length).toBe(8);
    client.challenge = stale && challengeIn(stale);
    expect(codeOf(client.ask(methods.Allocate, [overUdp]))).toBe(0);
  });

  //= RFC 8489 §9.2.4
  //# The server MUST NOT choose the same NONCE for two requests unless they have the same source IP
  //# address and port.
  test("have nonces of their own, each source another one", () => {
    const stage = new TurnStage();
    const nonceFor = (host: string, port: number) =>
      textIn(stage.client(host, port).plain(methods.Refresh), attributeTypes.NONCE);
    const nonces = [nonceFor("198.51.100.1", 1), nonceFor("198.51.100.1", 2)];
    expect(new Set([...nonces, nonceFor("198.51.100.2", 1)]).size).toBe(3);
  });

  //= RFC 8489 §9.2.4
  //# Otherwise, unless (1) PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS are both present, (2)
  //# PASSWORD-ALGORITHMS matches the value sent in the response that sent this NONCE, and (3)
  //# PASSWORD-ALGORITHM matches one of the entries in PASSWORD-ALGORITHMS, the server MUST generate
  //# an error response with an error code of 400 (Bad Request).
  test("have to name one of the algorithms that were offered, and all of those", () => {
    const algorithms = (...bytes: readonly number[]): StunAttribute => ({
      type: attributeTypes.PASSWORD_ALGORITHMS,
      value: Uint8Array.from(bytes),
    });
    const chosen = (...bytes: readonly number[]): StunAttribute => ({
      type: attributeTypes.PASSWORD_ALGORITHM,
      value: Uint8Array.from(bytes),
    });
    const offered = algorithms(0, 2, 0, 0, 0, 1, 0, 0);
    const codes = [
      [offered],
      [chosen(0, 1, 0, 0)],
      [algorithms(0, 1, 0, 0), chosen(0, 1, 0, 0)],
      [offered, chosen(0, 3, 0, 0)],
      [offered, chosen(0, 1, 0, 0)],
    ].map((attributes) => {
      const client = new TurnStage().client();
      return codeOf(client.ask(methods.Allocate, [overUdp, ...attributes]));
    });
    expect(codes).toEqual([400, 400, 400, 400, 0]);
  });
});
