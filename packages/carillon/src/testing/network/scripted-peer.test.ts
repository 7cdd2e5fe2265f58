import { describe, expect, test } from "vitest";
import { Network } from "./network.ts";
import { parseScript } from "./script.ts";
import { ScriptedPeer } from "./scripted-peer.ts";
import { A, B } from "./stage.ts";

/** Two scripts that talk to each other for a minute. */
async function play(one: string, other: string) {
  const network = new Network();
  const b = network.host("b", B, new ScriptedPeer(other));
  const a = network.host("a", A, new ScriptedPeer(one));
  await network.run(60_000);
  return { a: a.endpoint, b: b.endpoint, network };
}

const CALLEE = `
  expect INVITE
  send 180 Ringing
  wait 500 ms
  send 200 OK
    | v=0
  expect ACK within 1000 ms
  expect BYE
  send 200 OK
`;

describe("scripted peers", () => {
  test("call each other over datagrams", async () => {
    const { a, b } = await play(
      `
      send INVITE sip:peer@192.0.2.2:5060
        Subject: a script
      expect 180 INVITE
      expect 200 INVITE
      send ACK
      send BYE
      expect 200 BYE
    `,
      CALLEE,
    );
    expect([a.failure, b.failure, a.isDone, b.isDone]).toEqual([undefined, undefined, true, true]);
    expect(b.heard).toEqual(["INVITE", "ACK", "BYE"]);
    expect(b.messages[0]?.text).toContain("Subject: a script\r\n");
    expect(a.messages[1]?.body).toBe("v=0\r\n");
  });

  test("call each other over TCP, and hang up the connection", async () => {
    const { a, b } = await play(
      `
      connect TCP 192.0.2.2:5060
      send MESSAGE sip:peer@192.0.2.2
      expect 200 MESSAGE
      finish
    `,
      `
      expect MESSAGE
      send 200 OK
      expect closed
    `,
    );
    expect([a.failure, b.failure, a.isDone, b.isDone]).toEqual([undefined, undefined, true, true]);
  });

  test("answer what comes again as they did the first time", async () => {
    const request = (branch: string) =>
      [
        "OPTIONS sip:b SIP/2.0",
        `Via: SIP/2.0/UDP 192.0.2.1;branch=${branch}`,
        "From: <sip:a>;tag=1",
        "To: <sip:b>",
        "Call-ID: 1",
        "CSeq: 1 OPTIONS\r\n\r\n",
      ].join("\r\n");
    const raw = JSON.stringify(request("z9hG4bK1"));
    const { a, b } = await play(
      `
      send OPTIONS sip:b@192.0.2.2
      expect 200 OPTIONS
      raw ${raw}
      raw ${raw}
      expect 486 OPTIONS
      expect 486 OPTIONS
    `,
      `
      expect OPTIONS
      send 200 OK
      expect OPTIONS
      send 486 Busy Here
    `,
    );
    expect([a.failure, b.failure]).toEqual([undefined, undefined]);
    expect(a.isDone).toBe(true);
  });

  test("say what went otherwise than written", async () => {
    const { a, b } = await play("send OPTIONS sip:b@192.0.2.2\nexpect 200", "expect INVITE");
    expect(b.failure).toBe("line 1: expected INVITE, but OPTIONS came");
    expect(a.failure).toBe("line 2: expected 200, but nothing came");
  });

  test("pass over what they were told to", async () => {
    const { b } = await play(
      "send OPTIONS sip:b@192.0.2.2\nsend MESSAGE sip:b@192.0.2.2",
      "ignore OPTIONS\nexpect MESSAGE",
    );
    expect([b.failure, b.isDone, b.heard]).toEqual([undefined, true, ["OPTIONS", "MESSAGE"]]);
  });

  test("what is no script is refused with its line", () => {
    expect(() => parseScript("expect INVITE\ndance")).toThrow("line 2: not understood: dance");
    expect(() => parseScript("wait a moment")).toThrow("line 1");
    expect(() => parseScript("connect SCTP 192.0.2.2")).toThrow("line 1");
  });
});
