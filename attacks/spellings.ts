/**
 * Headers that this server keeps from those to whom it passes things on, in thirty spellings each,
 * and a phone that reads as generously as any: it sees none of them.
 */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { registered } from "./recorder.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

/** What nobody is to be told in somebody else's name, and what is nobody's but the server's. */
const STRIPPED: readonly string[] = [
  ...["P-Asserted-Identity", "P-Preferred-Identity", "P-Asserted-Service", "P-Preferred-Service"],
  ...["P-Charging-Vector", "P-Charging-Function-Addresses", "P-Access-Network-Info"],
  ...["P-Served-User", "P-User-Database", "P-Profile-Key"],
  // With the token of whoever sends it.
  ...["Authorization", "Proxy-Authorization"],
];
const MARK = "marked-by-the-attacker";

/** Header lines from a name and a value; each is one that some reader takes for this header. */
export const SPELLINGS: Readonly<Record<string, (name: string, value: string) => string>> = {
  usual: (name, value) => `${name}: ${value}`,
  "without a space": (name, value) => `${name}:${value}`,
  "in capitals": (name, value) => `${name.toUpperCase()}: ${value}`,
  "in small letters": (name, value) => `${name.toLowerCase()}: ${value}`,
  "in letters of both kinds": (name, value) => `${alternating(name)}: ${value}`,
  "a space before the colon": (name, value) => `${name} : ${value}`,
  "spaces before the colon": (name, value) => `${name}      : ${value}`,
  "a tab before the colon": (name, value) => `${name}\t: ${value}`,
  "spaces and tabs before it": (name, value) => `${name} \t \t: ${value}`,
  "a fold after the colon": (name, value) => `${name}:\r\n ${value}`,
  "two folds after it": (name, value) => `${name}:\r\n \r\n\t${value}`,
  "a fold before the colon": (name, value) => `${name}\r\n : ${value}`,
  "a fold in the value": (name, value) => `${name}: ${value}\r\n ;x=y`,
  "many spaces after it": (name, value) => `${name}:${" ".repeat(300)}${value}`,
  "spaces behind the value": (name, value) => `${name}: ${value}   \t`,
  twice: (name, value) => `${name}: ${value}\r\n${name}: ${value}`,
  "twice, spelled differently": (name, value) =>
    `${name.toLowerCase()}: ${value}\r\n${name.toUpperCase()} : ${value}`,
  "empty, and again": (name, value) => `${name}:\r\n${name}: ${value}`,
  "after a folded header": (name, value) => `X-Before: a\r\n b\r\n${name}: ${value}`,
  "after an empty header": (name, value) => `X-Before:\r\n${name}: ${value}`,
  "after a quote that stays open": (name, value) => `X-Before: "\r\n${name}: ${value}`,
  "after a bare LF": (name, value) => `X-Before: a\n${name}: ${value}`,
  "after a bare CR": (name, value) => `X-Before: a\r${name}: ${value}`,
  "after an LF and a CR": (name, value) => `X-Before: a\n\r${name}: ${value}`,
  "a NUL in its name": (name, value) => `${name}\0: ${value}`,
  "a NUL before its name": (name, value) => `\0${name}: ${value}`,
  "a NUL before its value": (name, value) => `${name}: \0${value}`,
  "a space before its name": (name, value) => `X-Before: a\r\n ${name}: ${value}`,
  "two colons": (name, value) => `${name}:: ${value}`,
  "a vertical tab before the colon": (name, value) => `${name}\x0b: ${value}`,
  "a space of another kind": (name, value) => `${name}\xa0: ${value}`,
};

const alternating = (name: string): string =>
  [...name].map((one, at) => (at % 2 ? one.toUpperCase() : one.toLowerCase())).join("");

const METHODS = ["OPTIONS", "INVITE"];

export async function spellings(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "spellings"), 2);
  const count = Object.keys(SPELLINGS).length;
  await report.check(`${count} spellings of ${STRIPPED.length} headers reach no phone`, () =>
    sent(stage),
  );
  await report.check("the program is as it was", () => stage.close());
}

async function sent(stage: Stage): Promise<string> {
  const [sender, callee] = stage.people;
  if (!sender || !callee) throw new Error("two people live there");
  const [at, phone] = [await Stranger.at(), await registered(callee)];
  const texts = requests(at.via, sender, callee);
  const cost = await stage.cost(async () => {
    for (const text of texts) {
      at.say(text);
      await pause(3);
    }
    at.say(plain(at.via, sender, callee, "last", "X-Seen: here"));
    await until("the last one arrives", () => phone.requests.find(isLast), 5000);
  });
  for (const one of [at, phone]) one.close();
  const forwarded = phone.requests.filter((text) => !isLast(text));
  const shown = forwarded.filter((text) => isShown(text, sender.token));
  demand(shown.length === 0, `${shown.length} were seen: ${JSON.stringify(shown[0])}`);
  const enough = forwarded.length > texts.length / 2;
  demand(enough, `only ${forwarded.length} of ${texts.length} came through: little was shown`);
  const figure = `${texts.length} sent, ${forwarded.length} passed on`;
  return `${figure}, ${shown.length} of the headers seen there; ${cost.figure}`;
}

const isLast = (text: string): boolean => /^x-seen: here/im.test(text);

function requests(via: string, sender: Seeded, callee: Seeded): readonly string[] {
  return STRIPPED.flatMap((name, n) =>
    Object.values(SPELLINGS).map((spell, s) => {
      const isOurs = name.endsWith("Authorization");
      const value = isOurs ? `Bearer ${sender.token}` : `<sip:${MARK}@${DOMAIN}>`;
      return plain(via, sender, callee, `sp${100 + n}.${s}`, spell(name, value));
    }),
  );
}

function plain(via: string, sender: Seeded, callee: Seeded, nth: string, line: string): string {
  const to = `sip:${callee.account}@${DOMAIN}`;
  const method = METHODS[nth.length % 2] ?? "OPTIONS";
  return requestText({
    ...{ method, nth, via, to, from: `sip:${sender.account}@${DOMAIN}` },
    more: [`Proxy-Authorization: Bearer ${sender.token}`, line],
  });
}

/**
 * Whether a generous reader finds what should not be there: it takes CR, LF and both for a line
 * end, joins no lines, and leaves out of a name whatever is no letter, digit or hyphen.
 */
function isShown(text: string, token: string): boolean {
  const [head = ""] = text.split("\r\n\r\n", 1);
  const lines = unfolded(head).filter((line) => !line.startsWith("X-Before:"));
  if (lines.some((line) => line.includes(token))) return true;
  return lines.some((line) => {
    const name = line.slice(0, Math.max(0, line.indexOf(":"))).replaceAll(/[^A-Za-z0-9-]/g, "");
    const isOne = STRIPPED.some((one) => one.toLowerCase() === name.toLowerCase());
    return isOne && line.includes(MARK);
  });
}

/**
 * Lines as RFC 3261 §7.3.1 has them: what begins with a space belongs to the line before. So what
 * is folded onto `X-Before` is a part of that, which anybody may say what they like in.
 */
const unfolded = (head: string): readonly string[] =>
  head.replaceAll(/(?:\r\n|\r|\n)[ \t]+/g, " ").split(/\r\n|\r|\n/);
