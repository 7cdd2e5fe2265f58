/** Handshakes and frames that are none of a SIP client's, and a page that is somebody else's. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { deflateRawSync } from "node:zlib";
import { chromium } from "playwright-core";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { attack } from "./attacker.ts";
import type { Held, Holding } from "./holding.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText } from "./stranger.ts";
import { type FrameShape, upgrade, Wire, wsFrame } from "./wire.ts";

const HTTP = { host: "127.0.0.1", port: 8080 } as const;
const CHROMIUM = "/usr/bin/chromium";
const ANSWER_MS = 5000;
const GROWTH_MB = 64;
/** More than there may be at all, and what there may be of one source. */
const HELD = 9000;
const HELD_AT_MOST = 512;
const HELD_MS = 5000;

type Changes = Readonly<Record<string, string | undefined>>;

/** What is changed in a handshake that is right. None of them may become a WebSocket. */
const HANDSHAKES: Readonly<Record<string, Changes>> = {
  "another page's Origin": { Origin: "http://evil.example" },
  "Origin null": { Origin: "null" },
  "another port's Origin": { Origin: "http://127.0.0.1:9090" },
  "a file's Origin": { Origin: "file:///tmp/x.html" },
  "an Origin that is none": { Origin: "127.0.0.1:8080" },
  "a name that was made to point here": {
    ...{ Host: "evil.example:8080", Origin: "http://evil.example:8080" },
  },
  "an Origin that begins like ours": { Origin: "http://127.0.0.1:8080.evil.example" },
  "our Origin as somebody's password": { Origin: "http://127.0.0.1:8080@evil.example" },
  "no subprotocol": { "Sec-WebSocket-Protocol": undefined },
  "another subprotocol": { "Sec-WebSocket-Protocol": "xmpp, sip2" },
  "version 8": { "Sec-WebSocket-Version": "8" },
  "no version": { "Sec-WebSocket-Version": undefined },
  "no key": { "Sec-WebSocket-Key": undefined },
  "a short key": { "Sec-WebSocket-Key": "AAAA" },
  "a key that is no base64": { "Sec-WebSocket-Key": "!!!!!!!!!!!!!!!!!!!!!!==" },
  "another upgrade": { Upgrade: "h2c" },
  "no upgrade": { Upgrade: undefined },
  "no connection": { Connection: undefined },
  POST: { start: "POST /sip HTTP/1.1" },
  "another path": { start: "GET /other HTTP/1.1" },
  "a path around it": { start: "GET /api/../sip HTTP/1.1" },
  "HTTP/1.0": { start: "GET /sip HTTP/1.0" },
  "no Host": { Host: undefined },
  "a header of 100 KB": { "X-Long": "x".repeat(100_000) },
};

interface Sent {
  readonly octets: Buffer;
  /** Of the close frame. RFC 6455 §7.4.1 */
  readonly code: number;
}

const small = Buffer.from("\r\n\r\n");
const framed = (payload: Buffer, code: number, shape: FrameShape = {}): Sent => ({
  octets: wsFrame(payload, shape),
  code,
});
/** 20 MB of nothing in 20 KB. */
const bomb = deflateRawSync(Buffer.alloc(20_000_000));

const FRAMES: Readonly<Record<string, Sent>> = {
  "not masked": framed(small, 1002, { isMasked: false }),
  "compressed, which was not agreed on": framed(bomb, 1002, { reserved: 0x40 }),
  RSV2: framed(small, 1002, { reserved: 0x20 }),
  RSV3: framed(small, 1002, { reserved: 0x10 }),
  "an opcode that is none": framed(small, 1002, { opcode: 3 }),
  "a control opcode that is none": framed(small, 1002, { opcode: 11 }),
  "a continuation of nothing": framed(small, 1002, { opcode: 0 }),
  "a ping of 126 octets": framed(Buffer.alloc(126), 1002, { opcode: 9 }),
  "a ping in pieces": framed(small, 1002, { opcode: 9, isLast: false }),
  "a close of one octet": framed(Buffer.alloc(1), 1002, { opcode: 8 }),
  "a close with code 1005": framed(Buffer.from([0x03, 0xed]), 1002, { opcode: 8 }),
  "text that is no UTF-8": framed(Buffer.from([0xff, 0xfe, 0x41]), 1007),
  "65 KB": framed(Buffer.alloc(65 * 1024, 0x41), 1009),
  "a length of 2^40": framed(small, 1009, { length: 2n ** 40n }),
  "a length of 2^63": framed(small, 1009, { length: 2n ** 63n }),
  "a message inside of another": {
    octets: Buffer.concat([wsFrame(small, { isLast: false }), wsFrame(small)]),
    code: 1002,
  },
  "a message of 300 pieces": {
    octets: Buffer.concat([
      wsFrame(small, { isLast: false }),
      ...Array.from({ length: 300 }, () => wsFrame(small, { opcode: 0, isLast: false })),
    ]),
    code: 1008,
  },
};

