/** What strangers and people write into the program's log: no line of their own, and no secrets. */
import { createHash, randomBytes } from "node:crypto";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { registered } from "./recorder.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const MANY = 20_000;
/** As many lines as the program writes in a second, faults apart; and what a second may be. */
const [LINES_PER_SECOND, SPARE_SECONDS] = [200, 2];
const ANSWER_MS = 5000;
/** What stands in bodies, passwords and the like, and in no log. */
const SECRET = `s3cret${randomBytes(6).toString("hex")}`;
const FORGED = '{"level":30,"msg":"forged"}';

export async function logs(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "logs"), 2, { log: "debug" });
  await report.check("nobody writes a line of their own, and nothing secret is in it", () =>
    written(stage),
  );
  await report.check(`${MANY} refusals are not ${MANY} lines`, () => rate(stage));
  await report.check("the program is as it was", () => stage.close());
}

async function written(stage: Stage): Promise<string> {
  const [one, other] = stage.people;
  if (!one || !other) throw new Error("two people live there");
  const desk = await stage.house.addDeskPhone("Zoe");
  const [at, phone] = [await Stranger.at(), await registered(other)];
  const hashes: string[] = [];
  let said = 0;
  const cost = await stage.cost(async () => {
    for (const [nth, text] of injections(at.via).entries()) {
      at.say(text);
      said++;
      if (nth % 20 === 0) await pause(10);
    }
    for (const nth of [1, 2, 3]) {
      const response = await wrongDigest(at, desk.user, `${SECRET}${nth}`, nth);
      hashes.push(...response);
    }
    const right = await wrongDigest(at, desk.user, desk.password, 4);
    hashes.push(...right);
    at.say(withBody(at, "MESSAGE", one.account, one.token));
    at.say(withBody(at, "INVITE", one.account, one.token));
    await until(
      "they are answered",
      () => at.heard.find((text) => text.includes("body-INVITE")),
      ANSWER_MS,
    );
    await pause(500);
  });
  for (const some of [at, phone]) some.close();
  const { lines } = stage.house;
  const text = lines.join("\n");
  const words = [SECRET, desk.password, one.token, other.token, ...hashes].filter(
    (word) => word !== "",
  );
  const told = words.filter((word) => text.includes(word));
  demand(told.length === 0, `${told.length} of ${words.length} secrets stand in it: ${told[0]}`);
  const odd = lines.filter((line) => /[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(line));
  demand(
    odd.length === 0,
    `${odd.length} lines with control characters: ${JSON.stringify(odd[0])}`,
  );
  const forged = lines.filter((line) => line.startsWith(FORGED));
  demand(forged.length === 0, `${forged.length} lines that the program did not write`);
  const records = lines.filter((line) => line.startsWith("{"));
  for (const line of records) JSON.parse(line);
  demand(records.length > said / 4, `only ${records.length} lines: nothing was shown`);
  const found = `${told.length} of ${words.length} secrets`;
  return `${said} messages, ${records.length} records, ${found}; ${cost.figure}`;
}

/** Line ends and more, wherever the log might repeat what somebody wrote. */
function injections(via: string): readonly string[] {
  const ends = [
    "\n",
    "\r",
    "\r\n",
    "\x00",
    "\x1b[2J",
    "\u2028",
    "\x85",
    "\\n",
    "%0d%0a",
    "\x7f",
    "\x08",
  ];
  const places = ["from", "name", "callId", "method", "uri", "agent", "user", "reason"];
  return places.flatMap((place, p) =>
    ends.map((end, e) => {
      const evil = `x${end}${FORGED}`;
      const nth = `log${p}.${e}.`;
      const text = requestText({ method: "OPTIONS", nth, via });
      switch (place) {
        case "from":
          return text.replace("sip:stranger@", `sip:${evil}@`);
        case "name":
          return text.replace("From: <", `From: "${evil}" <`);
        case "callId":
          return text.replace(/^Call-ID: /m, `Call-ID: ${evil}`);
        case "method":
          return text.replaceAll("OPTIONS", `X${end}Y`);
        case "uri":
          return text.replace(`sip:p0@${DOMAIN} SIP`, `sip:${evil}@${DOMAIN} SIP`);
        case "agent":
          return text.replace("Max-Forwards", `User-Agent: ${evil}\r\nMax-Forwards`);
        case "user":
          return text.replace(
            "Max-Forwards",
            `Proxy-Authorization: Digest username="${evil}", realm="${DOMAIN}"\r\nMax-Forwards`,
          );
        default:
          return text.replace("Max-Forwards", `Reason: SIP;text="${evil}"\r\nMax-Forwards`);
      }
    }),
  );
}

/** Signs in with this password; what was sent that nobody may read later. */
async function wrongDigest(
  at: Stranger,
  user: string,
  password: string,
  nth: number,
): Promise<readonly string[]> {
  const aor = `sip:${user}@${DOMAIN}`;
  const asked = { method: "REGISTER", via: at.via, from: aor, to: aor };
  at.say(requestText({ ...asked, nth: `ask${nth}.` }));
  const isAsked = () => at.heard.find((text) => text.includes(`ask${nth}.`));
  const challenge = await until("it is challenged", isAsked, ANSWER_MS);
  const nonce = /nonce="([^"]+)"/.exec(challenge)?.[1] ?? "";
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const [uri, nc, cnonce] = [`sip:${DOMAIN}`, "00000001", randomBytes(8).toString("hex")];
  const secret = hash(`${user}:${DOMAIN}:${password}`);
  const response = hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${hash(`REGISTER:${uri}`)}`);
  const credentials = [
    ...[`Digest username="${user}"`, `realm="${DOMAIN}"`, `nonce="${nonce}"`, `uri="${uri}"`],
    ...[
      `response="${response}"`,
      "algorithm=SHA-256",
      "qop=auth",
      `nc=${nc}`,
      `cnonce="${cnonce}"`,
    ],
  ].join(", ");
  at.say(
    requestText({
      ...asked,
      nth: `try${nth}.`,
      more: [`Authorization: ${credentials}`, "Expires: 60"],
    }),
  );
  await until(
    "it is judged",
    () => at.heard.find((text) => text.includes(`try${nth}.`)),
    ANSWER_MS,
  );
  return [response, secret, cnonce, nonce];
}

function withBody(at: Stranger, method: string, account: string, token: string): string {
  return requestText({
    ...{ method, nth: `body-${method}`, via: at.via, from: `sip:${account}@${DOMAIN}` },
    ...{ to: `sip:p1@${DOMAIN}`, body: `the secret is ${SECRET}` },
    more: ["Content-Type: text/plain", `Proxy-Authorization: Bearer ${token}`],
  });
}

async function rate(stage: Stage): Promise<string> {
  const at = await Stranger.at();
  const before = stage.house.lines.length;
  const startMs = performance.now();
  const cost = await stage.cost(async () => {
    for (let nth = 0; nth < MANY; nth++) {
      at.say(requestText({ method: "REGISTER", nth: `rate${nth}`, via: at.via }));
      if (nth % 100 === 0) await pause(5);
    }
    await pause(500);
  });
  const seconds = (performance.now() - startMs) / 1000;
  const lines = stage.house.lines.length - before;
  at.close();
  const most = LINES_PER_SECOND * (seconds + SPARE_SECONDS);
  demand(lines <= most, `${lines} lines in ${seconds.toFixed(1)} s`);
  demand(lines > 0, "nothing was logged: nothing was shown");
  return `${MANY} requests, ${lines} lines in ${seconds.toFixed(1)} s; ${cost.figure}`;
}
