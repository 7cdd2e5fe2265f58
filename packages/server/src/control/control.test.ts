import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEndpoint } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { requestText } from "carillon/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CannotStart } from "../cannot-start.ts";
import { answers } from "./answers.ts";
import { connector } from "./connector.ts";
import { askServer } from "./control-client.ts";
import { controlPath, controlServer } from "./control-server.ts";
import { type LiveCall, namedCalls } from "./live-calls.ts";
import type { Recorder } from "./recorder.ts";
import { showConnect } from "./show-connect.ts";
import { showLive } from "./show-live.ts";
import { showRecord } from "./show-record.ts";
import { duration, showStatus } from "./show-status.ts";
import { printed, showTrace } from "./show-trace.ts";
import { statusOf } from "./status.ts";
import { Tracing, withoutSecrets } from "./tracing.ts";

let data: string;
const closers: (() => void)[] = [];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "carillon-control-"));
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(data, { recursive: true, force: true });
});

async function running() {
  const tracing = new Tracing();
  const role = { attach() {}, request() {}, ack() {} };
  const endpoint = createEndpoint({ role, crypto: nodeCrypto(), trace: tracing.see });
  const people = () => [{ online: true }, { online: false }];
  const workers = [
    { calls: 1, load: 0.25 },
    { calls: 0, load: 0 },
  ];
  const bridge = { status: () => ({ calls: 1, workers }) };
  const relays = () => ({ allocations: 3, relays: 3, packets: 7000, bytes: 2_100_000 });
  const protection = () => ({ bans: 1, wrong: 4, unheard: 3, silenced: 2, refused: 5 });
  const shown = {
    ...({ origin: "files", issuer: "Some Authority", namesDomain: true } as const),
    validUntil: "2999-02-27T00:00:00.000Z",
  };
  const certificates = { status: () => shown };
  const ports = () => ({ http: 8080, sip: 5060, tls: 5061 });
  const one = { account: "bob", outside: 4, inside: 0, callsToday: 9, talkTodayMs: 3_600_000 };
  const outgoing = () => ({ outside: 5, people: 2, atLimit: [one] });
  const parts = {
    ...{ ports, outgoing },
    ...{ endpoint, domain: "house.example", people, bridge, relays, protection, certificates },
  };
  const status = statusOf(parts);
  const asked: string[] = [];
  const connect = connector({
    domain: "house.example",
    connect: (options) => {
      const { first, second, account, heard } = options;
      asked.push(`${account}: ${first} and ${second}`);
      if (second.includes("<")) throw new RangeError("no SIP URI");
      heard?.({ name: "Calling", who: "first", status: 180 });
      const isThere = !second.startsWith("sip:nobody@");
      if (isThere) heard?.({ name: "Talking" });
      const message = isThere ? "They hung up." : "Nobody is called so.";
      heard?.({ name: "Ended", status: isThere ? undefined : 404, message });
      return { end: () => void asked.push("ended") };
    },
    inTurn: (run) => run(),
  });
  const records: Recorder = {
    calls: () => LIVE,
    record: ({ call, stop }, say) => {
      if (call === "gone") return say({ error: "There is no such call now." });
      if (call === "full") return say({ name: "Recorded", paths: [], why: "the disk is full" });
      if (stop !== true) return say({ name: "Recording", path: "/r/one.ogg" });
      say({ name: "Recording", path: "/r/one-2.ogg" });
      say({ name: "Recorded", paths: ["/r/one.ogg", "/r/one-2.ogg"], why: "it is too long" });
    },
  };
  const server = await controlServer(
    controlPath(data),
    answers({ tracing, status: status.status, connect, recorder: records }),
  );
  closers.push(server.close, status.close);
  const hear = (octets: string) =>
    endpoint.handle(
      {
        kind: "Datagram",
        local: { host: "192.0.2.1", port: 5060 },
        remote: { host: "192.0.2.9", port: 5070 },
        octets,
      },
      Date.UTC(2030, 0, 1, 12, 30, 1, 7),
    );
  return { tracing, hear, asked };
}

const LIVE: readonly LiveCall[] = [
  {
    ...{ id: "3f9a02", callId: "one@pc", caller: "sip:ann@house.example", seconds: 64 },
    ...{ called: "sip:ben@house.example", state: "talking" },
    bridge: {
      ...{ id: "engine-1", why: "a desk phone and a page", isRecorded: true },
      spoken: ["opus DTLS-SRTP", "PCMA RTP"],
    },
  },
  {
    ...{ id: "3f0000", callId: "two@pc", caller: "sip:cat@house.example", seconds: 2 },
    ...{ called: "sip:ben@house.example", state: "ringing" },
  },
];

