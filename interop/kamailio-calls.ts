/** Calls with another domain, which is Kamailio's: from it, to it, and through its registrar. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Baresip } from "./baresip.ts";
import { type Credentials, DOMAIN, House, SERVER_ADDRESS } from "./house.ts";
import {
  BILOXI,
  KAMAILIO,
  KAMAILIO_OVER_TLS,
  Kamailio,
  makeCertificate,
  passwordAt,
} from "./kamailio.ts";
import { kamailioOverTls } from "./kamailio-tls-calls.ts";
import { NAME_SERVER, startNameServer } from "./name-server.ts";
import { OwnPhone } from "./own-phone.ts";
import { talks } from "./own-phone-talk.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const WAIT_MS = 8000;
const AT_KAMAILIO = `${KAMAILIO.host}:${KAMAILIO.port}`;
/** Whose requests need no credentials, and who knows the names of Biloxi. */
const BASE = { trust: [KAMAILIO.host], dns: [NAME_SERVER] };
const PACKETS = 40;

const PEOPLE = ["Trunk", "Kim", "Lou", "Moe", "Trunk-2"] as const;

/** With a house of its own, whose configuration changes from check to check. */
export async function kamailioCalls(above: string, report: Report): Promise<void> {
  const folder = join(above, "abroad");
  mkdirSync(folder);
  const certificate = makeCertificate(folder);
  const tls = { ca: [certificate] };
  const house = await House.start(folder, { config: { dns: BASE.dns, tls } });
  const owns = await house.addDeskPhones(PEOPLE);
  const parts = await start(folder, house, owns);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio: ${name}`, run);
  const { jon, pat, kim, lou } = parts;
  try {
    await check("two phones of the library register there, and call each other", () =>
      talks(pat, jon, jon.phone.aor),
    );
    await check("what is too large for a datagram comes over TCP to a phone over UDP", largeTalks);
    await check("registers at the house with digest", () => registered(house, parts.trunk));
    await house.configure(BASE);
    await check("a call to its registration rings there", () => talks(kim, jon, parts.trunkUri));
    await check("a call from a phone behind it is taken, as from a trusted place", () =>
      talks(jon, kim, kim.phone.aor),
    );
    await check("baresip calls there only where that is open", () => isClosed(lou));
    await check("baresip follows a 302 there by itself", () => followedByPhone(house, parts));
    await check("the house follows a 302 there", () => followedByHouse(house, parts));
    await check("the house finds it by NAPTR and SRV", () => relayed(house, parts));
    await check("a phone of the library calls there, and is hung up on from there", async () => {
      await house.configure({ ...BASE, domains: [BILOXI] });
      return talks(kim, jon, jon.phone.aor);
    });
    await kamailioOverTls(
      { house, kim, trunk: parts.secureTrunk, certificate, dns: BASE.dns },
      report,
    );
  } finally {
    await parts.stop();
    await report.check("the house with calls to other domains ran without a fault", async () => {
      const code = await house.stop();
      const [fault] = house.faults;
      demand(fault === undefined && code === 0, `exit code ${code}: ${fault ?? ""}`);
      return "exit code 0";
    });
  }
}

/** RFC 3261 §18.1.1, at Kamailio as at us: over 1300 octets. */
async function largeTalks(): Promise<string> {
  const large = (user: string, rtpPort: number) => there(user, rtpPort, 1300);
  const [ida, uli] = [await large("ida", 30_040), await large("uli", 30_050)];
  try {
    const figure = await talks(uli, ida, ida.phone.aor);
    demand(ida.connections > 0, "Kamailio opened no connection to the phone that was called");
    return `${figure}; ${ida.connections} connection(s) from Kamailio`;
  } finally {
    await Promise.all([ida.close(), uli.close()]);
  }
}

/** A phone of the library that is registered at Kamailio. */
const there = (user: string, rtpPort: number, moreBytes = 0): Promise<OwnPhone> =>
  OwnPhone.open({
    ...{ aor: `sip:${user}@${BILOXI}`, password: passwordAt(user), moreBytes },
    ...{ server: KAMAILIO, rtpPort },
  });

interface Parts {
  readonly jon: OwnPhone;
  readonly pat: OwnPhone;
  readonly kim: OwnPhone;
  readonly lou: Baresip;
  readonly moe: Baresip;
  readonly trunk: Credentials;
  readonly trunkUri: string;
  readonly secureTrunk: Credentials;
  stop(): Promise<void>;
}

type Owns = Awaited<ReturnType<typeof House.prototype.addDeskPhones<typeof PEOPLE>>>;

async function start(folder: string, house: House, owns: Owns): Promise<Parts> {
  const [trunk, kims, lous, moes, secureTrunk] = owns;
  const { port: tlsPort } = KAMAILIO_OVER_TLS;
  const names = await startNameServer(folder, { domain: BILOXI, server: KAMAILIO, tlsPort });
  const kamailio = await Kamailio.start({
    ...{ folder, believes: house.certificate },
    trunk: { credentials: trunk, rings: "jon" },
    secureTrunk: { credentials: secureTrunk, rings: "ida" },
  });
  const [jon, pat] = [await there("jon", 30_010), await there("pat", 30_020)];
  const kim = await OwnPhone.open({
    ...{ aor: `sip:${kims.user}@${DOMAIN}`, password: kims.password },
    ...{ server: SERVER_ADDRESS, rtpPort: 30_030 },
  });
  const base = { folder, answers: true };
  const lou = await Baresip.start({ ...base, credentials: lous, nth: 6, toneHz: 440 });
  const direct = { ...base, credentials: moes, isDirect: true };
  const moe = await Baresip.start({ ...direct, nth: 7, toneHz: 440 });
  for (const phone of [lou, moe]) await phone.registered();
  return {
    ...{ jon, pat, kim, lou, moe, trunk, secureTrunk },
    trunkUri: `sip:${trunk.user}@${DOMAIN}`,
    stop: async () => {
      for (const phone of [jon, pat, kim]) await phone.close();
      for (const phone of [lou, moe]) await phone.quit();
      await kamailio.stop();
      await names.stop(WAIT_MS);
    },
  };
}

async function registered(house: House, { user }: Credentials): Promise<string> {
  const said = (status: number): number =>
    house.lines.filter(
      (line) =>
        line.includes(`"from":"sip:${user}@`) &&
        line.includes(`"source":"udp ${AT_KAMAILIO}"`) &&
        line.includes(`"status":${status}`),
    ).length;
  await until("Kamailio is registered", () => said(200) || undefined, WAIT_MS);
  demand(said(401) > 0, "it was not asked who it is");
  return `from ${AT_KAMAILIO}: ${said(401)} × 401, ${said(200)} × 200`;
}

