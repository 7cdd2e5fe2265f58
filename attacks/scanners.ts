/**
 * The tools that every server meets within the hour, as they are: svwar looks for names and svcrack
 * for a password, which stands in its list.
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../interop/child.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { DigestClient, Registrations } from "./digest-client.ts";
import { Disguise } from "./disguise.ts";
import { folderIn, SIP, Stage } from "./stage.ts";

export const SVWAR = "/usr/bin/svwar";
export const SVCRACK = "/usr/bin/svcrack";

const PEOPLE = 50;
const METHODS = ["REGISTER", "INVITE", "OPTIONS"];
/** Where svwar, svcrack and its disguise are, and somebody's phone. */
const [WARRIOR, CRACKER, BEFORE, PHONE] = ["127.0.0.61", "127.0.0.62", "127.0.0.63", "127.0.0.9"];
const NEAR = "127.0.0.64";
/** In which a tool has gone through a list that is answered; and the list of svcrack. */
const [SCAN_MS, CRACK_MS, FULL_CRACK_MS] = [60_000, 30_000, 600_000];
const [WORDS, FULL_WORDS] = [2000, 10_000];

export async function scanners(folder: string, report: Report, isFull: boolean): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "scanners"), PEOPLE, {
    // svcrack takes the address that it attacks for the domain.
    config: { aliases: [BEFORE, NEAR] },
  });
  const [zoe] = await stage.house.addDeskPhones(["Zoe"] as const);
  const own = join(folder, "tools");
  mkdirSync(own);
  await report.check("svwar finds whom an honest registrar tells of: it does work", () =>
    worksElsewhere(own),
  );
  for (const method of METHODS) {
    await report.check(`svwar by ${method} finds none of ${PEOPLE} who live here`, async () => {
      const found = await scan(own, method, SIP.host);
      const real = found.filter((name) => name.startsWith("p"));
      demand(real.length === 0, `it found ${real.join(", ")}`);
      return `${found.length} names found`;
    });
  }
  await report.check("svcrack finds a password that is the second in its list: it does work", () =>
    cracksSoon(own, zoe),
  );
  const words = isFull ? FULL_WORDS : WORDS;
  await report.check(
    `svcrack does not find it among ${words}, and the phone it belongs to registers meanwhile`,
    () => cracksNever(stage, own, zoe, { words, withinMs: isFull ? FULL_CRACK_MS : CRACK_MS }),
  );
  await report.check("a person sees the ban, and lifts it", () => lifts(stage));
  await stage.close();
}

interface Owner {
  readonly user: string;
  readonly password: string;
}

/** Half of the names live here. */
const names = (): string => Array.from({ length: PEOPLE }, (_, i) => `p${i}\nq${i}\n`).join("");

/** Names that it says it has found. */
async function scan(folder: string, method: string, target: string): Promise<readonly string[]> {
  const list = join(folder, "names");
  writeFileSync(list, names());
  const log = join(folder, `svwar-${method}-${target}.log`);
  const child = new Child(SVWAR, ["-b", WARRIOR, "-m", method, "-d", list, target], { log });
  await child.ended(SCAN_MS);
  const said = child.printed;
  demand(/found nothing|Extension/.test(said), `it did not end as it does: ${said.slice(-300)}`);
  return [...said.matchAll(/^\| ([pq]\d+) +\|/gm)].map(([, name = ""]) => name);
}

/** A registrar that says 404 of who does not live there, as the naive ones do. */
async function worksElsewhere(folder: string): Promise<string> {
  const host = "127.0.0.65";
  const socket = createSocket("udp4");
  socket.on("message", (octets, from) => {
    const text = octets.toString("latin1");
    const isKnown = /^To:[^\r\n]*\bp\d+@/im.test(text);
    const lines = text.split("\r\n").filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    const status = isKnown ? "401 Unauthorized" : "404 Not Found";
    const answer = [`SIP/2.0 ${status}`, ...lines, "Content-Length: 0", "", ""].join("\r\n");
    socket.send(Buffer.from(answer, "latin1"), from.port, from.address);
  });
  socket.bind(5060, host);
  await once(socket, "listening");
  const found = await scan(folder, "REGISTER", host);
  socket.close();
  const real = found.filter((name) => name.startsWith("p")).length;
  demand(real === PEOPLE, `it found ${real} of ${PEOPLE}`);
  demand(found.length === real, `and ${found.length - real} others`);
  return `${real} of ${PEOPLE} found there`;
}