export async function webSockets(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "web-sockets"), 1);
  const handshakes = Object.keys(HANDSHAKES).length;
  await report.check(`${handshakes} handshakes that are wrong: none becomes a WebSocket`, () =>
    refusedHandshakes(stage),
  );
  await report.check(
    `${Object.keys(FRAMES).length} frames that are wrong end it, and only it`,
    () => refusedFrames(stage),
  );
  await report.check("no compression is agreed on, and the cookie alone says nothing", () =>
    nothingGranted(stage),
  );
  await report.check("Chromium, on a page of another origin, gets no WebSocket", () => elsewhere());
  const many = `${HELD} connections of one machine to the page, each of which asks for something`;
  await report.check(`${many}: others come in`, () => held(stage));
  await report.check("the program is as it was", () => stage.close());
}

/** Pages and WebSockets of others, while one machine holds all connections that it can get. */
async function held(stage: Stage): Promise<string> {
  const waited: number[] = [];
  let result: Held | undefined;
  const cost = await stage.cost(async () => {
    const wanted: Holding = { connections: HELD, stayMs: HELD_MS };
    const attacked = attack<Held>("holding.ts", wanted, HELD_MS + 60_000).then((one) => {
      result = one;
    });
    while (!result) {
      const since = performance.now();
      const { status } = await handshake({ Origin: "http://127.0.0.1:8080" });
      demand(status === 101, `a WebSocket meanwhile: ${status}`);
      const page = await fetch(`http://${HTTP.host}:${HTTP.port}/`, {
        headers: { connection: "close" },
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      demand(page.status === 200, `the page meanwhile: ${page.status}`);
      await page.text();
      waited.push(performance.now() - since);
      await pause(200);
    }
    await attacked;
  });
  const { answered = 0, closed = 0 } = result ?? {};
  demand(waited.length > 5, `others asked only ${waited.length} times`);
  demand(answered >= HELD_AT_MOST / 2, `only ${answered} of those that were held were answered`);
  demand(closed >= HELD - HELD_AT_MOST, `only ${closed} of ${HELD} had to make room`);
  const slowest = Math.max(...waited).toFixed(0);
  const others = `${waited.length} pages and WebSockets, ${slowest} ms at most`;
  return `${others}; ${closed} made room; ${cost.figure}`;
}

/** The status line of what comes back. */
async function handshake(changes: Changes): Promise<{ status: number; head: string }> {
  const socket = connect(HTTP);
  let head = "";
  socket.on("data", (bytes) => {
    head += bytes.toString("latin1");
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(upgrade(changes));
  // What is refused while it is still being sent may end in a reset.
  const closed = new Promise((over) => socket.on("close", over));
  const answered = until(
    "it is answered",
    () => /^HTTP[^\r]*\r\n/.test(head) || undefined,
    ANSWER_MS,
  );
  await Promise.race([answered, closed]);
  await pause(20);
  socket.destroy();
  return { status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0), head };
}

async function refusedHandshakes(stage: Stage): Promise<string> {
  const statuses: number[] = [];
  const cost = await stage.cost(async () => {
    for (const [name, changes] of Object.entries(HANDSHAKES)) {
      const { status } = await handshake(changes);
      demand(status !== 101 && status !== 200 && status < 500, `${name}: ${status}`);
      if (/Origin|name that/i.test(name)) demand(status === 403, `${name}: ${status}, and not 403`);
      statuses.push(status);
    }
  });
  const right = await handshake({ Origin: "http://127.0.0.1:8080" });
  demand(right.status === 101, `the right one: ${right.status}`);
  const all = [...new Set(statuses)].toSorted().join(", ");
  return `answered with ${all}, the right one with 101; ${cost.figure}`;
}

async function refusedFrames(stage: Stage): Promise<string> {
  const beside = await Wire.open("WS");
  const codes: number[] = [];
  const cost = await stage.cost(async () => {
    for (const [name, { octets, code }] of Object.entries(FRAMES)) {
      const wire = await Wire.open("WS");
      wire.raw(octets);
      const said = await until(
        name,
        () => (wire.isClosed ? closeCode(wire.heard) : undefined),
        ANSWER_MS,
      );
      demand(said === code, `${name}: closed with ${said}, and not ${code}`);
      codes.push(said);
    }
  });
  beside.say(requestText({ method: "OPTIONS", nth: "beside", via: beside.via }));
  await until("the others go on", () => beside.heard.includes("beside") || undefined, ANSWER_MS);
  beside.close();
  const grew = cost.peakMb - cost.beforeMb;
  demand(grew < GROWTH_MB, `memory grew by ${grew.toFixed(0)} MB`);
  return `closed with ${[...new Set(codes)].toSorted().join(", ")}; ${cost.figure}`;
}

/** Of the close frame that came last: two octets and four are what is around it. */
function closeCode(heard: string): number {
  const at = heard.lastIndexOf("\x88");
  return at < 0 ? 0 : heard.charCodeAt(at + 2) * 256 + heard.charCodeAt(at + 3);
}

async function nothingGranted(stage: Stage): Promise<string> {
  const extensions = "permessage-deflate; client_max_window_bits, x-webkit-deflate-frame";
  const { status, head } = await handshake({ "Sec-WebSocket-Extensions": extensions });
  demand(status === 101 && !/^Sec-WebSocket-Extensions/im.test(head), head);
  const response = await fetch(`http://${HTTP.host}:${HTTP.port}/api/join`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ invite: stage.house.invite.split("/join/")[1], name: "Zoe" }),
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0] ?? "";
  demand(response.status === 201 && cookie !== "", `nobody could join: ${response.status}`);
  const socket = connect(HTTP);
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes.toString("latin1");
  });
  socket.write(upgrade({ Cookie: cookie }));
  await until("it opens", () => heard.includes(" 101 ") || undefined, ANSWER_MS);
  const aor = `sip:zoe@${DOMAIN}`;
  const asked = { method: "REGISTER", nth: "cookie", via: "WS x.invalid", from: aor, to: aor };
  socket.write(wsFrame(Buffer.from(requestText({ ...asked, more: ["Expires: 60"] }), "latin1")));
  await until("it is answered", () => /SIP\/2\.0 [2-6]/.test(heard) || undefined, ANSWER_MS);
  socket.destroy();
  demand(heard.includes("SIP/2.0 401"), heard.slice(heard.indexOf("SIP/2.0")));
  return "no extension in the answer; with a good cookie and no credentials 401";
}

/** A page at another port, whose script wants a WebSocket here; and the same from our own. */
async function elsewhere(): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>elsewhere</title>");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: ["--no-sandbox"],
  });
  try {
    const outcomes: string[] = [];
    for (const from of [
      `http://127.0.0.1:${port}`,
      `http://localhost:${port}`,
      `http://${HTTP.host}:${HTTP.port}`,
    ]) {
      const page = await browser.newPage();
      await page.goto(from);
      outcomes.push(
        await page.evaluate(`new Promise((resolve) => {
        const socket = new WebSocket("ws://${HTTP.host}:${HTTP.port}/sip", "sip");
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("refused");
      })`),
      );
      await page.close();
    }
    demand(outcomes.join() === "refused,refused,open", outcomes.join());
    return "refused at two other origins, open at the program's own";
  } finally {
    await browser.close();
    server.close();
  }
}
