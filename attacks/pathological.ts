/**
 * Sixty messages of which each is one thing over and over, as long as a datagram can be: what
 * reading one costs, at half the length and at the whole, and what they cost the program.
 */
import { createEndpoint, type Endpoint } from "carillon/endpoint";
import { nodeCrypto } from "carillon/node";
import { domain, MemoryLocation } from "carillon/roles";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { folderIn, Stage } from "./stage.ts";
import { Stranger } from "./stranger.ts";

/** The largest datagram of UDP over IPv4. */
const MAX_DATAGRAM = 65_507;
const [HALF, WHOLE] = [32_000, 64_000];
const MAX_MS = 5;
const MAX_RATIO = 2.5;
/** What is shorter than this is the clock's noise, and no growth can be told from it. */
const NOISE_MS = 0.15;
const [TIMES, ROUNDS] = [25, 12];

const START = `OPTIONS sip:${DOMAIN} SIP/2.0\r\n`;
const LINES: Readonly<Record<string, string>> = {
  Via: "SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bK-path",
  From: "<sip:a@b>;tag=1",
  To: `<sip:a@${DOMAIN}>`,
  "Call-ID": "path",
  CSeq: "1 OPTIONS",
  "Max-Forwards": "70",
};

/** The message with more in one of its lines, or lines and a body behind them. */
const message = (name: string, value: string, more = "", body = ""): string => {
  const lines = { ...LINES, [name]: `${LINES[name] ?? ""}${value}` };
  const text = Object.entries(lines).map(([one, what]) => `${one}: ${what}\r\n`);
  return `${START}${text.join("")}${more}\r\n${body}`;
};
const fill = (piece: string, octets: number): string =>
  piece.repeat(Math.floor(octets / piece.length));

type Generator = (octets: number) => string;

const inValue =
  (name: string, piece: string): Generator =>
  (n) =>
    message(name, fill(piece, n));
const asLines =
  (line: string): Generator =>
  (n) =>
    message("X", "", fill(line, n));
const inBody =
  (type: string, piece: string): Generator =>
  (n) => {
    const body = fill(piece, n);
    return message("X", "", `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`, body);
  };

/** What has stopped readers: comments in comments, quotes that stay open, folds, escapes, … */
export const GENERATORS: Readonly<Record<string, Generator>> = {
  ...each(
    ["Via", "From", "To", "Contact", "Route", "Authorization", "Warning", "Accept"],
    [...[",", ";", '"', "\\\\", "<sip:a>,", ";a=1"]],
  ),
  "open comments": inValue("User-Agent", "("),
  "closed comments": inValue("Server", "(a)"),
  "folded lines": inValue("Subject", "\r\n "),
  "header names": (n) => message("X", "", `${fill("X", n)}: a\r\n`),
  "lines of one letter": asLines("a: b\r\n"),
  "compact Vias": asLines("v: SIP/2.0/UDP a\r\n"),
  "empty lines before it": (n) => fill("\r\n", n) + message("X", ""),
  "Content-Lengths": asLines("l: 0\r\n"),
  "parts of a body": inBody("multipart/mixed;boundary=b", "--b\r\n\r\n\r\n"),
  "borders alone": inBody("multipart/mixed;boundary=b", "--b"),
  "lines of SDP": inBody("application/sdp", "a=x\r\n"),
  "elements of XML": inBody("application/pidf+xml", "<a>"),
};

function each(names: readonly string[], pieces: readonly string[]): Record<string, Generator> {
  const all = names.flatMap((name) =>
    pieces.map((piece): [string, Generator] => [
      `${name} of ${JSON.stringify(piece)}`,
      inValue(name, piece),
    ]),
  );
  return Object.fromEntries(all);
}

export async function pathological(folder: string, report: Report): Promise<void> {
  const count = Object.keys(GENERATORS).length;
  await report.check(
    `${count} messages of one thing over and over are read in linear time`,
    inLine,
  );
  await report.check("and the program goes on meanwhile", async () => {
    const stage = await Stage.open(folderIn(folder, "pathological"), 1);
    const [at, beside] = [await Stranger.at(), await Stranger.at()];
    let sent = 0;
    const cost = await stage.cost(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const make of Object.values(GENERATORS)) {
          at.say(make(WHOLE).slice(0, MAX_DATAGRAM));
          sent++;
          await pause(1);
        }
        beside.say(message("Call-ID", `-${round}`));
      }
      await pause(500);
    });
    for (const one of [at, beside]) one.close();
    const answered = beside.heard.length;
    demand(answered === ROUNDS, `${answered} of ${ROUNDS} others were answered`);
    await stage.close();
    const figure = `${sent} datagrams of ${WHOLE / 1000} KB`;
    return `${figure}, ${answered} of ${ROUNDS} others answered; ${cost.figure}`;
  });
}

/** The best of many of each: what the reader needs, and not what the machine had to do beside. */
async function inLine(): Promise<string> {
  const endpoint = house();
  let [worstMs, worstRatio] = [0, 0];
  let slowest = "";
  for (const [name, make] of Object.entries(GENERATORS)) {
    const [half, whole] = [make(HALF), make(WHOLE)];
    const [once, twice] = [best(endpoint, half), best(endpoint, whole)];
    const ratio = twice < NOISE_MS ? 1 : twice / Math.max(once, NOISE_MS / 4);
    if (twice > worstMs) [worstMs, slowest] = [twice, name];
    worstRatio = Math.max(worstRatio, ratio);
    demand(twice <= MAX_MS, `${name}: ${twice.toFixed(2)} ms for ${whole.length} octets`);
    demand(
      ratio < MAX_RATIO,
      `${name}: ${once.toFixed(3)} and ${twice.toFixed(3)} ms, ${ratio.toFixed(1)} times`,
    );
  }
  const figure = `at most ${worstMs.toFixed(2)} ms (${slowest})`;
  return `${figure}, twice the length at most ${worstRatio.toFixed(2)} times`;
}

function best(endpoint: Endpoint, octets: string): number {
  const remote = { host: "127.0.0.1", port: 5070 };
  let least = Number.POSITIVE_INFINITY;
  for (let nth = 0; nth < TIMES; nth++) {
    // A string of its own each time, as from a socket: nothing that was found is known again.
    const fresh = Buffer.from(octets, "latin1").toString("latin1");
    const startMs = performance.now();
    endpoint.handle({ kind: "Datagram", local: LOCAL, remote, octets: fresh }, nth + 1);
    least = Math.min(least, performance.now() - startMs);
  }
  return least;
}

const LOCAL = { host: "127.0.0.1", port: 5060 };

/** A house as the program has it, without the program. */
function house(): Endpoint {
  const crypto = nodeCrypto();
  const key = crypto.randomBytes(32);
  const accounts = { has: () => false, devices: () => [], session: () => false };
  const role = domain({
    ...{ domain: DOMAIN, aliases: [], realm: DOMAIN, accounts, location: new MemoryLocation() },
    ...{ crypto, key, tokenKey: key, node: "n" },
  });
  const endpoint = createEndpoint({ role, crypto, key, node: "n", product: "Carillon" });
  endpoint.handle({ kind: "Listening", transport: "UDP", local: LOCAL }, 0);
  return endpoint;
}
