/**
 * The relay of the house with clients that were not written here: coturn's, and pages in Chromium
 * which may go by a relay and no other way; and coturn in its place.
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { openBrowser } from "../e2e/browser.ts";
import { Child } from "./child.ts";
import { Coturn } from "./coturn.ts";
import { House } from "./house.ts";
import { ip } from "./machine.ts";
import { demand, type Report } from "./report.ts";
import { pause } from "./until.ts";

const ADDRESS = "127.0.0.1";
/** Where coturn is: it relays to no loopback address. */
const OUTSIDE = "192.0.2.77";
const TURN_PORT = 3478;
const ECHO_PORT = 3480;
const SECRET = "kept-by-both";
const MESSAGES = 50;
const CLIENT_MS = 40_000;

interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export async function relayTurn(folder: string, report: Report): Promise<void> {
  const own = join(folder, "relay-turn");
  mkdirSync(own);
  const config = { turn: { peers: [ADDRESS, "::1"] } };
  const house = await House.start(join(own, "house"), { host: "::", config });
  const servers = await iceServersOf(house);
  await withCoturnsClient(own, report, servers);
  await report.check("TURN: two pages that may use a relay only, by the house's own", () =>
    betweenPages(house, servers),
  );
  await report.check("TURN: the house ran without a fault", () => stopped(house));
  await inItsPlace(own, report);
}

/** coturn's client, through our relay, to coturn's echo. */
async function withCoturnsClient(
  folder: string,
  report: Report,
  servers: readonly IceServer[],
): Promise<void> {
  const addresses = ["-L", ADDRESS, "-L", "::1", "-p", `${ECHO_PORT}`];
  const echo = new Child("turnutils_peer", addresses, { log: join(folder, "echo.log") });
  await pause(300);
  const four = ["-e", ADDRESS, "-r", `${ECHO_PORT}`];
  const six = ["-x", "-e", "::1", "-r", `${ECHO_PORT}`];
  const ways: readonly (readonly [string, readonly string[]])[] = [
    ["channels, even ports and those beside them", [...four, ADDRESS]],
    ["indications", ["-s", ...four, ADDRESS]],
    ["more requests than are needed", ["-c", "-G", ...four, ADDRESS]],
    ["client to client, from relay to relay", ["-y", ADDRESS]],
    ["from IPv4 to IPv6", [...six, ADDRESS]],
    ["on IPv6", [...six, "::1"]],
  ];
  for (const [what, args] of ways) {
    await report.check(`TURN: coturn's client, ${what}`, () => client(servers, args));
  }
  await echo.stop(2000);
}

async function client(servers: readonly IceServer[], args: readonly string[]): Promise<string> {
  const { username = "", credential = "" } = servers.at(-1) ?? {};
  const who = ["-u", username, "-w", credential, "-n", `${MESSAGES}`, "-m", "2"];
  const { code, printed } = await printedBy("turnutils_uclient", [...who, ...args]);
  const lost = /Total lost packets (\d+)/.exec(printed)?.[1];
  const received = [...printed.matchAll(/tot_recv_msgs=(\d+)/g)].at(-1)?.[1];
  demand(
    code === 0 && lost === "0",
    `exit code ${code}: ${printed.split("\n").slice(-8).join(" ")}`,
  );
  demand(Number(received) >= 2 * MESSAGES, `only ${received} messages came back`);
  return `${received} messages there and back, none lost`;
}

function printedBy(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly printed: string }> {
  const child = spawn(program, args, { timeout: CLIENT_MS });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      printed += bytes.toString();
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, printed }));
  });
}

