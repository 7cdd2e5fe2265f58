/**
 * SUBSCRIBEs that are to make the program flood somebody else with NOTIFYs: victims in Contact, a
 * thousand subscriptions of one person, changes without end, lists of victims.
 */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

/** Another host, and another port of the host that the attacker is at. */
const VICTIM = { host: "127.0.0.66", port: 5066 };
const NEIGHBOUR_PORT = 5067;
/** All datagrams of one NOTIFY transaction over UDP that nobody answers. RFC 3261 §17.1.2.2 */
const ONE_TRANSACTION = 11;
/** Of one account, whose pages watch everybody one by one: as the program has it by default. */
const MAX_SUBSCRIPTIONS = 50;
/** In which a NOTIFY that is not answered is sent again, and given up: 64*T1. */
const [REPEATED_MS, TIMER_F_MS] = [6000, 34_000];
/** Between two NOTIFYs of presence there are five seconds; the first of them is at once. */
const CHANGES_MS = 8000;
const [MANY, CHANGES, LISTED] = [1000, 200, 1000];

export async function subscribing(folder: string, report: Report, isFull: boolean): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "subscribing"), 4);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`SUBSCRIBE: ${name}`, run);
  const waitMs = isFull ? TIMER_F_MS : REPEATED_MS;
  await check("a stranger's makes no NOTIFY", () => fromNobody(stage));
  await check("a victim in Contact at another host hears nothing", () => elsewhere(stage, waitMs));
  await check("a victim in Contact at another port hears one NOTIFY at most", () =>
    nextDoor(stage, waitMs, isFull ? MANY : 100),
  );
  await check(`${MANY} of one person are ${MAX_SUBSCRIPTIONS} at most`, () => many(stage));
  await check(`${CHANGES} changes are few NOTIFYs`, () => changes(stage));
  await check("a list of victims in its body reaches none of them", () => listed(stage));
  await check("the program is as it was", () => stage.close());
}

const signed = ({ token }: Seeded): readonly string[] => [
  `Authorization: Bearer ${token}`,
  `Proxy-Authorization: Bearer ${token}`,
];

interface Wanted {
  readonly nth: number | string;
  readonly who?: Seeded;
  readonly contact?: string;
  readonly more?: readonly string[];
  readonly body?: string;
}

const PRESENCE = ["Event: presence", "Accept: application/pidf+xml", "Expires: 3600"];

function subscribe(at: Stranger, wanted: Wanted): string {
  const { nth, who, contact = `sip:p0@127.0.0.1:${at.port}`, more = [], body } = wanted;
  return requestText({
    ...{ method: "SUBSCRIBE", nth, via: at.via, contact },
    ...{ from: `sip:${who?.account ?? "p0"}@${DOMAIN}`, to: `sip:p1@${DOMAIN}` },
    ...{ uri: `sip:p1@${DOMAIN}`, more: [...PRESENCE, ...more, ...(who ? signed(who) : [])] },
    ...(body !== undefined && { body }),
  });
}

const notifiesOf = (heard: readonly string[]): readonly string[] =>
  heard.filter((text) => text.startsWith("NOTIFY "));
const answersOf = ({ heard }: Stranger, status: number): number =>
  heard.filter((text) => text.startsWith(`SIP/2.0 ${status}`)).length;

/** Says 200 to what it is told. */
function polite(at: Stranger): void {
  at.onHeard = (text) => {
    if (!text.startsWith("NOTIFY ")) return;
    const lines = text.split("\r\n").filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    at.say(["SIP/2.0 200 OK", ...lines, "Content-Length: 0", "", ""].join("\r\n"));
  };
}

async function fromNobody(stage: Stage): Promise<string> {
  const attacker = await Stranger.at();
  const cost = await stage.cost(async () => {
    for (let nth = 0; nth < MANY; nth++) {
      attacker.say(subscribe(attacker, { nth: `nobody${nth}` }));
      if (nth % 50 === 0) await pause(10);
    }
    await pause(1000);
  });
  attacker.close();
  const told = notifiesOf(attacker.heard).length;
  demand(told === 0, `${told} NOTIFYs were sent`);
  demand(attacker.heard.length > 0, "nothing was answered at all");
  return `${attacker.heard.length} refusals, ${told} NOTIFYs; ${cost.figure}`;
}

const person = ({ people }: Stage, nth: number): Seeded => {
  const one = people[nth];
  if (!one) throw new Error(`there is no person ${nth}`);
  return one;
};

async function elsewhere(stage: Stage, waitMs: number): Promise<string> {
  const [attacker, victim] = [await Stranger.at(), await Stranger.at(VICTIM.host, VICTIM.port)];
  const contact = `sip:p0@${VICTIM.host}:${VICTIM.port}`;
  for (let nth = 0; nth < 20; nth++) {
    attacker.say(subscribe(attacker, { nth: `far${nth}`, who: person(stage, 0), contact }));
  }
  await until("it is answered", () => answersOf(attacker, 200) || undefined, 5000);
  await pause(waitMs);
  for (const one of [attacker, victim]) one.close();
  const { length } = victim.heard;
  demand(length === 0, `${length} datagrams came there: ${victim.heard[0]}`);
  const told = notifiesOf(attacker.heard).length;
  demand(told > 0, "nobody was told anything");
  return `${length} datagrams there, ${told} where it was asked for`;
}

