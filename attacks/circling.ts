/**
 * Requests that never arrive: two of the program are routed at each other, and one at an element
 * that passes on under new names, so that nothing is left by which a circle could be known.
 */
import type { Seeded } from "../durability/seed.ts";
import { House } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { until } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { type Asked, requestText, Stranger } from "./stranger.ts";

const OTHER = "127.0.0.2";
const RENAMER = { host: "127.0.0.3", port: 5060 };
/** Each of two programs has the other one look after this domain. */
const CIRCLE = "circle.example";
/** This one is looked after by whoever renames, who asks us again. */
const SPIRAL = "spiral.example";
/** As many as anybody may have: RFC 3261 §8.1.1.6. */
const MAX_HOPS = 70;
const WAIT_MS = 10_000;
const METHODS = ["INVITE", "OPTIONS", "MESSAGE"];
const HOPS: readonly (string | undefined)[] = ["70", "255", undefined];

const sendsTo = (domain: string, host: string) => ({ domain, to: [`sip:${host}:${SIP.port}`] });

export async function circling(folder: string, report: Report): Promise<void> {
  const here = folderIn(folder, "circling");
  const forward = [sendsTo(CIRCLE, OTHER), sendsTo(SPIRAL, RENAMER.host)];
  const stage = await Stage.open(here, 2, { config: { forward } });
  const config = { forward: [sendsTo(CIRCLE, SIP.host)] };
  const other = await House.start(folderIn(here, "other"), { log: "info", host: OTHER, config });
  const asker = stage.people[0];
  if (!asker) throw new Error("somebody lives there");
  await report.check("two programs that are routed at each other give up what goes round", () =>
    toEachOther(stage, asker),
  );
  await report.check(
    "a circle that leaves no trace ends after 70 hops, whatever is asked for",
    () => underNewNames(stage, asker),
  );
  await report.check("circles: both programs are as they were", async () => {
    const code = await other.stop();
    demand(code === 0 && other.faults.length === 0, `the other: ${code}, ${other.faults[0]}`);
    return await stage.close();
  });
}

async function toEachOther(stage: Stage, asker: Seeded): Promise<string> {
  const sender = await Stranger.at();
  const statuses: number[] = [];
  const cost = await stage.cost(async () => {
    for (const [nth, { method, hops }] of cases().entries()) {
      const uri = `sip:nobody@${CIRCLE}`;
      sender.say(
        asked({ method, nth: `circle${nth}`, uri, to: uri, via: sender.via }, hops, asker),
      );
      statuses.push(await until("an answer", () => statusIn(sender, nth, "circle"), WAIT_MS));
    }
  });
  sender.close();
  demand(
    statuses.every((one) => one === 483),
    `answers: ${statuses.join()}`,
  );
  return `${statuses.length} requests, each answered with 483; ${cost.figure}`;
}

/** Whoever renames sends each request back here with other ids and no Via but its own. */
async function underNewNames(stage: Stage, asker: Seeded): Promise<string> {
  const sender = await Stranger.at();
  const renamer = await Stranger.at(RENAMER.host, RENAMER.port);
  const rounds: number[] = [];
  let refused = 0;
  const cost = await stage.cost(async () => {
    for (const [nth, { method, hops }] of cases().entries()) {
      let round = 0;
      let last = 0;
      renamer.onHeard = (text) => {
        const status = /^SIP\/2.0 (\d{3})/.exec(text)?.[1];
        if (status !== undefined) last = Number(status);
        else if (text.startsWith(`${method} `)) {
          const left = /^Max-Forwards: *(\d+)/im.exec(text)?.[1];
          const renamed = { method, nth: `spiral${nth}-${++round}`, via: viaOfRenamer };
          const uri = `sip:nobody@${SPIRAL}`;
          renamer.say(asked({ ...renamed, uri, to: uri }, left, asker));
        }
      };
      const uri = `sip:nobody@${SPIRAL}`;
      sender.say(asked({ method, nth: `begin${nth}`, uri, to: uri, via: sender.via }, hops, asker));
      refused += (await until("an end", () => last || undefined, WAIT_MS)) === 483 ? 1 : 0;
      rounds.push(round);
    }
  });
  for (const one of [sender, renamer]) one.close();
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)];
  // Who says nothing is granted 70 from the first server on, and so comes once more.
  demand(most <= MAX_HOPS + 1 && fewest >= MAX_HOPS, `rounds: ${rounds.join()}`);
  demand(refused === rounds.length, `${refused} of ${rounds.length} ended with 483`);
  return `${rounds.length} requests, ${fewest} to ${most} rounds, then 483; ${cost.figure}`;
}

const viaOfRenamer = `UDP ${RENAMER.host}:${RENAMER.port}`;

const cases = () => METHODS.flatMap((method) => HOPS.map((hops) => ({ method, hops })));

function asked(what: Asked, hops: string | undefined, { account, token }: Seeded): string {
  const from = `sip:${account}@house.example`;
  const text = requestText({ ...what, from, more: [`Proxy-Authorization: Bearer ${token}`] });
  const line = hops === undefined ? "" : `Max-Forwards: ${hops}\r\n`;
  return text.replace(/^Max-Forwards: 70\r\n/m, line);
}

/** The final response to the nth of these. */
function statusIn({ heard }: Stranger, nth: number, name: string): number | undefined {
  const own = heard.filter(
    (text) =>
      text.includes(`branch=z9hG4bK-${name}${nth}\r\n`) ||
      text.includes(`branch=z9hG4bK-${name}${nth};`),
  );
  const statuses = own.map((text) => Number(/^SIP\/2.0 (\d{3})/.exec(text)?.[1] ?? 0));
  return statuses.find((status) => status >= 200);
}