/** coturn, with the secret that it shares with the house. */
async function inItsPlace(folder: string, report: Report): Promise<void> {
  ip("addr", "add", `${OUTSIDE}/32`, "dev", "lo");
  const coturn = await Coturn.start(folder, { address: OUTSIDE, port: TURN_PORT, secret: SECRET });
  const args = ["--turn", `turn:${OUTSIDE}:${TURN_PORT}`, "--turn-secret", SECRET];
  const house = await House.start(join(folder, "with-coturn"), { args });
  const servers = await iceServersOf(house);
  await report.check("TURN: coturn takes the credentials of the house", async () => {
    const { code, printed } = await printedBy("turnutils_uclient", [
      ...["-u", servers.at(-1)?.username ?? "", "-w", servers.at(-1)?.credential ?? ""],
      ...["-y", "-n", `${MESSAGES}`, "-m", "2", OUTSIDE],
    ]);
    demand(code === 0, `exit code ${code}: ${printed.split("\n").slice(-8).join(" ")}`);
    return "as those of its own people";
  });
  await report.check("TURN: two pages that may use a relay only, by coturn", () =>
    betweenPages(house, servers),
  );
  await report.check("TURN, coturn in its place: the house ran without a fault", () =>
    stopped(house),
  );
  await coturn.stop();
  ip("addr", "del", `${OUTSIDE}/32`, "dev", "lo");
}

async function stopped(house: House): Promise<string> {
  const code = await house.stop();
  const [fault] = house.faults;
  demand(fault === undefined && code === 0, `exit code ${code}: ${fault ?? ""}`);
  return "exit code 0";
}

/** Joins, and asks as a page does. */
async function iceServersOf({ invite }: House): Promise<readonly IceServer[]> {
  const { port, pathname } = new URL(invite);
  const origin = `http://${ADDRESS}:${port}`;
  const joined = await fetch(`${origin}/api/join`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ invite: pathname.split("/").at(-1), name: "Nia" }),
  });
  const { seat } = (await joined.json()) as { readonly seat: string };
  const cookie = joined.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const answer = await fetch(`${origin}${seat}api/ice-servers`, { headers: { cookie } });
  return ((await answer.json()) as { readonly iceServers: readonly IceServer[] }).iceServers;
}

async function betweenPages(house: House, servers: readonly IceServer[]): Promise<string> {
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(new URL("/", house.invite).href);
    const { pair, roundTrips, ms } = await relayedTalk(page, servers);
    demand(pair === "relay relay", `the way was ${pair}`);
    demand(roundTrips === MESSAGES, `${roundTrips} of ${MESSAGES} came back`);
    return `${roundTrips} words there and back, ${pair}, connected within ${ms} ms`;
  } finally {
    await browser.close();
  }
}

interface Talk {
  readonly pair: string;
  readonly roundTrips: number;
  readonly ms: number;
}

/** Two connections in one page: no description leaves it, and all packets do. */
const relayedTalk = (page: Page, iceServers: readonly IceServer[]): Promise<Talk> =>
  page.evaluate(
    async ([servers, words]) => {
      const configuration = { iceServers: servers, iceTransportPolicy: "relay" as const };
      const [a, b] = [0, 1].map(() => new RTCPeerConnection(configuration as RTCConfiguration)) as [
        RTCPeerConnection,
        RTCPeerConnection,
      ];
      a.onicecandidate = ({ candidate }) => void b.addIceCandidate(candidate ?? undefined);
      b.onicecandidate = ({ candidate }) => void a.addIceCandidate(candidate ?? undefined);
      b.ondatachannel = ({ channel }) => {
        channel.onmessage = ({ data }) => channel.send(data);
      };
      const startMs = performance.now();
      const channel = a.createDataChannel("words");
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription!);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription!);
      await new Promise<unknown>((resolve, reject) => {
        channel.onopen = resolve;
        setTimeout(() => reject(new Error(`ICE is ${a.iceConnectionState}`)), 20_000);
      });
      const ms = Math.round(performance.now() - startMs);
      let roundTrips = 0;
      const all = new Promise<void>((resolve) => {
        channel.onmessage = () => {
          if (++roundTrips === words) resolve();
        };
        setTimeout(resolve, 5000);
      });
      for (let i = 0; i < words; i++) channel.send(`word ${i}`);
      await all;
      const reports = await a.getStats();
      const types: string[] = [];
      for (const [, report] of reports) {
        if (report.type !== "transport") continue;
        const chosen = reports.get(report.selectedCandidatePairId);
        const ends = [chosen?.localCandidateId, chosen?.remoteCandidateId];
        types.push(ends.map((id) => reports.get(id)?.candidateType ?? "none").join(" "));
      }
      a.close();
      b.close();
      return { pair: types.join(), roundTrips, ms };
    },
    [iceServers, MESSAGES] as const,
  );
