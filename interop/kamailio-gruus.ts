/**
 * Another domain, which is Kamailio's, calls devices of ours at their GRUUs (RFC 5627), public and
 * temporary, from a trusted place and as a partner over TLS; and calls are put through between the
 * two domains, by a REFER to a GRUU and by a Replaces to one (RFC 3515, RFC 3891).
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Call, DescribedMedia } from "carillon/node";
import { successorOf, type Transfer, transfer } from "carillon/transfer";
import { type Credentials, DOMAIN, House, SERVER_ADDRESS } from "./house.ts";
import {
  BILOXI,
  KAMAILIO,
  KAMAILIO_OVER_TLS,
  Kamailio,
  makeCertificate,
  passwordAt,
} from "./kamailio.ts";
import { NAME_SERVER, startNameServer } from "./name-server.ts";
import { OwnPhone } from "./own-phone.ts";
import { talks } from "./own-phone-talk.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const WAIT_MS = 8000;
const FIRST_RTP_PORT = 30_400;
const PEOPLE = ["Kim", "Lou", "Trunk", "Trunk-2"] as const;

export async function kamailioGruus(above: string, report: Report): Promise<void> {
  const folder = join(above, "kamailio-gruus");
  mkdirSync(folder, { recursive: true });
  const certificate = makeCertificate(folder);
  // Somebody here hands over to somebody there.
  const dialling = { handOver: true };
  const base = { dns: [NAME_SERVER], domains: [BILOXI], tls: { ca: [certificate] }, dialling };
  const trusted = { ...base, trust: [KAMAILIO.host] };
  const house = await House.start(folder, { config: trusted });
  const town = await Town.open(folder, house, certificate);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio as another domain: ${name}`, run);
  try {
    await check("each of our devices has a public and a temporary GRUU", () => town.given());
    for (const kind of ["pub", "temp"] as const) {
      await check(`calls a ${kind}-gruu from a trusted place, and that device alone rings`, () =>
        town.calls(town.jon, kind),
      );
    }
    await check("puts two of ours through to each other, by REFER to the GRUU of one", () =>
      town.putsThroughFromThere(),
    );
    await check("one of ours puts somebody there through, who calls a GRUU with Replaces", () =>
      town.putsThroughFromHere(),
    );
    await house.configure({ ...base, partners: [BILOXI] });
    for (const kind of ["pub", "temp"] as const) {
      await check(`calls a ${kind}-gruu as a partner over TLS, and that device alone rings`, () =>
        town.calls(town.ida, kind),
      );
    }
    await check("hears that a device is gone, and that a temporary GRUU is none", () =>
      town.gone(),
    );
  } finally {
    await town.close();
    await report.check("the house whose GRUUs were called from there ran without a fault", () =>
      wellStopped(house),
    );
  }
}

async function wellStopped(house: House): Promise<string> {
  const code = await house.stop();
  const [fault] = house.faults;
  demand(fault === undefined && code === 0, `exit code ${code}: ${fault ?? ""}`);
  return "exit code 0";
}

/** Jon is there by UDP and Ida by TLS; Kim has two devices here, and Lou one. */
class Town {
  readonly jon: OwnPhone;
  readonly ida: OwnPhone;
  readonly #kim: OwnPhone;
  readonly #kimToo: OwnPhone;
  readonly #lou: OwnPhone;
  readonly #stop: () => Promise<void>;

