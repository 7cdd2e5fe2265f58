/** Somebody who lives here and wants the calls of somebody else; and routes that are forged. */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { forgedTokens } from "./flow-tokens.ts";
import { type Recorder, registered } from "./recorder.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const ANSWER_MS = 5000;
/** In which a request that was passed on would have arrived. */
const WAIT_MS = 1500;

interface Registering {
  readonly name: string;
  readonly status: number;
  readonly from?: string;
  readonly to?: string;
  /** Whole header lines; a Contact, in place of the usual one. */
  readonly lines: readonly string[];
}

const [MINE, THEIRS] = [`sip:p1@${DOMAIN}`, `sip:p0@${DOMAIN}`];
const contact = (uri: string): readonly string[] => [`Contact: <${uri}>`, "Expires: 600"];

/** `port` is the attacker's own, who is `p1`. */
const registrations = (port: number): readonly Registering[] => [
  {
    ...{ name: "for somebody else", status: 403, from: MINE, to: THEIRS },
    lines: contact(`sip:p0@127.0.0.1:${port}`),
  },
  {
    ...{ name: "in somebody else's name", status: 403, from: THEIRS, to: THEIRS },
    lines: contact(`sip:p0@127.0.0.1:${port}`),
  },
  {
    ...{ name: "somebody else's away", status: 403, from: MINE, to: THEIRS },
    lines: ["Contact: *", "Expires: 0"],
  },
  { name: "* without Expires: 0", status: 400, lines: ["Contact: *", "Expires: 60"] },
  { name: "* without Expires", status: 400, lines: ["Contact: *"] },
  {
    ...{ name: "* and another", status: 400 },
    lines: ["Contact: *", `Contact: <sip:p1@127.0.0.1:${port}>`, "Expires: 0"],
  },
  ...[
    ...["sip:p1@239.1.2.3", "sip:p1@255.255.255.255", "sip:p1@0.0.0.0", "sip:p1@[ff02::1]"],
    ...["sip:p1@127.0.0.1:19", "sip:p1@127.0.0.1:53", "sip:p1@127.0.0.1:5060"],
    ...[`sip:p0@${DOMAIN}`, `sip:p1@127.0.0.1:${port};maddr=224.0.1.75`],
  ].map((uri) => ({ name: `at ${uri}`, status: 403, lines: contact(uri) })),
];

export async function hijacking(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "hijacking"), 2);
  const [victim, attacker] = stage.people;
  if (!victim || !attacker) throw new Error("two people live there");
  const phone = await registered(victim);
  report.prefix = "A27 hijacking: ";
  await report.check(
    "nobody registers for somebody else, or at an address that is no phone's",
    () => poisoned(stage, phone, attacker),
  );
  report.prefix = "A28 hijacking: ";
  await report.check(
    "a route that is not as we wrote it, or comes from elsewhere, leads nowhere",
    () => forged(stage, phone, attacker),
  );
  phone.close();
  await report.check("the program is as it was", () => stage.close());
  await report.check("a flow token that is forged, stolen or of what is gone leads nowhere", () =>
    forgedTokens(folder),
  );
}

async function poisoned(stage: Stage, phone: Recorder, attacker: Seeded): Promise<string> {
  const at = await Stranger.at();
  const all = registrations(at.port);
  const cost = await stage.cost(async () => {
    for (const [nth, { name, status, from = MINE, to = MINE, lines }] of all.entries()) {
      const text = requestText({
        ...{ method: "REGISTER", nth: `hijack${nth}`, via: at.via, from, to },
        more: [...lines, `Authorization: Bearer ${attacker.token}`],
      }).replace("Contact: <sip:stranger@127.0.0.1:9>\r\n", "");
      at.say(text);
      const said = await until(name, () => statusOf(at, `hijack${nth}@`), ANSWER_MS);
      demand(said === status, `${name}: ${said}, and not ${status}`);
    }
    await olderOnes(at, attacker);
    at.say(toVictim(at, attacker, "OPTIONS", "after"));
    await until("the phone is still reached", () => reached(phone, "after@"), ANSWER_MS);
  });
  at.close();
  const stolen = at.heard.filter((text) => !text.startsWith("SIP/2.0 ")).length;
  demand(stolen === 0, `${stolen} requests came to the attacker`);
  return `${all.length} REGISTERs refused with 403 or 400, none moved a call; ${cost.figure}`;
}

