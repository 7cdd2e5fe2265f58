/**
 * Calls through the bridge between a page and a phone with a flow through each of two edges, one of
 * which is killed in the middle of the call (`kill -9`): what the house says goes by the other one
 * (RFC 5626 §7), and what the phone says as well, since both edges have one name (RFC 3261 §16.6).
 */
import { join } from "node:path";
import type { Baresip } from "./baresip.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import type { Child } from "./child.ts";
import { DOMAIN, House } from "./house.ts";
import { NAME_SERVER, startNameOf } from "./name-server.ts";
import { stopped } from "./outbound.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";

const EDGES_AT = ["127.0.0.21", "127.0.0.22"] as const;
const EDGES = "edges.example";
/** Where no phone is: connections come from 127.0.0.1, and edges know it by its address. */
const HOUSE_AT = "127.0.0.31";
/** How long both are listened to from the moment on at which the edge is killed. */
const LISTENED_MS = 3000;
/** Of that, what has to be heard: the rest is what a busy machine may lose. */
const HEARD_SECONDS = 2;
/** Until a page that begins to listen hears all there is. */
const SETTLE_MS = 1000;
const SOON_MS = 8000;
const STOP_MS = 5000;

type Both = readonly [House, House];

export async function bridgedEdges(above: string, report: Report): Promise<void> {
  const folder = join(above, "bridged-edges");
  const stage = await BridgeStage.open(folder, "house", report, { host: HOUSE_AT, nth: 94 });
  try {
    const mia = await stage.page("Mia", 440);
    await whileOneIsKilled({ stage, mia, begins: "page", leaves: "page" }, report);
    await whileOneIsKilled({ stage, mia, begins: "phone", leaves: "phone" }, report);
  } finally {
    await report.check("the house whose edges were killed ran without a fault", () =>
      stage.close(),
    );
  }
}

interface Story {
  readonly stage: BridgeStage;
  readonly mia: PagePhone;
  readonly begins: "page" | "phone";
  readonly leaves: "page" | "phone";
}

/** With edges and a phone of its own. */
async function whileOneIsKilled(story: Story, report: Report): Promise<void> {
  const { stage, mia, begins, leaves } = story;
  const name = begins === "page" ? "Ida" : "Jo";
  const start = (host: string, nth: number): Promise<House> =>
    House.start(join(stage.folder, `edge-${nth}-of-${name}`), {
      ...{ host, domain: `edge${nth}.example` },
      config: {
        edge: { domains: [DOMAIN], registrar: `sip:${HOUSE_AT};transport=tcp`, name: EDGES },
      },
    });
  const names = new EdgeNames(stage.folder);
  await names.lead(EDGES_AT);
  const both: Both = [await start(EDGES_AT[0], 1), await start(EDGES_AT[1], 2)];
  const flows = EDGES_AT.map((host) => `${host}:5060`);
  const own = { toneHz: begins === "page" ? 1000 : 700, names: NAME_SERVER };
  const phone = await stage.phone(name, { ...own, flows, transport: "tcp" });
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`bridge by two edges, the ${begins} calls: ${what}`, run);
  try {
    await check("both hear, one edge is killed, and nobody hears of it", async () => {
      await until("both flows are registered", () => hasBoth(phone), SOON_MS);
      // Until its list says who that is, a page calls somebody new by the name in their address.
      await mia.person.sees(name, "Online");
      const calls = begins === "page" ? pageCalls(mia, phone, name) : phoneCalls(phone, mia, name);
      const recorded = await calls;
      const heard = await bothHear(mia, phone, recorded);
      const used = edgeOfCall(phone);
      const figure = await unheard(story, phone, both[used]);
      await names.lead(EDGES_AT.filter((_, nth) => nth !== used));
      return `${heard}; edge ${used + 1} ${figure}`;
    });
    await check("then the page holds and resumes, and the phone", () => holds(mia, phone, name));
    await check(`then the ${leaves} hangs up`, () => hangsUp(story, phone, name));
  } finally {
    await phone.quit().catch(() => {});
    await names.lead([]);
    for (const [nth, edge] of both.entries()) {
      if (!edge.hasEnded) await stopped(edge, report, `edge ${nth + 1} of ${name}'s phone`);
    }
  }
}

/**
 * What the name of the edges leads to. The dead one is taken out, as by an operator's health check:
 * baresip tries the next address for a request, and has one try for an ACK.
 */
class EdgeNames {
  readonly #folder: string;
  #server: Child | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async lead(to: readonly string[]): Promise<void> {
    await this.#server?.stop(STOP_MS);
    this.#server = to.length === 0 ? undefined : await startNameOf(this.#folder, EDGES, to);
  }
}

/** Both of its REGISTERs were answered. */
const hasBoth = ({ log }: Baresip): true | undefined =>
  ["reg-id=1", "reg-id=2"].every((id) =>
    log.split("SIP/2.0 200 ").some((text) => /CSeq: \d+ REGISTER/.test(text) && text.includes(id)),
  ) || undefined;

/** By which of the two the last INVITE came or went, as the phone has printed it. */
function edgeOfCall({ log }: Baresip): 0 | 1 {
  const [, from = "", to = ""] = [...log.matchAll(/TCP (\S+) -> (\S+)\s+INVITE /g)].at(-1) ?? [];
  const used = EDGES_AT.findIndex((host) => [from, to].includes(`${host}:5060`));
  demand(used === 0 || used === 1, `the call came by neither of them: ${from} -> ${to}`);
  return used;
}

async function unheard({ mia }: Story, phone: Baresip, edge: House): Promise<string> {
  await mia.listen();
  await pause(SETTLE_MS);
  const before = (phone.heard.at(-1) ?? []).length;
  const pageBefore = await mia.heardSeconds(phone.toneHz);
  await edge.kill();
  await pause(LISTENED_MS);
  const page = (await mia.heardSeconds(phone.toneHz)) - pageBefore;
  demand(page >= HEARD_SECONDS, `the page heard ${page} s of ${LISTENED_MS} ms after the kill`);
  const there = ((phone.heard.at(-1) ?? []).length - before) / 8000;
  demand(there >= HEARD_SECONDS, `the phone heard ${there} s of ${LISTENED_MS} ms after it`);
  return `killed, the page heard on for ${page.toFixed(1)} s, the phone for ${there.toFixed(1)}`;
}

/** By requests in the dialog: ours to the phone, and its own. */
async function holds(page: PagePhone, phone: Baresip, name: string): Promise<string> {
  const { person } = page;
  const startMs = performance.now();
  await person.button("Hold the call").click();
  await person.reads("On hold");
  const ms = performance.now() - startMs;
  await person.button("Hold the call").click();
  await person.isConnected();
  await phone.command("hold");
  await person.reads("You are on hold");
  await phone.command("resume");
  await person.isConnected();
  const heard = await bothHear(page, phone, phone.heard.length - 1);
  return `on hold after ${ms.toFixed(0)} ms; then ${heard} (${name})`;
}

async function hangsUp({ mia, leaves }: Story, phone: Baresip, name: string): Promise<string> {
  const since = phone.events.length;
  if (leaves === "page") await mia.person.hangsUp();
  else await phone.command("hangup");
  const { param = "" } = await phone.event("CALL_CLOSED", since, undefined, SOON_MS);
  if (leaves === "phone") await mia.person.reads(`${name} hung up.`);
  return param;
}
