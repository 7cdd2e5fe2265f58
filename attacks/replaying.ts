/** Credentials that were seen on the wire, used again: as they were, elsewhere, otherwise. */
import { DOMAIN, House } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { DigestClient } from "./digest-client.ts";
import { folderIn, Stage } from "./stage.ts";

/** In all; each waits for its answer. */
const [SHORT, FULL] = [600, 10_000];
/** Nobody unknown is answered more than a hundred times a second. */
const PAUSE_MS = 11;

interface Captured {
  readonly authorization: string;
  readonly proxy: string;
}

export async function replaying(folder: string, report: Report, isFull: boolean): Promise<void> {
  const own = folderIn(folder, "replaying");
  const stage = await Stage.open(own, 1);
  const [zoe] = await stage.house.addDeskPhones(["Zoe"] as const);
  const victim = await DigestClient.at("127.0.0.9", zoe.user);
  const other = await DigestClient.at("127.0.0.66", zoe.user);
  const count = Math.ceil((isFull ? FULL : SHORT) / 6);
  const captured: Captured = { authorization: "", proxy: "" };
  await report.check(
    `${count * 5} replays of credentials that were seen: none is taken`,
    async () => {
      Object.assign(captured, await capture(victim, zoe.password));
      const ways = {
        "the same again": () => victim.say({ method: "REGISTER", more: [captured.authorization] }),
        "from elsewhere": () => other.say({ method: "REGISTER", more: [captured.authorization] }),
        "for a call": () => victim.say(invite(captured.authorization.replace(/^/, "Proxy-"))),
        "for somebody else": () => victim.say(invite(captured.proxy, `sip:p0@${DOMAIN}`)),
        "with the next count": () =>
          victim.say({ method: "REGISTER", more: [recounted(captured.authorization)] }),
      };
      const told = await replay(ways, count);
      return told;
    },
  );
  await stage.close();
  await report.check(`${count} after a restart: none is taken`, async () => {
    const house = await House.start(own, { log: "info" });
    const way = () => victim.say({ method: "REGISTER", more: [captured.authorization] });
    const told = await replay({ "after a restart": way }, count);
    const again = await victim.register(zoe.password);
    demand(again.status === 200, `the phone itself gets ${again.status}`);
    await house.stop();
    return `${told}; the phone itself is let in`;
  });
  for (const one of [victim, other]) one.close();
}

const invite = (line: string, uri = `sip:zoe@${DOMAIN}`) => ({
  method: "INVITE",
  uri,
  more: [line],
});

/** One that registers, and one of a call: both were taken. */
async function capture(victim: DigestClient, password: string): Promise<Captured> {
  const asked = await victim.say({ method: "REGISTER" });
  const authorization = victim.credentials(asked.text, { method: "REGISTER", password });
  const { status } = await victim.say({ method: "REGISTER", more: [authorization] });
  demand(status === 200, `what is captured was not good: ${status}`);
  const uri = `sip:zoe@${DOMAIN}`;
  const called = await victim.say({ method: "INVITE", uri });
  const proxy = victim.credentials(called.text, { method: "INVITE", uri, password });
  const call = await victim.say({ method: "OPTIONS", uri, more: [proxy] });
  demand(call.status === 407, `credentials of an INVITE do for an OPTIONS: ${call.status}`);
  return { authorization, proxy };
}

/** As if one more had been counted. */
const recounted = (line: string): string => line.replace(/nc=0*1\b/, "nc=00000002");

async function replay(
  ways: Readonly<Record<string, () => Promise<{ readonly status: number }>>>,
  count: number,
): Promise<string> {
  const told: string[] = [];
  for (const [name, say] of Object.entries(ways)) {
    const statuses = new Map<number, number>();
    for (let nth = 0; nth < count; nth++) {
      const { status } = await say();
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      await pause(PAUSE_MS);
    }
    const refused = (statuses.get(401) ?? 0) + (statuses.get(407) ?? 0);
    const taken = [...statuses].filter(([status]) => ![401, 407, 0].includes(status));
    demand(refused >= count * 0.9, `${name}: only ${refused} of ${count} were refused`);
    demand(taken.length === 0, `${name}: ${taken.map((one) => one.join(" × ")).join(", ")}`);
    told.push(`${name} ${count}`);
  }
  return told.join(", ");
}
