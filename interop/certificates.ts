/** Certificates of the real program: from the authority `pebble`, and from files that change. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { swappedInCalls } from "./certificates-swapped.ts";
import { DOMAIN, House } from "./house.ts";
import { Pebble } from "./pebble.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";

const ALIAS = "pbx.house.example";
/** SIP, the page, MSRP: all of them at once. */
export const TLS_PORTS = [5061, 8443, 2855] as const;
/** So short that a check sees a renewal: at two thirds. */
const VALID_SECONDS = 30;
const OBTAINED_MS = 20_000;
const RENEWED_MS = 30_000;

/** With houses of their own. */
export async function certificates(folder: string, report: Report): Promise<void> {
  await fromPebble(join(folder, "acme"), report);
  await swappedInCalls(join(folder, "swapped"), report);
}

async function fromPebble(folder: string, report: Report): Promise<void> {
  const pebble = await Pebble.start(join(folder, "pebble"), { validSeconds: VALID_SECONDS });
  const { directory, ca } = pebble;
  const acme = { email: "you@house.example", directory, ca };
  const start = (name: string, config: object, args: readonly string[] = []) =>
    House.start(join(folder, name), { certificate: false, config, args });
  try {
    await report.check("pebble: a certificate is obtained over http-01, and renewed", async () => {
      const house = await start("http", { aliases: [ALIAS], certificates: { acme } });
      return renewed(house, await pebble.root()).finally(() => house.stop());
    });
    await report.check("pebble: a certificate is obtained over dns-01", async () => {
      const config = join(folder, "carillon.config.ts");
      const own = `{ ...${JSON.stringify(acme)}, dns: ${pebble.dnsHooks} }`;
      writeFileSync(config, `${pebble.post}export default { certificates: { acme: ${own} } };\n`);
      const house = await start("dns", {}, ["--config", config]);
      return obtained(house).finally(() => house.stop());
    });
    await report.check("pebble: who is not reached is told so, and what helps", async () => {
      const house = await start("lost", { certificates: { acme: { ...acme, httpPort: 81 } } });
      return lost(house).finally(() => house.stop());
    });
  } finally {
    await pebble.stop();
  }
}

async function renewed(house: House, root: string): Promise<string> {
  await obtained(house);
  const first = await shownAt(TLS_PORTS[0], root);
  // Somebody who comes before it is renewed, and is still there afterwards.
  const guest = connect({ host: "127.0.0.1", port: 5061, ca: root, servername: DOMAIN });
  const keepAlive = setInterval(() => guest.write("\r\n\r\n"), 1000);
  const faults: string[] = [];
  guest.on("error", (error) => faults.push(String(error))).on("data", () => {});
  guest.on("close", () => faults.push("it was closed"));
  const another = async () => {
    const now = await shownAt(TLS_PORTS[0], root);
    return now.serial === first.serial ? undefined : now;
  };
  const second = await until("it is renewed", another, RENEWED_MS);
  const all = await Promise.all(TLS_PORTS.map((port) => shownAt(port, root)));
  clearInterval(keepAlive);
  demand(faults.length === 0, `a connection from before: ${faults.join()}`);
  guest.destroy();
  const others = all.filter(({ serial }) => serial !== second.serial);
  demand(others.length === 0, "not all ports show the new one");
  demand(second.names.includes(`DNS:${ALIAS}`), `it speaks for ${second.names}`);
  const ageSeconds = (second.fromMs - first.fromMs) / 1000;
  const [least, most] = [0.6 * VALID_SECONDS, 0.75 * VALID_SECONDS];
  demand(least <= ageSeconds && ageSeconds <= most, `it was renewed after ${ageSeconds} s`);
  return `valid for ${VALID_SECONDS} s, renewed after ${ageSeconds} s at ports ${TLS_PORTS}`;
}

async function obtained(house: House): Promise<string> {
  const from = async () => {
    const { certificate } = await house.status();
    demand(!certificate.trouble, `${certificate.trouble?.what}`);
    return certificate.origin === "acme" ? certificate : undefined;
  };
  const { issuer } = await until("a certificate is there", from, OBTAINED_MS);
  return `of ${issuer}`;
}

async function lost(house: House): Promise<string> {
  const trouble = async () => (await house.status()).certificate.trouble;
  const { what, cure } = await until("there is trouble", trouble, OBTAINED_MS);
  demand(what.includes(DOMAIN) && cure.startsWith("Port 80 has to be reached"), `${what} ${cure}`);
  demand((await house.status()).certificate.origin === "own", "its own is gone");
  return what;
}

export interface ShownThere {
  readonly serial: string;
  readonly names: string;
  readonly fromMs: number;
}

/** Throws if nobody who is believed vouches for it, or it does not speak for the house. */
export function shownAt(port: number, ca: string): Promise<ShownThere> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca, servername: DOMAIN }, () => {
      const { serialNumber: serial, subjectaltname = "", valid_from } = socket.getPeerCertificate();
      socket.destroy();
      resolve({ serial, names: subjectaltname, fromMs: Date.parse(valid_from) });
    });
    socket.on("error", reject);
    pause(5000).then(() => socket.destroy(new Error(`nobody at ${port}`)));
  });
}