async function nextDoor(stage: Stage, waitMs: number, count: number): Promise<string> {
  const attacker = await Stranger.at();
  const victim = await Stranger.at("127.0.0.1", NEIGHBOUR_PORT);
  const contact = `sip:p0@127.0.0.1:${NEIGHBOUR_PORT}`;
  const cost = await stage.cost(async () => {
    for (let nth = 0; nth < count; nth++) {
      const who = person(stage, nth % 2 === 0 ? 0 : 2);
      attacker.say(subscribe(attacker, { nth: `near${nth}`, who, contact }));
      await pause(5);
    }
    await pause(waitMs);
  });
  for (const one of [attacker, victim]) one.close();
  const told = notifiesOf(victim.heard);
  const branches = new Set(told.map((text) => /branch=[^;\r]*/.exec(text)?.[0]));
  demand(branches.size <= 1, `${branches.size} NOTIFYs came there`);
  demand(victim.heard.length <= ONE_TRANSACTION, `${victim.heard.length} datagrams came there`);
  demand(answersOf(attacker, 200) > 0, "none of them was taken");
  const there = `${branches.size} NOTIFY in ${victim.heard.length} datagrams there`;
  return `${count} SUBSCRIBEs, ${there}; ${cost.figure}`;
}

async function many(stage: Stage): Promise<string> {
  const attacker = await Stranger.at();
  polite(attacker);
  const who = person(stage, 3);
  const cost = await stage.cost(async () => {
    for (let nth = 0; nth < MANY; nth++) {
      attacker.say(subscribe(attacker, { nth: `many${nth}`, who }));
      if (nth % 20 === 0) await pause(10);
    }
    await pause(2000);
  });
  const accepted = new Set(
    attacker.heard
      .filter((text) => text.startsWith("SIP/2.0 200"))
      .map((text) => /Call-ID: *(.*)\r/.exec(text)?.[1]),
  ).size;
  const told = notifiesOf(attacker.heard).length;
  attacker.close();
  demand(accepted > 0, "none of them was taken");
  demand(accepted <= MAX_SUBSCRIPTIONS, `${accepted} were taken`);
  const calls = new Set(notifiesOf(attacker.heard).map((one) => /Call-ID: *(.*)\r/.exec(one)?.[1]));
  demand(calls.size <= MAX_SUBSCRIPTIONS, `${calls.size} subscriptions were told`);
  return `${accepted} taken, ${told} NOTIFYs; ${cost.figure}`;
}

const pidf = (nth: number): string =>
  `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:p1@${DOMAIN}">` +
  `<tuple id="t"><status><basic>open</basic></status></tuple><note>${nth}</note></presence>`;

/** One who publishes all the time, and one who listens. */
async function changes(stage: Stage): Promise<string> {
  const [watcher, publisher] = [await Stranger.at(), await Stranger.at()];
  polite(watcher);
  watcher.say(subscribe(watcher, { nth: "changes", who: person(stage, 2) }));
  await until("it is told", () => notifiesOf(watcher.heard).length || undefined, 5000);
  const before = notifiesOf(watcher.heard).length;
  const cost = await stage.cost(async () => {
    for (let nth = 0; nth < CHANGES; nth++) {
      publisher.say(
        requestText({
          ...{ method: "PUBLISH", nth: `change${nth}`, via: publisher.via },
          ...{ from: `sip:p1@${DOMAIN}`, to: `sip:p1@${DOMAIN}`, body: pidf(nth) },
          more: [
            ...["Event: presence", "Expires: 60", "Content-Type: application/pidf+xml"],
            ...signed(person(stage, 1)),
          ],
        }),
      );
      await pause(CHANGES_MS / CHANGES);
    }
  });
  const told = notifiesOf(watcher.heard).length - before;
  const published = answersOf(publisher, 200);
  for (const one of [watcher, publisher]) one.close();
  demand(published > 0, "nothing could be published");
  demand(told > 0, "nothing was told of it");
  // At once, and after five seconds.
  demand(told <= 2, `${told} NOTIFYs in ${CHANGES_MS / 1000} s`);
  return `${published} published, ${told} NOTIFYs in ${CHANGES_MS / 1000} s; ${cost.figure}`;
}

/** RFC 5367: addresses in the body of the SUBSCRIBE. */
async function listed(stage: Stage): Promise<string> {
  const [attacker, victim] = [await Stranger.at(), await Stranger.at(VICTIM.host, VICTIM.port)];
  const entries = Array.from(
    { length: LISTED },
    (_, nth) => `<entry uri="sip:v${nth}@${VICTIM.host}:${VICTIM.port}"/>`,
  ).join("");
  const namespace = "urn:ietf:params:xml:ns:resource-lists";
  const body = `<resource-lists xmlns="${namespace}"><list>${entries}</list></resource-lists>`;
  const more = [
    ...["Supported: eventlist", "Require: recipient-list-subscribe"],
    ...["Content-Type: application/resource-lists+xml", "Content-Disposition: recipient-list"],
  ];
  attacker.say(subscribe(attacker, { nth: "list", who: person(stage, 2), more, body }));
  await until("it is answered", () => attacker.heard.length || undefined, 5000);
  await pause(REPEATED_MS);
  for (const one of [attacker, victim]) one.close();
  const [answer = ""] = attacker.heard;
  demand(/^SIP\/2\.0 4/.test(answer), `it was answered with ${answer.slice(0, 40)}`);
  demand(victim.heard.length === 0, `${victim.heard.length} datagrams came there`);
  return `${answer.slice(8, answer.indexOf("\r"))}, ${victim.heard.length} datagrams there`;
}
