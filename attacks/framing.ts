/**
 * Streams on which two readers could see different messages: forty Content-Lengths and more, each
 * in front of a REGISTER that nobody is to see.
 */
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN, House } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { requestText } from "./stranger.ts";
import { WIRES, Wire, type WireKind } from "./wire.ts";

const CLOSED_MS = 3000;
/** In which a message that was taken would have been answered. */
const WAIT_MS = 400;
const AT_ONCE = 12;
const OTHER = "127.0.0.2";
/** Looked after by the second of two programs. */
const BEHIND = "behind.example";

/** Whole header lines, where `Content-Length: 5` should be. */
export const LENGTHS: readonly string[] = [
  ...["-1", "+5", "0x5", "0b101", "0o5", "5 5", "5,5", "5;a", "5;q=1", "5.0", "1e1", "", "5\t5"],
  ...['"5"', "5a", "a5", "(5)", "<5>", "5 (c)", "NaN", "Infinity", "5_0", "5'", "5%30", "%35"],
  ...["\xd9\xa5", "\xef\xbc\x95", "5\x00", "\x005", "5\x0b", "5\x0c", "5\r\n 5", "5\r\n\t5"],
  ...["65536", "2147483648", "2147483653", "4294967301", "4294967328", "9007199254740993"],
  ...["18446744073709551621", "99999999999999999999", "5\r\nl: 5", "5\r\nContent-Length: 6"],
].map((value) => `Content-Length: ${value}`);
/** And those that are about the name, or about something else that says how long it is. */
const NAMES: readonly string[] = [
  ...["X: none", "Content_Length: 5", "Content-Length\0: 5", "Content-Length 5", ": 5"],
  ...["Transfer-Encoding: chunked", "X: a\nContent-Length: 5", "X: a\rContent-Length: 5"],
  ...["0\r\nCONTENT-LENGTH: 5", "5\r\nl : 0"].map((value) => `l: ${value}`),
];
const VARIANTS = [...LENGTHS, ...NAMES];

export async function framing(folder: string, report: Report): Promise<void> {
  const here = folderIn(folder, "framing");
  const forward = [{ domain: BEHIND, to: [`sip:${OTHER}:${SIP.port};transport=tcp`] }];
  const stage = await Stage.open(here, 1, { config: { forward } });
  const options = { log: "debug", host: OTHER, config: { aliases: [BEHIND] } } as const;
  const other = await House.start(folderIn(here, "behind"), options);
  const who = stage.people[0];
  if (!who) throw new Error("somebody lives there");
  for (const kind of WIRES) {
    await report.check(`a REGISTER behind ${VARIANTS.length} lengths over ${kind}`, () =>
      smuggled(stage, who, kind),
    );
  }
  await report.check("a program behind the program sees as many messages as it does", () =>
    behind(stage, other),
  );
  await report.check("both programs are as they were", async () => {
    const code = await other.stop();
    demand(code === 0 && other.faults.length === 0, `the other: ${code}, ${other.faults[0]}`);
    return await stage.close();
  });
}

/** Two octets more than five, which a reader that finds no length may take for another message. */
function message(via: string, nth: string, length: string, uri = `sip:${DOMAIN}`): string {
  const text = requestText({ method: "OPTIONS", nth, via, to: uri, uri });
  return text.replace(/Content-Length: 0\r\n/, `${length}\r\n`);
}

const register = ({ account, token }: Seeded, via: string, nth: string): string => {
  const aor = `sip:${account}@${DOMAIN}`;
  return requestText({
    ...{ method: "REGISTER", nth, via, from: aor, to: aor },
    ...{ contact: `sip:${account}@smuggled.invalid` },
    more: ["Expires: 60", `Authorization: Bearer ${token}`],
  });
};

