/** Every way in which a message can ask to be sent to a host that is not ours: none of them is. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { type Asked, requestText, Stranger } from "./stranger.ts";

const FOREIGN = "127.0.0.99";
const OURS = `${SIP.host}:${SIP.port}`;
/** In which a request that waits for an answer would be sent again. */
const REPEATED_MS = 2000;

type Way = Partial<Asked>;

const route = (...uris: readonly string[]): Way => ({
  more: uris.map((uri) => `Route: <${uri}>`),
});

/** `via` is the sender's own, as it has to be. */
const ways = (via: string): Readonly<Record<string, Way>> => ({
  "Request-URI": { uri: `sip:p1@${FOREIGN}` },
  "Request-URI over TCP": { uri: `sip:p1@${FOREIGN};transport=tcp` },
  "Request-URI with our domain and maddr": { uri: `sip:p1@${DOMAIN};maddr=${FOREIGN}` },
  "Request-URI with our address and maddr": { uri: `sip:p1@${OURS};maddr=${FOREIGN}` },
  "Request-URI without user": { uri: `sip:${FOREIGN}` },
  "Request-URI with our domain as its user": { uri: `sip:p1%40${DOMAIN}@${FOREIGN}` },
  Route: route(`sip:${FOREIGN};lr`),
  "strict Route": route(`sip:${FOREIGN}`),
  "Route behind ours": route(`sip:${OURS};lr`, `sip:${FOREIGN};lr`),
  "Route behind two of ours": route(`sip:${OURS};lr`, `sip:${OURS};lr`, `sip:${FOREIGN};lr`),
  "Route with maddr": route(`sip:${DOMAIN};lr;maddr=${FOREIGN}`),
  "Route with a made-up cookie": route(
    `sip:AAAAAAAAAAAAAAAAAAAAAAAAAAAA@${OURS};lr`,
    `sip:${FOREIGN};lr`,
  ),
  "Via of the other host": { via: `UDP ${FOREIGN}:5060` },
  "Via with maddr": { via: `${via};maddr=${FOREIGN}` },
  "Via with received": { via: `${via};received=${FOREIGN}` },
  "a second Via": { more: [`Via: SIP/2.0/UDP ${FOREIGN}:5060;branch=z9hG4bK-second`] },
  Contact: { more: [`Contact: <sip:p0@${FOREIGN}>`] },
  "Record-Route": { more: [`Record-Route: <sip:${FOREIGN};lr>`] },
  "To with a tag": { to: `sip:p1@${FOREIGN}>;tag=x;y=<sip:y` },
  Path: { more: [`Path: <sip:${FOREIGN};lr>`, "Supported: path"] },
});

const METHODS = ["INVITE", "OPTIONS", "MESSAGE", "BYE", "REGISTER", "SUBSCRIBE"];

export async function relaying(folder: string, report: Report): Promise<void> {
  await report.check("nothing is relayed to another host, whatever a message says", async () => {
    const stage = await Stage.open(folderIn(folder, "relaying"), 2);
    const foreign = await Stranger.at(FOREIGN, 5060);
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(5060, FOREIGN);
    await once(server, "listening");
    const sender = await Stranger.at();
    const texts = requests(sender.via, stage.people[0]?.token ?? "");
    const cost = await stage.cost(async () => {
      for (const text of texts) {
        sender.say(text);
        await pause(2);
      }
      await pause(REPEATED_MS);
    });
    const isHeard = await hearsIfTold(foreign);
    for (const one of [foreign, sender, server]) one.close();
    const [first] = foreign.heard;
    demand(first === undefined, `${foreign.heard.length} datagrams came there: ${first}`);
    demand(isHeard, "nothing could have been heard there");
    demand(connections === 0, `${connections} connections came there`);
    const answered = sender.heard.length;
    demand(answered > texts.length / 2, `only ${answered} of ${texts.length} were answered`);
    await stage.close();
    const there = `${foreign.heard.length} datagrams and ${connections} connections there`;
    return `${texts.length} requests, ${answered} answers here, ${there}; ${cost.figure}`;
  });
}

/** Whether what is sent there would be heard; what came before stays as it is. */
async function hearsIfTold(foreign: Stranger): Promise<boolean> {
  const before = foreign.heard.length;
  const socket = createSocket("udp4");
  socket.send("a word", 5060, FOREIGN);
  const heard = () => foreign.heard.length > before || undefined;
  await until("the other host hears a word", heard, 5000);
  socket.close();
  return foreign.heard.pop() === "a word";
}

/** From nobody, and from somebody who lives here. */
function requests(via: string, token: string): readonly string[] {
  const signed = [`Authorization: Bearer ${token}`, `Proxy-Authorization: Bearer ${token}`];
  return Object.values(ways(via)).flatMap((way) =>
    METHODS.flatMap((method) =>
      [[], signed].map((credentials, isKnown) => {
        const nth = `f${Math.random().toString(36).slice(2)}`;
        const asked = {
          method,
          nth,
          via,
          from: `sip:p0@${DOMAIN}`,
          to: `sip:p0@${DOMAIN}`,
          ...way,
        };
        return requestText({
          ...asked,
          more: [...(way.more ?? []), ...credentials, `X: ${isKnown}`],
        });
      }),
    ),
  );
}
