import { describe, expect, test } from "vitest";
import { createEndpoint } from "../endpoint/endpoint.ts";
import type { Role } from "../endpoint/role.ts";
import { newTimer } from "../endpoint/wheel.ts";
import { requestText } from "../testing/request-text.ts";
import { webSocketAt } from "../transport/destination.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { type Link, run } from "./runner.ts";

const WS = {
  transport: "WS",
  local: { host: "127.0.0.1", port: 80 },
  remote: { host: "127.0.0.1", port: 40_000 },
} as const;

function stage(link: Partial<Link> = {}) {
  const heard: string[] = [];
  const role: Role = {
    attach() {},
    request: (from) => endpoint.reply(from, { status: 200 }),
    ack() {},
    opened: () => heard.push("opened"),
    notOpened: (_, cause) => heard.push(`not opened: ${cause}`),
    closed: () => heard.push("closed"),
  };
  const endpoint = createEndpoint({ role, crypto: nodeCrypto() });
  const runner = run(endpoint);
  const sent: string[] = [];
  const whole: Link = { send: (octets) => sent.push(octets), close() {}, ...link };
  return { heard, endpoint, runner, sent, link: whole };
}

const options = requestText("OPTIONS", { via: "SIP/2.0/WS x.invalid;branch=z9hG4bK1" });

describe("a runner", () => {
  test("hands on what a connection says, and gives the answer to its link", () => {
    const { runner, sent, heard, link } = stage();
    const connection = runner.connection(WS, link);
    connection.received(options);
    expect(sent[0]).toMatch(/^SIP\/2\.0 200 OK/);
    connection.closed("gone");
    connection.closed("again");
    connection.received(options);
    expect(sent).toHaveLength(1);
    expect(heard).toEqual(["opened", "closed"]);
    runner.close();
  });

  test("tells of a defect, loses what showed it, and goes on with the rest", () => {
    const faults: unknown[] = [];
    const sent: string[] = [];
    const defect = new Error("a defect");
    const role: Role = {
      attach() {},
      request(from) {
        if (from.request.uri === "sip:bad") throw defect;
        endpoint.reply(from, { status: 200 });
      },
      ack() {},
    };
    const endpoint = createEndpoint({ role, crypto: nodeCrypto() });
    const runner = run(endpoint, { onFault: (fault) => faults.push(fault) });
    const connection = runner.connection(WS, { send: (octets) => sent.push(octets), close() {} });
    connection.received(options.replace(/^OPTIONS \S+/, "OPTIONS sip:bad"));
    connection.received(options);
    expect(faults).toEqual([defect]);
    expect(sent.map((octets) => octets.slice(0, 11))).toEqual(["SIP/2.0 200"]);
    runner.close();
  });

  test("takes what comes in while it is busy in its turn", () => {
    const heard: string[] = [];
    const { runner, link } = stage({
      send(octets) {
        heard.push(octets.slice(0, 11));
        if (heard.length === 1) connection.received("\r\n\r\n");
      },
    });
    const connection = runner.connection(WS, link);
    connection.received(options);
    expect(heard).toEqual(["SIP/2.0 200", "\r\n"]);
    runner.close();
  });

  test("says so when it has nothing to open connections with", () => {
    const { runner, endpoint, heard } = stage();
    runner.call(() => endpoint.open(webSocketAt("ws://example.com")));
    expect(heard).toEqual(["not opened: this program opens no connections"]);
    runner.close();
  });

  test("wakes the endpoint when it wanted to be, though something threw before", async () => {
    const { runner, endpoint } = stage();
    const rang = Promise.withResolvers<number>();
    const timer = newTimer({ due: rang.resolve });
    const before = runner.now();
    expect(() =>
      runner.call(() => {
        endpoint.schedule(timer, before + 30);
        throw new Error("a defect");
      }),
    ).toThrow("a defect");
    expect((await rang.promise) - before).toBeGreaterThanOrEqual(30);
    runner.close();
  });

  test("closes its connections with itself, and is silent from then on", () => {
    let closed = 0;
    const { runner, sent, heard, link } = stage({ close: () => void closed++ });
    const connection = runner.connection(WS, link);
    runner.close();
    connection.received(options);
    runner.call(() => heard.push("called"));
    expect([closed, sent, heard]).toEqual([1, [], ["opened"]]);
  });
});