describe("carillon calls --live, carillon record", () => {
  const record = (call: string, stop = false, json = false) =>
    showRecord({ data }, { call, stop, webm: false, json });

  test("who talks now, how, and what is recorded", async () => {
    await running();
    expect(await showLive({ data }, { person: undefined, json: false })).toBe(
      "3f9a02  talking 1 min 4 s  sip:ann@house.example -> sip:ben@house.example  through here " +
        "(opus DTLS-SRTP - PCMA RTP): a desk phone and a page; RECORDED\n" +
        "3f0000  ringing 2 s  sip:cat@house.example -> sip:ben@house.example  " +
        "straight from one phone to the other\n",
    );
    const json = JSON.parse(await showLive({ data }, { person: "Cat", json: true }));
    expect(json).toEqual([LIVE[1]]);
    expect(await showLive({ data }, { person: "nobody", json: false })).toBe(
      "Nobody is in a call.\n",
    );
  });

  test("says where it is written, how to end it, and which files there are then", async () => {
    await running();
    expect(await record("3f9a02")).toBe(
      "It is being recorded, and both are told. It ends with the call, or with:\n" +
        "  carillon record 3f9a02 --stop\nIt is written to:\n  /r/one.ogg\n",
    );
    expect(await record("3f9a02", true)).toBe(
      "Recorded. It was ended: it is too long.\n  /r/one.ogg\n  /r/one-2.ogg\n",
    );
    expect(JSON.parse(await record("3f9a02", false, true))).toEqual({
      ...{ name: "Recording", path: "/r/one.ogg" },
    });
  });

  test("what was not recorded is an error in words", async () => {
    await running();
    await expect(record("gone")).rejects.toThrow("There is no such call now.");
    await expect(record("full", true)).rejects.toThrow("Nothing was recorded: the disk is full.");
  });

  test("a call is named by its id, the beginning of it, its Call-ID or who is in it", () => {
    const named = (typed: string) => namedCalls(LIVE, typed).map(({ id }) => id);
    expect(named("3f9a02")).toEqual(["3f9a02"]);
    expect(named("3f9")).toEqual(["3f9a02"]);
    expect(named("two@pc")).toEqual(["3f0000"]);
    expect(named("ann")).toEqual(["3f9a02"]);
    expect(named("cat@house.example")).toEqual(["3f0000"]);
    expect(named("ben")).toEqual(["3f9a02", "3f0000"]);
    for (const nobody of ["3f", "", "be", "house.example"]) expect(named(nobody)).toEqual([]);
  });
});

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !isTrue(); i++) await new Promise((go) => setTimeout(go, 5));
  expect(isTrue()).toBe(true);
};

describe("carillon status", () => {
  test("says in words and as JSON how the server is", async () => {
    await running();
    const words = await showStatus({ data }, { json: false });
    expect(words).toMatch(/^Carillon\/\S+ for house\.example, up /);
    expect(words).toContain("2, of whom 1 can be reached now");
    expect(words).toContain("1 call in 2 processes, the busiest 25 % busy");
    expect(words).toContain(
      "1 address is banned; 4 wrong passwords and 3 more not looked at, 7 messages not answered",
    );
    const elsewhere = "5 calls; at their limit: bob (4 now; 9 calls and 60 min today)";
    expect(words).toContain(`Elsewhere     ${elsewhere}`);
    expect(words).toContain("Relayed       3 now; 7000 packets since the start, 2 MB");
    const json = JSON.parse(await showStatus({ data }, { json: true }));
    expect(json).toMatchObject({
      domain: "house.example",
      people: { known: 2, online: 1 },
      transactions: { servers: 0, clients: 0 },
      connections: 0,
    });
    expect(json.memoryMb).toBeGreaterThan(1);
  });

  test("says in words that no server runs there", async () => {
    await expect(showStatus({ data }, { json: false })).rejects.toThrow(CannotStart);
  });

  test.each([
    [0, "0 s"],
    [59, "59 s"],
    [3600, "1 h"],
    [3_725, "1 h 2 min"],
    [200_000, "2 d 7 h"],
  ])("%d seconds are %s", (seconds, words) => expect(duration(seconds)).toBe(words));
});

