import { describe, expect, test } from "vitest";
import { LyingDns, type StreamWeather } from "../testing/network.ts";
import { twoServers } from "../testing/two-servers.ts";

const ZONE = `
  _sip._tcp.example.com SRV 1 0 5060 one.example.com
  _sip._tcp.example.com SRV 2 0 5060 two.example.com
  one.example.com A 192.0.2.1
  two.example.com A 192.0.2.2
`;
const ANSWERS = "expect INVITE\nsend 200 OK";

/** What goes wrong on the way to the first server, and who answers in the end, after how long. */
interface Trouble {
  readonly stream?: StreamWeather;
  readonly first?: string;
  readonly answers: "one" | "two";
  readonly withinMs: number;
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "dribbles, an octet at a time": {
    stream: { dribble: { bytes: 1, everyMs: 1 } },
    answers: "one",
    withinMs: 2000,
  },
  coalesces: { stream: { coalesceMs: 300 }, answers: "one", withinMs: 1000 },
  "is reset in the middle of the request": {
    stream: { resetAfterBytes: 100 },
    answers: "two",
    withinMs: 1000,
  },
  "is reset in the middle of the answer": {
    stream: { resetAfterBytes: 500 },
    answers: "two",
    withinMs: 1000,
  },
  "is reset instead of an answer": {
    first: "expect INVITE\nreset",
    answers: "two",
    withinMs: 1000,
  },
  "is half-closed instead of an answer": {
    first: "expect INVITE\nfinish",
    answers: "two",
    withinMs: 1000,
  },
  "is half-closed behind the answer": {
    first: `${ANSWERS}\nfinish`,
    answers: "one",
    withinMs: 1000,
  },
  "is refused": { stream: { opening: "refused" }, answers: "two", withinMs: 250 },
  "is never answered": { stream: { opening: "silent" }, answers: "two", withinMs: 3000 },
};

describe("RFC 3263 §4.3 a request over TCP finds somebody when the first connection", () => {
  test.each(Object.entries(TROUBLES))("%s", async (_, trouble) => {
    const options = { servers: { transports: ["TCP"] } } as const;
    const dns = new LyingDns().zone(ZONE);
    const scene = twoServers(trouble.first ?? ANSWERS, ANSWERS, options, dns);
    const { network, first, second, heard, send, host } = scene;
    for (const [from, to] of [
      ["here", "one"],
      ["one", "here"],
    ] as const) {
      if (trouble.stream) network.between(from, to, { stream: trouble.stream });
    }
    send("INVITE", "sip:bob@example.com;transport=tcp");
    await network.run(20_000);
    const [answer = "nothing", ...more] = heard;
    expect([answer.split(" ")[1], more]).toEqual(["200", []]);
    expect(Number.parseInt(answer, 10)).toBeLessThan(trouble.withinMs);
    const sent = { one: first, two: second }[trouble.answers].endpoint;
    expect([sent.failure, sent.heard]).toEqual([undefined, ["INVITE"]]);
    await network.run(400_000);
    const { servers, requests, searches } = {
      ...host.endpoint.census(),
      ...host.endpoint.servers.census(),
    };
    expect({ servers, requests, searches }).toEqual({ servers: 0, requests: 0, searches: 0 });
    expect(host.endpoint.census()).toMatchObject({ clients: 0, connections: 0 });
  });
});