/** baresip talks to Jon, whose phone sends back what it hears, and hangs up. */
async function baresipTalks(phone: Baresip, jon: OwnPhone, uri: string): Promise<string> {
  const since = phone.events.length;
  const call = await jon.answered(() => phone.command("dial", uri));
  await phone.event("CALL_ESTABLISHED", since);
  const packets = await jon.hears();
  demand(packets >= PACKETS, `${packets} packets came`);
  await phone.command("hangup");
  const { by } = await call.ended;
  demand(by === "remote", `the call ended by ${by}`);
  return `${packets} packets`;
}

async function isClosed(lou: Baresip): Promise<string> {
  const since = lou.events.length;
  await lou.command("dial", `sip:jon@${BILOXI}`);
  const { param = "" } = await lou.event("CALL_CLOSED", since);
  demand(param.startsWith("403 "), `it ended with ${param}`);
  return param;
}

const countOf = (phone: Baresip, text: string): number => phone.log.split(text).length - 1;
const REDIRECTS = [{ to: `*@${BILOXI}`, contacts: [`sip:{user}@${AT_KAMAILIO}`] }];

async function followedByPhone(house: House, { moe, jon }: Parts): Promise<string> {
  const contacts = [`sip:jon@${AT_KAMAILIO}`];
  await house.configure({ ...BASE, redirects: [{ to: "jon", contacts }] });
  const before = countOf(moe, "SIP/2.0 302 ");
  const figure = await baresipTalks(moe, jon, `sip:jon@${SERVER_ADDRESS.host}`);
  const redirected = countOf(moe, "SIP/2.0 302 ") - before;
  demand(redirected > 0, "it was not redirected");
  return `302 ${redirected} time(s), ${figure}`;
}

async function followedByHouse(house: House, { lou, jon }: Parts): Promise<string> {
  const domains = [KAMAILIO.host];
  await house.configure({ ...BASE, domains, redirects: REDIRECTS, calls: { follow3xx: true } });
  const before = countOf(lou, "SIP/2.0 302 ");
  const figure = await baresipTalks(lou, jon, `sip:jon@${BILOXI}`);
  demand(countOf(lou, "SIP/2.0 302 ") === before, "the phone was redirected");
  const followed = house.lines.filter((line) => line.includes("target(s) of a redirection")).length;
  demand(followed > 0, "the house followed nothing");
  return `${followed} followed by the house, none by the phone, ${figure}`;
}

async function relayed(house: House, { lou, jon }: Parts): Promise<string> {
  await house.configure({ ...BASE, domains: [BILOXI] });
  const figure = await baresipTalks(lou, jon, `sip:jon@${BILOXI}`);
  demand(
    house.lines.some((line) => line.includes(`to the servers of ${BILOXI}`)),
    "it went another way",
  );
  return figure;
}
