/**
 * Tokens that name a phone's flow at an edge (RFC 5626 §5.2): each character changed, with another
 * connection in it, of another key, of a connection that is gone, and true ones from elsewhere.
 */
import { demand } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { answerTo } from "./recorder.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";
import { Wire } from "./wire.ts";

const BILOXI = "biloxi.example";
const REGISTRAR = { host: "127.0.0.7", port: 5062 } as const;
const CONFIG = {
  edge: {
    ...{ domains: [BILOXI], from: [REGISTRAR.host] },
    registrar: `sip:${REGISTRAR.host}:${REGISTRAR.port}`,
  },
};
const ANSWER_MS = 5000;
const WAIT_MS = 1000;

interface Edge {
  readonly stage: Stage;
  readonly registrar: Stranger;
  readonly phone: Stranger;
  /** Of the phone, which is there over UDP. */
  readonly token: string;
}

export async function forgedTokens(folder: string): Promise<string> {
  // The key of another house: the same flow, signed otherwise.
  const other = await openEdge(folderIn(folder, "tokens-of-another"), 0);
  const port = other.phone.port;
  for (const one of [other.phone, other.registrar]) one.close();
  await other.stage.close();
  const edge = await openEdge(folderIn(folder, "tokens"), port);
  const { stage, registrar, phone, token } = edge;
  const wire = await Wire.open("TCP");
  const connected = await tokenOf(registrar, "cat", wire.via, (text) => wire.say(text));
  const [node = "", flow = "", mac = ""] = token.split("!");
  const [, , otherMac = ""] = other.token.split("!");
  demand(flow === other.token.split("!")[1], "the two are not of one flow");
  const forged = [
    ...[...token].map(
      (one, i) => token.slice(0, i) + (one === "a" ? "b" : "a") + token.slice(i + 1),
    ),
    ...[`${node}!${flow}!${otherMac}`, `${node}!${connected.split("!")[1]}!${mac}`],
    ...[`${node}!${flow}!`, `${node}!!${mac}`, `${token}a`, token.slice(0, -1), `${node}!${flow}`],
  ];
  const heard = () => phone.heard.filter((text) => text.startsWith("OPTIONS ")).length;
  const cost = await stage.cost(async () => {
    for (const [nth, one] of forged.entries()) {
      registrar.say(asked(registrar, `forged${nth}.`, one, phone.port));
      await pause(5);
    }
    await pause(WAIT_MS);
  });
  demand(heard() === 0, `${heard()} requests with a forged token came to the phone`);
  const said = (nth: string): number => {
    const answer = registrar.heard.find((one) => one.startsWith("SIP/") && one.includes(nth));
    return Number(answer?.slice(8, 11));
  };
  const statuses = forged.map((_, nth) => said(`-forged${nth}.`));
  // One whose node is another's looks like no token: it is a route to us, and leads nowhere.
  const looksLikeOne = forged.map(
    (one) => one.startsWith(`${node}!`) && one.split("!").length === 3,
  );
  const wrong = statuses.findIndex((status, i) =>
    looksLikeOne[i] ? status !== 403 : !(status >= 400 && status < 500),
  );
  demand(wrong < 0, `${forged[wrong]}: ${statuses[wrong]}`);
  // True, but not by whom it was written for.
  const stranger = await Stranger.at("127.0.0.77");
  stranger.say(asked(stranger, "stolen", token, phone.port, "127.0.0.77"));
  const isRefused = () => stranger.heard.some((one) => one.startsWith("SIP/2.0 403")) || undefined;
  await until("a stolen one is refused", isRefused, ANSWER_MS);
  // Of a connection that is gone, when another one has come.
  wire.close();
  const next = await Wire.open("TCP");
  await pause(WAIT_MS);
  registrar.say(asked(registrar, "gone.", connected, phone.port));
  const gone = await until(
    "one that is gone is told",
    () => said("-gone.") || undefined,
    ANSWER_MS,
  );
  demand(gone === 430, `of a connection that is gone: ${gone}`);
  demand(!next.heard.includes("OPTIONS"), "it came over another connection");
  demand(heard() === 0, "a stolen token led to the phone");
  // And as it is, from the registrar.
  registrar.say(asked(registrar, "true", token, phone.port));
  await until("the true one leads there", () => heard() === 1 || undefined, ANSWER_MS);
  for (const one of [registrar, phone, stranger, next]) one.close();
  await stage.close();
  const refused = statuses.filter((status) => status === 403).length;
  const figure = `${forged.length} forged, ${refused} of them 403 and the rest no tokens`;
  return `${figure}, 1 stolen 403, 1 gone 430, 0 passed on, 1 of 1 true; ${cost.figure}`;
}

async function openEdge(folder: string, port: number): Promise<Edge> {
  const stage = await Stage.open(folder, 0, { config: CONFIG });
  const registrar = await Stranger.at(REGISTRAR.host, REGISTRAR.port);
  registrar.onHeard = (text) => {
    if (text.startsWith("REGISTER ")) registrar.say(answerTo(text, "200 OK"));
  };
  const phone = await Stranger.at("127.0.0.1", port);
  phone.onHeard = (text) => {
    if (text.startsWith("OPTIONS ")) phone.say(answerTo(text, "200 OK"));
  };
  const token = await tokenOf(registrar, "ann", phone.via, (text) => phone.say(text));
  return { stage, registrar, phone, token };
}

/** What the edge writes into the Path of a REGISTER that comes this way. */
async function tokenOf(
  registrar: Stranger,
  user: string,
  via: string,
  say: (text: string) => void,
): Promise<string> {
  const aor = `sip:${user}@${BILOXI}`;
  const contact = `sip:${user}@127.0.0.1:9`;
  const asked = { method: "REGISTER", nth: `register-${user}`, uri: `sip:${BILOXI}` };
  say(requestText({ ...asked, via, from: aor, to: aor, contact, more: ["Supported: path"] }));
  const path = () =>
    registrar.heard
      .filter((text) => text.startsWith("REGISTER ") && text.includes(`register-${user}@`))
      .map((text) => /^Path: *<sip:([^@>]+)@/im.exec(text)?.[1])[0];
  return until(`${user} is registered through the edge`, path, ANSWER_MS);
}

const asked = (
  { port: own }: Stranger,
  nth: string,
  token: string,
  port: number,
  host: string = REGISTRAR.host,
): string =>
  requestText({
    ...{ method: "OPTIONS", nth, via: `UDP ${host}:${own}`, uri: `sip:ann@127.0.0.1:${port}` },
    ...{ from: `sip:x@${BILOXI}`, to: `sip:ann@${BILOXI}` },
    more: [`Route: <sip:${token}@${SIP.host}:${SIP.port};lr>`],
  });
