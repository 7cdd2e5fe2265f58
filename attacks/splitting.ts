/**
 * Line ends in everything that the program might write into a message of its own: escaped in URIs,
 * in what devices answer, in what people call themselves. No line of them is on the wire.
 */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { answerTo, registered } from "./recorder.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const HTTP = "http://127.0.0.1:8080";
const LINE = "X-Evil: yes";
/** Each a line end to somebody who unescapes once too often, or reads octets as text. */
const ENDS: readonly string[] = [
  ...[
    "%0d%0a",
    "%0D%0A",
    "%0a",
    "%0d",
    "%00%0d%0a",
    "%250d%250a",
    "%0d%0a%20%0d%0a",
    "%u000d%u000a",
  ],
  ...["%E5%98%8A%E5%98%8D", "%c0%8d%c0%8a", "%2e%0d%0a", "\\r\\n"],
];
/** For JSON, where the real ones can be said. */
const REAL_ENDS: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\u0000\r\n",
  "\u2028",
  "\u560a\u560d",
  "\u0085",
];
const WAIT_MS = 1500;
const ANSWER_MS = 5000;

export async function splitting(folder: string, report: Report): Promise<void> {
  const redirects = [{ to: "away*", contacts: [`sip:p2@${DOMAIN};x={user}`] }];
  const config = { calls: { follow3xx: true }, redirects };
  const stage = await Stage.open(folderIn(folder, "splitting"), 4, { config });
  await report.check("line ends in URIs, in REFERs and in what devices answer make no line", () =>
    overSip(stage),
  );
  await report.check("nor do those in what people are called and say over HTTP", () =>
    overHttp(stage),
  );
  await report.check("the program is as it was", () => stage.close());
}

/** Lines, by any of the three ends, that should not be there; a NUL is one, too. */
function evilIn(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => {
    const [head = ""] = text.split("\r\n\r\n", 1);
    return head.includes("\0") || head.split(/[\r\n]+/).some((line) => /^\s*x-evil/i.test(line));
  });
}

/** Whole header lines and more that are put into a request, for each line end. */
const wishes = (end: string) => {
  const evil = `a${end}${LINE.replaceAll(" ", "%20").replaceAll(":", "%3A")}`;
  return {
    "Request-URI's user": { uri: `sip:p1${evil.slice(1)}@${DOMAIN}` },
    "a redirected user": { uri: `sip:away${evil}@${DOMAIN}` },
    "Request-URI's parameter": { uri: `sip:p1@${DOMAIN};x=${evil}` },
    "Request-URI's headers": { uri: `sip:p1@${DOMAIN}?Subject=${evil}&X-Evil=yes` },
    "Refer-To's headers": {
      method: "REFER",
      more: [`Refer-To: <sip:p2@${DOMAIN}?Subject=${evil}&Replaces=${evil}&X-Evil=yes>`],
    },
    "Refer-To's user": { method: "REFER", more: [`Refer-To: <sip:${evil}@${DOMAIN}>`] },
    Reason: { more: [`Reason: SIP;cause=200;text="${evil}"`] },
    "an Event's id": {
      ...{ method: "SUBSCRIBE", uri: `sip:p1@${DOMAIN}` },
      more: [`Event: presence;id=${evil.replaceAll("\\", "")}`, "Expires: 60"],
    },
    "a tag": { nth: `t${evil.replaceAll("\\", "")}` },
    "From's name": { name: evil },
    "a MESSAGE from such a name": {
      ...{ method: "MESSAGE", name: evil, body: "hello" },
      more: ["Content-Type: text/plain", `Subject: ${evil}`],
    },
  } as const;
};

interface Wish {
  readonly method?: string;
  readonly uri?: string;
  readonly nth?: string;
  readonly name?: string;
  readonly body?: string;
  readonly more?: readonly string[];
}

async function overSip(stage: Stage): Promise<string> {
  const [sender, callee, other, third] = stage.people;
  if (!sender || !callee || !other || !third) throw new Error("four people live there");
  const at = await Stranger.at();
  const [phone, second] = [await registered(callee), await registered(other)];
  let nth = 0;
  // One who sends everybody on, with line ends in all that a 302 and its like may say.
  const moving = await registered(third, { answer: () => moved(ENDS[nth % ENDS.length] ?? "") });
  let sent = 0;
  const cost = await stage.cost(async () => {
    for (const end of ENDS) {
      for (const wish of Object.values(wishes(end))) {
        at.say(wished(at, sender, wish, ++sent));
        await pause(3);
      }
      nth++;
      at.say(wished(at, sender, { uri: `sip:p3@${DOMAIN}` }, ++sent));
      await pause(3);
    }
    await pause(WAIT_MS);
  });
  for (const one of [at, phone, second, moving]) one.close();
  const wire = [...phone.requests, ...second.requests, ...moving.requests, ...at.heard];
  const evil = evilIn(wire);
  demand(evil.length === 0, `${evil.length} of ${wire.length}: ${JSON.stringify(evil[0])}`);
  demand(phone.requests.length > ENDS.length, `only ${phone.requests.length} came to the phone`);
  demand(second.requests.length > 0, "nobody was sent on: little was shown");
  const figure = `${sent} requests, ${wire.length} messages on the wire`;
  return `${figure}, ${evil.length} lines more; ${cost.figure}`;
}

