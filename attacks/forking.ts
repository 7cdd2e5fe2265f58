/**
 * Forks of forks: RFC 5393. Accounts whose devices are somebody who sends each request back here
 * for two or ten other accounts, as an honest proxy would, so that the Vias and Max-Breadth of
 * all servers on the way are in it.
 */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { until } from "../interop/until.ts";
import { answerTo } from "./recorder.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const ANSWER_MS = 20_000;
const MAX_BREADTH = 60;
const MAX_HOPS = 70;
/** RFC 5393 §3: what two accounts come to with loop detection, and without it 2^71 - 1. */
const TWO_ACCOUNTS = 14;
const MUTUAL = 10;
/** Two, three and ten who have each other; and one more, who calls. */
const PEOPLE = 2 + 3 + MUTUAL + 1;
/** From the first request to the last that comes of it. */
const MUTUAL_MS = 2000;
const QUIET_MS = 400;

export async function forking(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "forking"), PEOPLE);
  await report.check(
    "devices at an address of this server are refused: one REGISTER is one message",
    () => atItself(stage),
  );
  await report.check(`two accounts that fork to each other: ${TWO_ACCOUNTS} messages at most`, () =>
    mutual(stage, { first: 0, count: 2 }, TWO_ACCOUNTS),
  );
  await report.check("three accounts that fork to each other", () =>
    mutual(stage, { first: 2, count: 3 }, MAX_BREADTH * MAX_HOPS),
  );
  await report.check(`${MUTUAL} accounts that fork to each other`, () =>
    mutual(stage, { first: 5, count: MUTUAL }, MAX_BREADTH * MAX_HOPS),
  );
  await report.check("the program is as it was", () => stage.close());
}

const aorOf = ({ account }: Seeded): string => `sip:${account}@${DOMAIN}`;

async function atItself(stage: Stage): Promise<string> {
  const who = stage.people[PEOPLE - 1];
  if (!who) throw new Error("somebody lives there");
  const at = await Stranger.at();
  const here = [DOMAIN, `${SIP.host}:${SIP.port}`, `${SIP.host}:${SIP.port};transport=tcp`];
  const cost = await stage.cost(async () => {
    for (const [nth, host] of here.entries()) {
      const aor = aorOf(who);
      const text = requestText({
        ...{ method: "REGISTER", nth: `self${nth}`, via: at.via, from: aor, to: aor },
        contact: `sip:${who.account}@${host};x=1>,<sip:${who.account}@${host};x=2`,
        more: ["Expires: 60", `Authorization: Bearer ${who.token}`],
      });
      at.say(text);
      const isAnswered = () => at.heard.find((one) => one.includes(`self${nth}@`));
      const answer = await until("it is answered", isAnswered, ANSWER_MS);
      demand(answer.startsWith("SIP/2.0 403"), answer.slice(0, 40));
    }
  });
  at.say(call(at, who, who, "self"));
  const isOver = () =>
    at.heard.find((one) => /^SIP\/2\.0 [4-6]/.test(one) && one.includes("call-self@"));
  const answer = await until("a call to it ends", isOver, ANSWER_MS);
  at.close();
  const figure = `${here.length} REGISTERs with two each: 403, a call to it`;
  return `${figure}: ${answer.slice(8, 11)}; ${cost.figure}`;
}

const call = (at: Stranger, from: Seeded, to: Seeded, nth: string): string =>
  requestText({
    ...{ method: "INVITE", nth: `call-${nth}`, via: at.via, from: aorOf(from), to: aorOf(to) },
    more: [`Proxy-Authorization: Bearer ${from.token}`],
  });

interface Some {
  readonly first: number;
  readonly count: number;
}

/**
 * Each of `count` accounts has a device for each of them, all at one socket. Whoever is there is a
 * proxy that sends what is for one of them back here to that one, and answers nothing itself.
 */
