/**
 * Edges as programs of their own (RFC 5626 §5): each flow of a phone comes through another one, and
 * one of them is killed. And a call through the bridge to a phone that is behind one (RFC 3327).
 */
import { join } from "node:path";
import type { Phone } from "carillon/node";
import type { Baresip } from "./baresip.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import { DOMAIN, House } from "./house.ts";
import { HOME, KamailioAt, REGISTRAR_AT } from "./kamailio-outbound.ts";
import {
  caller,
  registered,
  ringsOnce,
  stopped,
  twoFlows,
  WIRE_ONE,
  WIRE_TWO,
} from "./outbound.ts";
import { demand, type Report } from "./report.ts";
import { SippFlow, talksOnce } from "./sipp-outbound.ts";
import { until } from "./until.ts";
import { Wire } from "./wire.ts";

const EDGES_AT = ["127.0.0.21", "127.0.0.22"] as const;
const NOBODY = "sip:127.0.0.13:5070;transport=tcp";
const EDGE = "edge.example";
/** Elsewhere than the registrar, which the edge knows by its address. */
const PHONE_AT = { address: "127.0.0.41", enter: [] };
const SOON_MS = 5000;
/** A dead edge says nothing: Kamailio waits two seconds for it. */
const NEXT_EDGE_MS = 5000;

export async function edges(folder: string, report: Report): Promise<void> {
  await twoEdges(join(folder, "two-edges"), report);
  await throughTheBridge(join(folder, "edge-bridged"), report);
}

type Both = readonly [House, House];

/**
 * Two of our programs, a flow of each phone through either; the registrar is Kamailio, the second
 * of those that they are told.
 */
async function twoEdges(folder: string, report: Report): Promise<void> {
  const kamailio = await KamailioAt.registrar(folder);
  const registrar = `sip:${REGISTRAR_AT.host}:${REGISTRAR_AT.port}`;
  // Nobody is at the first of them: all that the edges pass on goes to the second.
  const config = { edge: { domains: [HOME], registrar: [NOBODY, registrar] } };
  const start = (host: string, name: string): Promise<House> =>
    House.start(join(folder, name), { host, config, domain: EDGE });
  let both: Both = [await start(EDGES_AT[0], "edge-1"), await start(EDGES_AT[1], "edge-2")];
  const ann = await caller(`sip:ann@${HOME}`, "none", `${registrar};transport=tcp`);
  try {
    await ofBaresip(folder, both, ann, report).then((killed) =>
      report.check("the edge that was killed starts again", async () => {
        const again = await start(EDGES_AT[killed], `edge-${killed + 1}-again`);
        both = killed === 0 ? [again, both[1]] : [both[0], again];
        return `at ${EDGES_AT[killed]}`;
      }),
    );
    await ofSipp(folder, both, ann, report);
  } finally {
    await ann.close();
    for (const [nth, edge] of both.entries()) {
      if (!edge.hasEnded) await stopped(edge, report, `edge ${nth + 1} of two`);
    }
    await kamailio.stop();
  }
}

/** Gives back which of the two was killed. */
async function ofBaresip(folder: string, both: Both, ann: Phone, report: Report): Promise<0 | 1> {
  const wires = [
    await Wire.to(WIRE_ONE, `${EDGES_AT[0]}:5060`),
    await Wire.to(WIRE_TWO, `${EDGES_AT[1]}:5060`),
  ] as const;
  const bob = await twoFlows(folder, { user: "bob", password: "none", domain: HOME });
  const uri = `sip:bob@${HOME}`;
  let killed: 0 | 1 = 0;
  try {
    await report.check("baresip by two edges before Kamailio: a flow through each", () =>
      registered(bob),
    );
    await report.check("baresip by two edges before Kamailio: a call rings once", () =>
      ringsOnce(bob, ann, uri),
    );
    await report.check(
      "baresip by two edges before Kamailio: one edge is killed, the other rings",
      async () => {
        const used = wires.map(({ octets }) => octets);
        await ringsOnce(bob, ann, uri);
        const grown = wires.map(({ octets }, nth) => octets - (used[nth] ?? 0));
        killed = (grown[0] ?? 0) > (grown[1] ?? 0) ? 0 : 1;
        await both[killed].kill();
        const startMs = performance.now();
        const figure = await ringsOnce(bob, ann, uri);
        const ms = performance.now() - startMs;
        demand(ms < NEXT_EDGE_MS, `only after ${ms.toFixed(0)} ms`);
        return `edge ${killed + 1} killed; ${figure} through the other, ${ms.toFixed(0)} ms`;
      },
    );
  } finally {
    // It would wait for the answer of the edge that was killed.
    await bob.quit().catch(() => {});
    for (const wire of wires) wire.close();
  }
  return killed;
}