/** RFC 3261 §10.3: of one Call-ID only what is newer counts. */
async function olderOnes(at: Stranger, { token }: Seeded): Promise<void> {
  const say = (cseq: number, expires: number, branch: string): void => {
    const text = requestText({
      ...{ method: "REGISTER", nth: "order", via: at.via, from: MINE, to: MINE },
      ...{ contact: `sip:p1@127.0.0.1:${at.port}` },
      more: [`Expires: ${expires}`, `Authorization: Bearer ${token}`],
    });
    at.say(
      text.replace("CSeq: 1 ", `CSeq: ${cseq} `).replace("z9hG4bK-order", `z9hG4bK-${branch}`),
    );
  };
  const answered = (branch: string) => () => statusOf(at, `z9hG4bK-${branch}`);
  say(7, 600, "new");
  demand((await until("it is in", answered("new"), ANSWER_MS)) === 200, "a good one is not taken");
  say(6, 0, "old");
  const old = await until("the older one is answered", answered("old"), ANSWER_MS);
  demand(old === 500, `an older REGISTER: ${old}`);
  say(7, 0, "same");
  const same = await until("the same again is answered", answered("same"), ANSWER_MS);
  demand(same === 500, `the same CSeq again: ${same}`);
}

const toVictim = (at: Stranger, { account, token }: Seeded, method: string, nth: string): string =>
  requestText({
    ...{ method, nth, via: at.via, from: `sip:${account}@${DOMAIN}`, to: THEIRS },
    contact: `sip:${account}@127.0.0.1:${at.port}`,
    more: [`Proxy-Authorization: Bearer ${token}`],
  });

const reached = (phone: Recorder, id: string): true | undefined =>
  phone.requests.some((text) => text.includes(id)) || undefined;

/** Of the first final answer in which this stands. */
function statusOf({ heard }: Stranger, mark: string): number | undefined {
  const own = heard.filter((text) => text.startsWith("SIP/2.0 ") && text.includes(mark));
  return own.map((text) => Number(text.slice(8, 11))).find((status) => status >= 200);
}

/** A call's Record-Route, with one character changed at a time, and whole from another host. */
async function forged(stage: Stage, phone: Recorder, caller: Seeded): Promise<string> {
  const at = await Stranger.at();
  const far = await Stranger.at("127.0.0.77");
  at.say(toVictim(at, caller, "INVITE", "call"));
  const invite = await until("it rings", () => invitedAs(phone, "call@"), ANSWER_MS);
  const route = /^Record-Route: *<sip:([^@>]+)@/im.exec(invite)?.[1] ?? "";
  demand(route.length > 20, `there is no cookie in ${invite}`);
  const target = `sip:p0@127.0.0.1:${phone.port}`;
  const inDialog = (from: Stranger, cookie: string, nth: string): string =>
    requestText({
      ...{
        method: "INFO",
        nth,
        via: from.via,
        uri: target,
        from: MINE,
        to: `${THEIRS}>;tag=recorder;x=<sip:y`,
      },
      more: [`Route: <sip:${cookie}@${SIP.host}:${SIP.port};lr>`],
    })
      .replace(`From: <${MINE}>;tag=${nth}`, `From: <${MINE}>;tag=call`)
      .replace(/^To: .*$/m, `To: <${THEIRS}>;tag=recorder`)
      .replace(/^Call-ID: .*$/m, "Call-ID: call@stranger")
      .replace(/^CSeq: 1 /m, `CSeq: ${nth.replaceAll(/\D/g, "")} `);
  const changed = [...route].map((one, i) => {
    const other = one === "a" ? "b" : "a";
    return `${route.slice(0, i)}${other}${route.slice(i + 1)}`;
  });
  const others = ["", "x".repeat(route.length), route.slice(1), `${route}a`, route.toUpperCase()];
  const cost = await stage.cost(async () => {
    for (const [nth, cookie] of [...changed, ...others].entries()) {
      at.say(inDialog(at, cookie, `forged${100 + nth}`));
      await pause(3);
    }
    far.say(inDialog(far, route, "far9001"));
    await pause(WAIT_MS);
  });
  const passed = phone.requests.filter((text) => text.startsWith("INFO ")).length;
  demand(passed === 0, `${passed} of ${changed.length + others.length} were passed on`);
  // And as it is, from where the call came: so it would have been seen.
  at.say(inDialog(at, route, "right9002"));
  await until("the true one leads there", () => infoArrived(phone), ANSWER_MS);
  const refused = at.heard.filter((text) => /^SIP\/2\.0 4\d\d/.test(text)).length;
  for (const one of [at, far]) one.close();
  const tried = changed.length + others.length + 1;
  const figure = `${tried} routes forged or stolen, ${refused} refused, 0 passed on, 1 of 1 true`;
  return `${figure}; ${cost.figure}`;
}

const infoArrived = (phone: Recorder): true | undefined =>
  phone.requests.some((text) => text.startsWith("INFO ")) || undefined;
const invitedAs = (phone: Recorder, id: string): string | undefined =>
  phone.requests.find((text) => text.startsWith("INVITE ") && text.includes(id));
