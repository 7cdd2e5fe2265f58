/** Lists of victims, who get nothing: RFC 5363 and its like, and those who have to be asked. */
import { once } from "node:events";
import { connect } from "node:net";
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const VICTIM = { host: "127.0.0.66", port: 5066 };
const VICTIMS = 10_000;
/** As many as a list may have. */
const MAX_LISTED = 30;
/** In which a request that waits for an answer would be sent again, and a list be gone through. */
const WAIT_MS = 4000;
/** A phone that is new has ten seconds to say that it is more than a plain one. */
const PLAIN_MS = 12_000;
const TYPE = "application/resource-lists+xml";
const BORDER = "list-border";

interface Case {
  readonly name: string;
  readonly method: string;
  /** Who is to go through the list: the server itself, or a name. */
  readonly to: string;
  readonly entries: readonly string[];
  readonly isSigned: boolean;
  /** The list alone, or after a text. */
  readonly isMixed: boolean;
}

const foreign = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, nth) => `sip:v${nth}@${VICTIM.host}:${VICTIM.port}`);
const OPTION_TAGS: Readonly<Record<string, string>> = {
  MESSAGE: "recipient-list-message",
  INVITE: "recipient-list-invite",
  SUBSCRIBE: "recipient-list-subscribe",
  REFER: "multiple-refer",
};

/** Each method, by each of the others. */
const CASES: readonly Case[] = Object.keys(OPTION_TAGS).flatMap((method) =>
  [`sip:${DOMAIN}`, `sip:lists@${DOMAIN}`].flatMap((to) =>
    [foreign(VICTIMS), foreign(MAX_LISTED)].flatMap((entries) =>
      [true, false].flatMap((isSigned) =>
        [true, false].map((isMixed) => {
          const what = `${method} to ${to} with ${entries.length}${isMixed ? " after a text" : ""}`;
          const name = `${what}, from ${isSigned ? "somebody who lives here" : "nobody"}`;
          return { name, method, to, entries, isSigned, isMixed };
        }),
      ),
    ),
  ),
);

export async function listing(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "listing"), 3);
  const victims = `${VICTIMS} victims, or of ${MAX_LISTED} elsewhere`;
  await report.check(`a list of ${victims}: none of them is written to`, () => toVictims(stage));
  await report.check(
    "a list that names one person thirty times writes once, a longer one not at all",
    () => toOne(stage),
  );
  await report.check("lists: the program is as it was", () => stage.close());
}

async function toVictims(stage: Stage): Promise<string> {
  const victim = await Stranger.at(VICTIM.host, VICTIM.port);
  const answers = new Map<string, number>();
  const who = stage.people[0];
  if (!who) throw new Error("somebody lives there");
  const cost = await stage.cost(async () => {
    for (const [nth, one] of CASES.entries()) {
      const status = await asked(text(one, `list${nth}`, one.isSigned ? who : undefined));
      answers.set(one.name, status);
    }
    await pause(WAIT_MS);
  });
  victim.close();
  const taken = [...answers].filter(([, status]) => status < 400);
  demand(taken.length === 0, `${taken.map((one) => one.join(": ")).join("; ")}`);
  const { length } = victim.heard;
  demand(length === 0, `${length} datagrams came there: ${victim.heard[0]?.slice(0, 60)}`);
  const statuses = [...new Set(answers.values())].toSorted().join(", ");
  return `${CASES.length} lists, refused with ${statuses}; ${length} sent; ${cost.figure}`;
}

/** Who is in the list lives here, and is there. */
async function toOne(stage: Stage): Promise<string> {
  const [who, reader] = stage.people;
  if (!who || !reader) throw new Error("two people live there");
  const phone = await Stranger.at();
  phone.onHeard = (said) => {
    if (!said.startsWith("MESSAGE ")) return;
    const lines = said.split("\r\n").filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    phone.say(["SIP/2.0 200 OK", ...lines, "Content-Length: 0", "", ""].join("\r\n"));
  };
  const aor = `sip:${reader.account}@${DOMAIN}`;
  phone.say(
    requestText({
      ...{ method: "REGISTER", nth: "reader", via: phone.via, from: aor, to: aor },
      ...{ contact: `sip:${reader.account}@127.0.0.1:${phone.port}` },
      more: ["Expires: 600", `Authorization: Bearer ${reader.token}`],
    }),
  );
  await pause(PLAIN_MS);
  const base = { name: "", method: "MESSAGE", to: `sip:${DOMAIN}`, isSigned: true, isMixed: true };
  // Else they would be one address twice, which no list may have.
  const spelled = (_: unknown, nth: number) => `${aor};n=${nth}`;
  const many = Array.from({ length: 1000 }, spelled);
  const few = Array.from({ length: MAX_LISTED }, spelled);
  const first = await asked(text({ ...base, entries: many }, "thousand", who));
  const second = await asked(text({ ...base, entries: few }, "thirty", who));
  await pause(WAIT_MS);
  phone.close();
  const came = new Set(
    phone.heard
      .filter((one) => one.startsWith("MESSAGE "))
      .map((one) => /Call-ID: *(.*)\r/i.exec(one)?.[1]),
  ).size;
  demand(first >= 400, `a thousand were answered with ${first}`);
  demand(second === 202, `thirty were answered with ${second}`);
  demand(came === 1, `${came} messages came`);
  return `${first} and ${second}, ${came} message(s)`;
}

function text(
  { method, to, entries, isMixed }: Case,
  nth: string,
  who: Seeded | undefined,
): string {
  const list =
    `<?xml version="1.0" encoding="UTF-8"?>\r\n` +
    `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list>${entries
      .map((uri) => `<entry uri="${uri}"/>`)
      .join("")}</list></resource-lists>\r\n`;
  const disposition = "Content-Disposition: recipient-list";
  const mixed = [
    ...[`--${BORDER}`, "Content-Type: text/plain", "", "Dinner is ready."],
    ...[`--${BORDER}`, `Content-Type: ${TYPE}`, disposition, "", list, `--${BORDER}--`, ""],
  ].join("\r\n");
  const tag = OPTION_TAGS[method] ?? "";
  return requestText({
    ...{ method, nth, via: "TCP 127.0.0.1:9", body: isMixed ? mixed : list },
    ...{ from: `sip:${who?.account ?? "p0"}@${DOMAIN}`, to },
    more: [
      `Require: ${tag}`,
      ...(isMixed
        ? [`Content-Type: multipart/mixed;boundary=${BORDER}`]
        : [`Content-Type: ${TYPE}`, disposition]),
      ...(method === "REFER" ? ["Refer-To: <cid:list@x>"] : []),
      ...(method === "SUBSCRIBE" ? ["Event: presence", "Supported: eventlist"] : []),
      ...(who
        ? [`Authorization: Bearer ${who.token}`, `Proxy-Authorization: Bearer ${who.token}`]
        : []),
    ],
  });
}

/** The final status over a connection of its own; 499 where it was hung up on instead. */
async function asked(request: string): Promise<number> {
  const socket = connect(SIP);
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes.toString("latin1");
    if (/^SIP\/2\.0 [2-6]/m.test(heard)) socket.destroy();
  });
  socket.on("error", () => {});
  const closed = once(socket, "close");
  socket.write(request, "latin1");
  socket.setTimeout(WAIT_MS, () => socket.destroy());
  await closed;
  return Number(/^SIP\/2\.0 ([2-6]\d\d)/m.exec(heard)?.[1] ?? 499);
}
