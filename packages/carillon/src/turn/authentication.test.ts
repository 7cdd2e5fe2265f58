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
import { attributeTypes } from "./stun-attributes.ts";
import { attribute, methods } from "./stun-message.ts";

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
});