describe("carillon connect", () => {
  const said = async (first: string, second: string, json = false) => {
    const lines: string[] = [];
    await showConnect({ data }, { first, second, json }, (text) => void lines.push(text));
    return lines.join("");
  };

  test("says in words how far it is, and hangs up when it is stopped", async () => {
    const { asked } = await running();
    expect(await said("alice", "bob")).toBe(
      "It rings at alice.\nalice and bob talk. Ctrl+C hangs up.\nIt is over: They hung up.\n",
    );
    await until(() => asked.length === 2);
    expect(asked).toEqual(["alice: sip:alice@house.example and sip:bob@house.example", "ended"]);
  });

  test("says it to a program as JSON, and names somebody elsewhere", async () => {
    const { asked } = await running();
    const lines = (await said("alice", "carol@far.example", true)).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(["Calling", "Talking", "Ended"]);
    expect(asked[0]).toBe("alice: sip:alice@house.example and sip:carol@far.example");
  });

  test("fails in words where they never talked, or nobody can be called so", async () => {
    await running();
    await expect(said("alice", "nobody")).rejects.toThrow("Nobody is called so.");
    await expect(said("alice", "<bob>")).rejects.toThrow("Nobody can be called so");
    await expect(said("eve@far.example", "bob")).rejects.toThrow("has to live here");
  });
});

describe("carillon trace", () => {
  test("prints messages as they come and go, and only those about something", async () => {
    const { hear } = await running();
    const all: string[] = [];
    const few: string[] = [];
    const options = { json: false, full: false, only: undefined };
    const traces = [
      showTrace({ data }, options, (text) => all.push(text)),
      showTrace({ data }, { ...options, only: "call-b" }, (text) => few.push(text)),
    ];
    const about = (callId: string) =>
      hear(requestText("OPTIONS", { callId, via: `SIP/2.0/UDP h;branch=z9hG4bK${callId}` }));
    await until(() => {
      about("call-a");
      return all.length > 1;
    });
    await until(() => {
      about("call-b");
      return few.length > 1;
    });
    expect(all[1]).toMatch(/^12:30:01\.007 {2}udp 192\.0\.2\.9:5070 +\|-+ OPTIONS -+>\|\n$/);
    expect(few.slice(1).every((line) => line.includes("OPTIONS"))).toBe(true);
    for (const close of closers.splice(0)) close();
    await Promise.all(traces);
  });

  test("a message of a peer moves no cursor and rings no bell", () => {
    const line = {
      at: 0,
      direction: "out",
      transport: "TLS",
      peer: "h:1",
      message: "SIP/2.0 200 OK\r\nX: \x1b[2J\x07\u0085\r\n\r\n",
    } as const;
    const text = printed(line, { json: false, full: true, only: undefined });
    expect(text).toContain("    X: .[2J..\n");
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(text.split("\n")[0]).toContain("|<");
  });

  test("shows no credentials, and whose they are", () => {
    const message = [
      "REGISTER sip:h SIP/2.0",
      'Authorization: Digest username="alice", realm="h",',
      ' response="00ff", nonce="n"',
      "proxy-authorization : Bearer abc.def",
      "Subject: authorization: none",
      "",
      "Authorization: of the body",
    ].join("\r\n");
    const shown = withoutSecrets(message.replace("\r\n\r\n", "\r\n\r\n"));
    expect(shown).toContain('Authorization: Digest username="alice" (left out)\r\n');
    expect(shown).toContain("proxy-authorization : Bearer (left out)\r\n");
    expect(shown).toContain("Subject: authorization: none");
    expect(shown).toContain("Authorization: of the body");
    expect(shown).not.toMatch(/00ff|abc\.def/);
  });
});

describe("the socket between them", () => {
  test("belongs to whoever runs the server, and replaces one that was left behind", async () => {
    writeFileSync(controlPath(data), "");
    await running();
    if (process.platform !== "win32") {
      expect(statSync(controlPath(data)).mode & 0o777).toBe(0o600);
    }
  });

  test.each(["nothing JSON\n", '{"ask":7}\n', '{"ask":"__proto__"}\n', "x".repeat(300)])(
    "answers %j with an error and hangs up",
    async (question) => {
      await running();
      const said = await new Promise<string>((resolve) => {
        const socket = createConnection(controlPath(data));
        let text = "";
        socket.on("data", (more) => {
          text += more;
        });
        socket.on("close", () => resolve(text));
        socket.write(question);
      });
      expect(said).toBe('{"error":"there is no such question"}\n');
    },
  );

  test("a terminal that goes away is forgotten", async () => {
    const { hear } = await running();
    let lines = 0;
    const hearOne = () =>
      hear(requestText("OPTIONS", { via: `SIP/2.0/UDP h;branch=z9hG4bK${Math.random()}` }));
    const asking = askServer(controlPath(data), "trace", () => (++lines > 0 ? "enough" : "more"));
    await until(() => {
      hearOne();
      return lines > 0;
    });
    await asking;
    expect(lines).toBe(1);
  });
});

test("where no server runs, a trace says so and draws nothing", async () => {
  const drawn: string[] = [];
  const options = { json: false, full: false, only: undefined };
  const nowhere = { data: join(data, "nowhere") };
  await expect(showTrace(nowhere, options, (text) => drawn.push(text))).rejects.toThrow(
    "No server is running",
  );
  expect(drawn).toEqual([]);
});