function wished(at: Stranger, { account, token }: Seeded, wish: Wish, count: number): string {
  const { method = "INVITE", uri = `sip:p1@${DOMAIN}`, name, more = [], body } = wish;
  const from = `sip:${account}@${DOMAIN}`;
  const text = requestText({
    ...{ method, nth: wish.nth ?? `split${count}`, via: at.via, uri, to: `sip:p1@${DOMAIN}`, from },
    more: [...more, `Proxy-Authorization: Bearer ${token}`],
    ...(body !== undefined && { body }),
  });
  return name === undefined ? text : text.replace("From: <", `From: "${name}" <`);
}

/** A 302 to somebody else, in whose Contact everything stands that a URI can ask for. */
function moved(end: string): string {
  const evil = `a${end}X-Evil%3A%20yes`;
  const uri = `sip:p2${end}@${DOMAIN};x=${evil}?Subject=${evil}&X-Evil=yes&Route=%3Csip:x%3E`;
  const plain = `sip:p2@${DOMAIN}?Subject=${evil}`;
  return [
    ...[`302 Moved${end}`, `Contact: <${uri}>, <${plain}>`],
    ...[`Reason: SIP;text="${evil}"`, `Warning: 399 x "${evil}"`],
  ].join("\r\n");
}

/** Names, notes, groups and messages, and whoever is told of them over SIP. */
async function overHttp(stage: Stage): Promise<string> {
  const [watcher, friend] = stage.people;
  if (!watcher || !friend) throw new Error("people live there");
  const invite = stage.house.invite.split("/join/")[1];
  const heard: string[] = [];
  let taken = 0;
  const cost = await stage.cost(async () => {
    for (const [nth, end] of REAL_ENDS.entries()) {
      const joined = await fetch(`${HTTP}/api/join`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ invite, name: `Eve${nth}${end}${LINE}` }),
      });
      if (joined.status !== 201) continue;
      taken++;
      const { name } = (await joined.json()) as { name: string };
      const cookie = joined.headers.get("set-cookie")?.split(";")[0] ?? "";
      heard.push(...(await toldOf(watcher, name, cookie, `${end}${LINE}`)));
    }
    heard.push(...(await messageFrom(friend)));
  });
  const evil = evilIn(heard);
  demand(evil.length === 0, `${evil.length} of ${heard.length}: ${JSON.stringify(evil[0])}`);
  demand(heard.length > 0, "nobody was told anything: nothing was shown");
  const figure = `${taken} of ${REAL_ENDS.length} names taken`;
  return `${figure}, ${heard.length} messages on the wire; ${cost.figure}`;
}

/** Says how they are, with a note, while somebody watches them. */
async function toldOf(
  watcher: Seeded,
  name: string,
  cookie: string,
  text: string,
): Promise<readonly string[]> {
  const at = await Stranger.at();
  const to = `sip:${name}@${DOMAIN}`;
  at.onHeard = (heard) => {
    if (!heard.startsWith("SIP/2.0 ")) at.say(answerTo(heard, "200 OK"));
  };
  at.say(
    requestText({
      ...{
        method: "SUBSCRIBE",
        nth: `http-${name}`,
        via: at.via,
        to,
        from: `sip:${watcher.account}@${DOMAIN}`,
      },
      contact: `sip:${watcher.account}@127.0.0.1:${at.port}`,
      more: ["Event: presence", "Expires: 60", `Proxy-Authorization: Bearer ${watcher.token}`],
    }),
  );
  await until(
    "it is answered",
    () => at.heard.find((one) => one.startsWith("SIP/2.0 ")),
    ANSWER_MS,
  );
  await fetch(`${HTTP}/@${name}/api/status`, {
    method: "PUT",
    headers: { "content-type": "application/json", cookie },
    body: JSON.stringify({ status: "busy", note: `here${text}` }),
  });
  await pause(100);
  at.close();
  return at.heard;
}

/** One more message, so that whoever is written to hears it from the journal. */
async function messageFrom(who: Seeded): Promise<readonly string[]> {
  const [at, phone] = [await Stranger.at(), await registered(who)];
  at.say(requestText({ method: "OPTIONS", nth: "http-last", via: at.via }));
  await pause(300);
  for (const one of [at, phone]) one.close();
  return [...at.heard, ...phone.requests];
}