/** What svcrack says of a list, which ends when it has gone through it. */
async function crack(
  folder: string,
  user: string,
  words: readonly string[],
  how: { readonly source: string; readonly listen: string; readonly withinMs: number },
): Promise<{ readonly isFound: boolean; readonly passed: number }> {
  const list = join(folder, `words-${words.length}`);
  writeFileSync(list, `${words.join("\n")}\n`);
  const disguise = await Disguise.between(how.listen, how.source, "SIPp");
  const log = join(folder, `svcrack-${words.length}.log`);
  const args = ["-u", user, "-b", how.listen, "-P", "5070", "-d", list, how.listen];
  const child = new Child(SVCRACK, args, { log });
  const startMs = performance.now();
  while (!child.hasEnded && performance.now() - startMs < how.withinMs) await pause(100);
  await child.stop(5000);
  disguise.close();
  const said = child.printed;
  demand(!/Traceback/.test(said), `it failed by itself: ${said.slice(-400)}`);
  return {
    isFound: /^\| \S+ +\| \S+ +\|/m.test(said.replace(/^\| Extension.*$/m, "")),
    passed: disguise.passed,
  };
}

async function cracksSoon(folder: string, { user, password }: Owner): Promise<string> {
  const words = ["guess", password, "another"];
  const how = { source: NEAR, listen: NEAR, withinMs: SCAN_MS };
  const { isFound, passed } = await crack(folder, user, words, how);
  demand(isFound, "it did not find it");
  return `found in ${passed} requests`;
}

async function cracksNever(
  stage: Stage,
  folder: string,
  { user, password }: Owner,
  { words: count, withinMs }: { readonly words: number; readonly withinMs: number },
): Promise<string> {
  const phone = await DigestClient.at(PHONE, user);
  const first = await phone.register(password);
  demand(first.status === 200, `the phone itself gets ${first.status}`);
  const words = Array.from({ length: count }, (_, i) => (i === count / 2 ? password : `word${i}`));
  let isOver = false;
  const registrations = new Registrations();
  const registers = () => registrations.until(() => isOver, phone, password);
  const before = (await stage.house.status()).protection;
  let tried = { isFound: false, passed: 0 };
  const cost = await stage.cost(async () => {
    const cracking = crack(folder, user, words, { source: CRACKER, listen: BEFORE, withinMs })
      .then((result) => {
        tried = result;
      })
      .finally(() => {
        isOver = true;
      });
    await Promise.all([cracking, registers()]);
  });
  phone.close();
  const after = (await stage.house.status()).protection;
  const looked = after.wrong - before.wrong;
  demand(!tried.isFound, "it found it");
  demand(tried.passed > 60, `it sent ${tried.passed} requests only`);
  demand(looked <= 10, `${looked} passwords were looked at`);
  const asked = `${tried.passed} requests of it, ${looked} passwords looked at`;
  return `${asked}; ${registrations.figure()}; ${cost.figure}`;
}

async function lifts(stage: Stage): Promise<string> {
  const list = async () =>
    JSON.parse(await stage.house.carillon("bans", "list", "--json")) as readonly {
      readonly source: string;
      readonly reason: string;
    }[];
  const bans = await list();
  const ban = bans.find(({ source }) => source === CRACKER);
  demand(ban !== undefined, `it is not among ${JSON.stringify(bans)}`);
  const lines = stage.house.lines.filter((line) => line.includes('"msg":"banned"'));
  demand(lines.length === bans.length, `${lines.length} lines in the log for ${bans.length} bans`);
  const visitor = await DigestClient.at(CRACKER, "p1");
  const during = await visitor.say({ method: "OPTIONS" });
  await stage.house.carillon("bans", "lift", CRACKER);
  await pause(1500);
  const afterwards = await visitor.say({ method: "OPTIONS" });
  visitor.close();
  demand(during.status === 0, `it was answered with ${during.status}`);
  demand(afterwards.status === 407, `once lifted it gets ${afterwards.status}`);
  return `${ban.reason}; silence before, ${afterwards.status} after`;
}