async function smuggled(stage: Stage, who: Seeded, kind: WireKind): Promise<string> {
  const online = async () => (await stage.house.status()).people.online;
  let [ended, answered] = [0, 0];
  const one = async (length: string, nth: number): Promise<void> => {
    const wire = await Wire.open(kind);
    const first = message(wire.via, `first${kind}${nth}`, length);
    wire.say(`${first}hello${register(who, wire.via, `smuggled${kind}${nth}`)}`);
    // A message on a WebSocket ends with its frame, so that nothing need be closed there.
    if (kind === "WS") await pause(WAIT_MS);
    else
      await until(`${JSON.stringify(length)} ends it`, () => wire.isClosed || undefined, CLOSED_MS);
    if (wire.isClosed) ended++;
    if (/SIP\/2\.0 4/.test(wire.heard)) answered++;
    const isSeen = wire.heard.includes(`smuggled${kind}${nth}`) || wire.heard.includes("SIP/2.0 2");
    wire.close();
    demand(!isSeen, `${JSON.stringify(length)}: the second message was answered: ${wire.heard}`);
  };
  const cost = await stage.cost(async () => {
    for (let at = 0; at < VARIANTS.length; at += AT_ONCE) {
      const some = VARIANTS.slice(at, at + AT_ONCE);
      await Promise.all(some.map((length, nth) => one(length, at + nth)));
    }
  });
  demand((await online()) === 0, "somebody was registered by it");
  await isTakenOtherwise(who, kind);
  const figure = `0 of ${VARIANTS.length} REGISTERs taken, ${answered} messages answered with 4xx`;
  return `${figure}, ${ended} connections ended; with the right length it is; ${cost.figure}`;
}

/** The same REGISTER with nothing odd before it: what was looked at can be seen. */
async function isTakenOtherwise(who: Seeded, kind: WireKind): Promise<void> {
  const wire = await Wire.open(kind);
  const name = `plain${kind}`;
  const parts = [message(wire.via, "first", "Content-Length: 0"), register(who, wire.via, name)];
  if (kind === "WS") for (const part of parts) wire.say(part);
  else wire.say(parts.join(""));
  const taken = () => /SIP\/2\.0 200/.test(wire.heard) && wire.heard.includes(name);
  await until("it is taken behind the right length", () => taken() || undefined, CLOSED_MS);
  wire.close();
}

/** Bodies that look like messages, and lengths that are none, to a domain that is looked after. */
async function behind(stage: Stage, other: House): Promise<string> {
  const before = arrivals(other).length;
  let sent = 0;
  const heard: string[] = [];
  const cost = await stage.cost(async () => {
    for (const kind of WIRES) {
      const wire = await Wire.open(kind);
      for (let nth = 0; nth < 20; nth++) {
        const uri = `sip:${BEHIND}`;
        const inner = requestText({
          method: "OPTIONS",
          nth: `hidden${nth}`,
          via: wire.via,
          to: uri,
        });
        const body = nth % 2 === 0 ? inner : `\r\n\r\n${inner}${inner}`;
        wire.say(requestText({ ...asked(wire, `open${kind}${nth}`), body }));
        sent++;
      }
      await pause(WAIT_MS);
      heard.push(wire.heard);
      wire.close();
      for (const length of VARIANTS) {
        const bad = await Wire.open(kind);
        const uri = `sip:nobody@${BEHIND}`;
        const second = requestText(asked(bad, "hiddenlate"));
        bad.say(`${message(bad.via, "first", length, uri)}hello${second}`);
        await pause(5);
        bad.close();
      }
    }
    await pause(WAIT_MS);
  });
  const answers = heard.join("").match(/SIP\/2\.0 [2-6]/g)?.length ?? 0;
  // The first of two is whole on a WebSocket, where it may have no length at all.
  const ids = new Set(
    arrivals(other)
      .slice(before)
      .filter((id) => !id.startsWith("first@")),
  );
  const hidden = [...ids].filter((id) => id.includes("hidden"));
  demand(hidden.length === 0, `the program behind saw ${hidden.join()}`);
  demand(
    ids.size === sent && answers === sent,
    `${sent} sent, ${ids.size} arrived, ${answers} came back`,
  );
  return `${sent} sent in front, ${ids.size} seen behind, ${answers} answers; ${cost.figure}`;
}

const asked = (wire: Wire, nth: string) => {
  const uri = `sip:nobody@${BEHIND}`;
  return { method: "OPTIONS", nth, via: wire.via, to: uri, uri };
};

/** Call-IDs of what the program logged as it came, the first one first. */
const arrivals = (house: House): readonly string[] =>
  house.lines.flatMap((line) => /"callId":"([^"]*)"/.exec(line)?.[1] ?? []);