  private constructor(phones: readonly OwnPhone[], stop: () => Promise<void>) {
    const [jon, ida, kim, kimToo, lou] = phones;
    if (!jon || !ida || !kim || !kimToo || !lou) throw new Error("five phones were opened");
    [this.jon, this.ida, this.#kim, this.#kimToo, this.#lou] = [jon, ida, kim, kimToo, lou];
    this.#stop = stop;
  }

  static async open(folder: string, house: House, certificate: string): Promise<Town> {
    const [kims, lous, trunk, secureTrunk] = await house.addDeskPhones(PEOPLE);
    const { port: tlsPort } = KAMAILIO_OVER_TLS;
    const names = await startNameServer(folder, { domain: BILOXI, server: KAMAILIO, tlsPort });
    const kamailio = await Kamailio.start({
      ...{ folder, believes: house.certificate },
      trunk: { credentials: trunk, rings: "jon" },
      secureTrunk: { credentials: secureTrunk, rings: "ida" },
    });
    const believes = readFileSync(certificate, "utf8");
    const phones = [
      await there("jon", 0, { server: KAMAILIO }),
      await there("ida", 1, { server: KAMAILIO_OVER_TLS, believes }),
      ...[await here(kims, 2), await here(kims, 3), await here(lous, 4)],
    ];
    return new Town(phones, async () => {
      for (const phone of phones) await phone.close().catch(() => {});
      await kamailio.stop();
      await names.stop(WAIT_MS);
    });
  }

  async given(): Promise<string> {
    const all = [this.#kim, this.#kimToo, this.#lou].map(({ gruus }) => gruus);
    demand(new Set(all.flatMap(({ pub, temp }) => [pub, temp])).size === 6, JSON.stringify(all));
    for (const { temp } of all) demand(/^sip:tgruu\./.test(temp), temp);
    return all.map(({ pub }) => pub).join(", ");
  }

  /** In the dialog as well: its hold is a re-INVITE to the GRUU, through both domains. */
  async calls(from: OwnPhone, kind: "pub" | "temp"): Promise<string> {
    const results: string[] = [];
    for (const [one, other] of [
      [this.#kim, this.#kimToo],
      [this.#kimToo, this.#kim],
    ] as const) {
      const before = other.invites;
      results.push(await talks(from, one, one.gruus[kind]));
      demand(other.invites === before, "the other device of the same person rang, too");
    }
    return results.join("; ");
  }

  /** Jon talks to Kim and to Lou, each at a GRUU, and has Kim's phone call Lou's. */
  async putsThroughFromThere(): Promise<string> {
    const [jon, kim, lou] = [this.jon, this.#kim, this.#lou];
    const [jonToKim, kims] = await talking(jon, kim, kim.gruus.pub);
    const [jonToLou, lous] = await talking(jon, lou, lou.gruus.temp);
    demand(jonToKim.dialog?.remoteTarget === kim.gruus.pub, `${jonToKim.dialog?.remoteTarget}`);
    return putThrough({ first: jonToKim, firsts: kims, second: jonToLou, seconds: lous });
  }

  /** Kim talks to Jon and to Lou, and has Jon's phone call Lou's. */
  async putsThroughFromHere(): Promise<string> {
    const [jon, kim, lou] = [this.jon, this.#kim, this.#lou];
    const [kimToJon, jons] = await talking(kim, jon, jon.phone.aor);
    const [kimToLou, lous] = await talking(kim, lou, lou.gruus.pub);
    return putThrough({ first: kimToJon, firsts: jons, second: kimToLou, seconds: lous });
  }

  async gone(): Promise<string> {
    const { pub, temp } = this.#kimToo.gruus;
    await this.#kimToo.close();
    const statuses: string[] = [];
    for (const uri of [pub, temp, temp.replace("tgruu.", "tgruu.x")]) {
      const call = this.ida.phone.call(uri);
      call.answered.catch(() => {});
      statuses.push(`${(await call.ended).status}`);
    }
    demand(statuses.join() === "480,404,404", statuses.join());
    return statuses.join(", ");
  }

  close(): Promise<void> {
    return this.#stop();
  }
}

type Talk = Call<DescribedMedia>;

async function talking(from: OwnPhone, to: OwnPhone, uri: string): Promise<readonly [Talk, Talk]> {
  let call: Talk | undefined;
  const taken = await to.answered(() => {
    call = from.phone.call(uri);
  });
  if (!call) throw new Error("no call was made");
  await call.answered;
  return [call, taken];
}

interface Consulted {
  /** Of who puts through, with the one who is put through, and of that one. */
  readonly first: Talk;
  readonly firsts: Talk;
  /** With the one who is called in the end, and of that one. */
  readonly second: Talk;
  readonly seconds: Talk;
}

/** The two who are left talk to each other, and one hangs up. */
async function putThrough({ first, firsts, second, seconds }: Consulted): Promise<string> {
  const asked = transfer(first, second);
  await until("it is put through", () => isOver(asked) || undefined, WAIT_MS);
  demand(asked.state.name === "Transferred", `the transfer is ${JSON.stringify(asked.state)}`);
  const codes = await Promise.all([first, second].map(async ({ ended }) => (await ended).code));
  const [one, other] = await until("the two talk", () => successors(firsts, seconds), WAIT_MS);
  await one.hold();
  const held = () =>
    (other.state.name === "Established" && other.state.held === "ByThem") || undefined;
  await until("one of them is held", held, WAIT_MS);
  one.hangUp();
  const { by } = await other.ended;
  demand(by === "remote", `the new call ended by ${by}`);
  return `${codes.join(" and ")}; the two hold and hang up`;
}

const isOver = ({ state }: Transfer): boolean =>
  state.name === "Transferred" || state.name === "Accepted" || state.name === "Failed";

function successors(firsts: Talk, seconds: Talk): readonly [Talk, Talk] | undefined {
  const [one, other] = [successorOf(firsts), successorOf(seconds)];
  const areBoth = one?.state.name === "Established" && other?.state.name === "Established";
  return areBoth ? [one, other] : undefined;
}

const there = (
  user: string,
  nth: number,
  at: { readonly server: typeof KAMAILIO; readonly believes?: string },
): Promise<OwnPhone> =>
  OwnPhone.open({
    ...{ aor: `sip:${user}@${BILOXI}`, password: passwordAt(user), transfers: "follow" },
    ...{ rtpPort: FIRST_RTP_PORT + 10 * nth, ...at },
  });

const here = ({ user, password }: Credentials, nth: number): Promise<OwnPhone> =>
  OwnPhone.open({
    ...{ aor: `sip:${user}@${DOMAIN}`, password, transfers: "follow", server: SERVER_ADDRESS },
    instance: `urn:uuid:00000000-0000-1000-8000-0000000000${nth}0`,
    rtpPort: FIRST_RTP_PORT + 10 * nth,
  });