async function mutual(stage: Stage, who: Some, most: number): Promise<string> {
  const { count } = who;
  const people = stage.people.slice(who.first, who.first + count);
  const [first] = people;
  const caller = stage.people[PEOPLE - 1];
  if (!first || !caller) throw new Error("people live there");
  const [bouncer, at] = [await Stranger.at(), await Stranger.at()];
  let [forwarded, lastMs, nth] = [0, 0, 0];
  const refusals = new Map<string, number>();
  for (const who of people) await register(bouncer, who, people);
  bouncer.onHeard = (text) => {
    if (text.startsWith("SIP/2.0 ")) {
      const status = text.slice(8, 11);
      if (status >= "300") refusals.set(status, (refusals.get(status) ?? 0) + 1);
      return relayBack(bouncer, text);
    }
    if (!text.startsWith("INVITE ")) return;
    forwarded++;
    lastMs = performance.now();
    // Its retransmissions are no messages of the fork.
    bouncer.say(answerTo(text, "100 Trying").replace(/;tag=recorder/, ""));
    const target = people.find(({ account }) => text.startsWith(`INVITE sip:${account}-@`));
    if (target) bouncer.say(bounced(bouncer, text, target, caller, ++nth));
  };
  let startMs = 0;
  const cost = await stage.cost(async () => {
    startMs = performance.now();
    at.say(call(at, caller, first, `mutual${count}`));
    const isOver = () => at.heard.some((one) => /^SIP\/2\.0 [3-6]/.test(one)) || undefined;
    await until("the call ends", isOver, ANSWER_MS);
    await until(
      "nothing is sent any more",
      () => performance.now() - lastMs > QUIET_MS || undefined,
      ANSWER_MS,
    );
  });
  const tookMs = lastMs - startMs;
  for (const one of [bouncer, at]) one.close();
  // What is not forwarded is refused: 482 where it has been before, 440 where it is too broad.
  const isShown = forwarded >= count && (refusals.get("482") ?? 0) + (refusals.get("440") ?? 0) > 0;
  demand(isShown, `only ${forwarded} were forwarded: nothing was shown`);
  demand(forwarded <= most, `${forwarded} were forwarded, over ${most}`);
  demand(tookMs < MUTUAL_MS, `it went on for ${tookMs.toFixed(0)} ms`);
  const why = [...refusals].map(([status, times]) => `${times} × ${status}`).join(", ");
  return `${forwarded} forwarded in ${tookMs.toFixed(0)} ms (${why}); ${cost.figure}`;
}

async function register(bouncer: Stranger, who: Seeded, people: readonly Seeded[]): Promise<void> {
  const aor = aorOf(who);
  const contacts = people.map(({ account }) => `sip:${account}-@127.0.0.1:${bouncer.port}`);
  let isIn = false;
  bouncer.onHeard = (text) => {
    isIn ||= text.startsWith("SIP/2.0 200") && text.includes(`in-${who.account}@`);
  };
  bouncer.say(
    requestText({
      ...{ method: "REGISTER", nth: `in-${who.account}`, via: bouncer.via, from: aor, to: aor },
      contact: contacts.join(">,<"),
      more: ["Expires: 600", `Authorization: Bearer ${who.token}`],
    }),
  );
  await until(`${who.account} is registered`, () => isIn || undefined, ANSWER_MS);
}

/** As a proxy sends it on: a Via on top, one hop less, and credentials of somebody here. */
function bounced(bouncer: Stranger, text: string, to: Seeded, by: Seeded, nth: number): string {
  const [head = "", body = ""] = text.split("\r\n\r\n", 2);
  const [, ...lines] = head.split("\r\n");
  const kept = lines.map((line) =>
    line.replace(
      /^Max-Forwards: *(\d+)/i,
      (_, hops: string) => `Max-Forwards: ${Number(hops) - 1}`,
    ),
  );
  const via = `Via: SIP/2.0/${bouncer.via};branch=z9hG4bK-bounce${nth}`;
  const signed = `Proxy-Authorization: Bearer ${by.token}`;
  return [`INVITE ${aorOf(to)} SIP/2.0`, via, ...kept, signed, "", body].join("\r\n");
}

/** As a proxy sends a response on: without the Via that is its own, to the next one below. */
function relayBack(bouncer: Stranger, text: string): void {
  if (/^SIP\/2\.0 100/.test(text)) return;
  const via = /^Via: [^\r]*bounce[^\r]*\r\n/im.exec(text)?.[0];
  if (via === undefined) return;
  // Whoever sent it has to hear an ACK, or says it again for half a minute.
  const status = Number(text.slice(8, 11));
  if (status >= 300) bouncer.say(ackFor(text, via));
  bouncer.say(text.replace(via, ""));
}

function ackFor(text: string, via: string): string {
  const line = (name: string) => new RegExp(`^${name}: [^\\r]*`, "im").exec(text)?.[0] ?? "";
  const to = /<([^>]*)>/.exec(line("To"))?.[1] ?? "";
  return [
    ...[`ACK ${to} SIP/2.0`, via.trimEnd(), "Max-Forwards: 70", line("From"), line("To")],
    ...[line("Call-ID"), line("CSeq").replace("INVITE", "ACK"), "Content-Length: 0", "", ""],
  ].join("\r\n");
}
