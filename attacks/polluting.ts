/** Names that every object of JavaScript has, wherever somebody may choose a name. */
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const HTTP = "http://127.0.0.1:8080";
const NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...Object.getOwnPropertyNames(Array.prototype),
  ...Object.getOwnPropertyNames(Map.prototype),
  ...["then", "toJSON", "prototype", "polluted", "__proto__.polluted", "constructor.prototype"],
];

export async function polluting(folder: string, report: Report): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "polluting"), 1);
  const names = [...new Set(NAMES)];
  await report.check(`${names.length} names that all objects have, over SIP and HTTP`, async () => {
    const at = await Stranger.at();
    const statuses = new Map<number, number>();
    let sent = 0;
    const cost = await stage.cost(async () => {
      for (const [nth, name] of names.entries()) {
        for (const text of overSip(name, `pollute${nth}.`, at.via)) {
          at.say(text);
          sent++;
        }
        for (const status of await overHttp(name)) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }
      await pause(500);
    });
    at.close();
    const faulty = [...statuses].filter(([status]) => status >= 500);
    demand(faulty.length === 0, `answered with ${faulty.join("; ")}`);
    const answered = new Set(at.heard.map((text) => /branch=[^;\r]*/.exec(text)?.[0])).size;
    demand(answered > sent / 2, `only ${answered} of ${sent} were answered`);
    const over = [...statuses].map(([status, times]) => `${times} × ${status}`).join(", ");
    return `${answered} of ${sent} answered over SIP, over HTTP ${over}; ${cost.figure}`;
  });
  await report.check("the program is as it was", () => stage.close());
}

const overSip = (name: string, nth: string, via: string): readonly string[] => [
  requestText({ method: "OPTIONS", nth: `${nth}1`, via, more: [`${name}: polluted`] }),
  requestText({ method: "OPTIONS", nth: `${nth}2`, via, uri: `sip:p0@${DOMAIN};${name}=polluted` }),
  requestText({ method: "OPTIONS", nth: `${nth}3`, via, to: `sip:${name}@${DOMAIN}` }),
  requestText({
    ...{ method: "REGISTER", nth: `${nth}4`, via, from: `sip:${name}@${DOMAIN}` },
    more: [`Authorization: Digest username="${name}", realm="${DOMAIN}", ${name}="polluted"`],
  }),
];

async function overHttp(name: string): Promise<readonly number[]> {
  const json = (body: string) => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const asked = [
    fetch(`${HTTP}/api/join`, json(`{"${name}":{"polluted":true},"invite":"x","name":"y"}`)),
    fetch(`${HTTP}/api/join?${name}[polluted]=true&${name}=1`, json("{}")),
    fetch(`${HTTP}/api/${encodeURIComponent(name)}`),
    fetch(`${HTTP}/@${encodeURIComponent(name)}/api/people`),
  ];
  const responses = await Promise.all(asked);
  return responses.map(({ status }) => status);
}