async function ofSipp(folder: string, both: Both, ann: Phone, report: Report): Promise<void> {
  const at = { folder, credentials: { user: "cat" }, domain: HOME };
  const flows = EDGES_AT.map(
    (host, nth) => new SippFlow({ ...at, server: `${host}:5060`, regId: nth + 1 }),
  );
  const uri = `sip:cat@${HOME}`;
  await report.check(
    "SIPp by two edges before Kamailio: a flow through each, with its Flow-Timer",
    async () => {
      for (const flow of flows) await until("a flow is registered", () => flow.answer, SOON_MS);
      const timers = flows.map(({ answer = "" }) => /^Flow-Timer: (\d+)/im.exec(answer)?.[1]);
      demand(!timers.includes(undefined), `Flow-Timer: ${timers.join()}`);
      return `Flow-Timer ${timers.join(" and ")}`;
    },
  );
  await report.check("SIPp by two edges before Kamailio: a call is talked through", () =>
    talksOnce(ann, uri, flows),
  );
  await report.check(
    "SIPp by two edges before Kamailio: one edge is killed, the other is talked through",
    async () => {
      const used = flows.findIndex(({ invites }) => invites > 0) === 0 ? 0 : 1;
      await both[used].kill();
      return `edge ${used + 1} killed; ${await talksOnce(ann, uri, flows)}`;
    },
  );
  for (const flow of flows) await flow.kill();
}

/** A house and an edge before it: a page talks to a phone that is behind the edge, and back. */
async function throughTheBridge(folder: string, report: Report): Promise<void> {
  const stage = await BridgeStage.open(folder, "house", report, { nth: 90 });
  const config = { edge: { domains: [DOMAIN], registrar: "sip:127.0.0.1:5060" } };
  const options = { host: EDGES_AT[0], config, domain: EDGE };
  const edge = await House.start(join(folder, "edge"), options);
  try {
    const mia = await stage.page("Mia", 440);
    const own = { toneHz: 1000, host: PHONE_AT, flows: [`${EDGES_AT[0]}:5060`] };
    const ida: Baresip = await stage.phone("Ida", own);
    const check = (what: string, run: () => Promise<string>): Promise<void> =>
      stage.check(`bridge to a phone behind our edge: ${what}`, run, [mia]);
    await check("a page calls it, both hear, the page hangs up", async () => {
      const since = ida.events.length;
      const figure = await bothHear(mia, ida, await pageCalls(mia, ida, "Ida"));
      await mia.person.hangsUp();
      await ida.event("CALL_CLOSED", since);
      return figure;
    });
    await check("a page calls it, and the phone holds, resumes and hangs up", async () => {
      await pageCalls(mia, ida, "Ida");
      await ida.command("hold");
      await mia.person.reads("You are on hold");
      await ida.command("resume");
      await mia.person.isConnected();
      await ida.command("hangup");
      await mia.person.reads("Ida hung up.");
      return "by requests in the dialog, through the edge";
    });
    await check("it calls a page, both hear, the phone hangs up", async () => {
      const figure = await bothHear(mia, ida, await phoneCalls(ida, mia, "Ida"));
      await ida.command("hangup");
      await mia.person.reads("Ida hung up.");
      return figure;
    });
  } finally {
    await report.check("the house behind our edge ran without a fault", () => stage.close());
    await stopped(edge, report, "the edge before it");
  }
}
