/** Kamailio as a client of the house: what it publishes there, and what it watches. */
import { createSocket } from "node:dgram";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  dialogs,
  ownPresence,
  presence,
  presenceList,
  publish,
  type Subscription,
  subscribe,
} from "carillon/events";
import { type Credentials, DOMAIN, House, SERVER_ADDRESS } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { EXCHANGE, Exchange, FRIENDS } from "./presence-client.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const RTP_PORT = 30_400;
const WAIT_MS = 15_000;

export async function exchangeAsks(above: string, report: Report): Promise<void> {
  const folder = join(above, "exchange-house");
  mkdirSync(folder);
  const house = await House.start(folder);
  const [kits, kats, leas] = await house.addDeskPhones(["Kit", "Kat", "Lea"] as const);
  const exchange = await Exchange.start({ folder, people: [kits, kats], friends: [leas.user] });
  let ports = RTP_PORT;
  const open = ({ user, password }: Credentials, server = EXCHANGE): Promise<OwnPhone> => {
    ports += 2;
    const aor = `sip:${user}@${DOMAIN}`;
    return OwnPhone.open({ aor, password, server, rtpPort: ports });
  };
  const lea = await open(leas, SERVER_ADDRESS);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio as a client of the house: ${name}`, run);
  try {
    await check("its registrations are presence there (pua_usrloc)", () =>
      present(lea, kits, open),
    );
    await check("its calls are busy lamps there (pua_dialoginfo)", async () => {
      const [kit, kat] = [await open(kits), await open(kats)];
      return lamps(lea, kit, kat).finally(() => Promise.all([kit.close(), kat.close()]));
    });
    await check("it is told who signs in there (pua_reginfo)", () =>
      registrations(exchange, kits, () => open(kits, SERVER_ADDRESS)),
    );
    await check("it watches people there for a list of its own (rls)", async () => {
      const kit = await open(kits);
      return listed(kit, lea).finally(() => kit.close());
    });
  } finally {
    await lea.close();
    await exchange.stop();
    await report.check("the house with an exchange ran without a fault", async () => {
      const code = await house.stop();
      const [fault] = house.faults;
      demand(fault === undefined && code === 0, `exit code ${code}: ${fault ?? ""}`);
      return "exit code 0";
    });
  }
}

type Open = (who: Credentials) => Promise<OwnPhone>;

/** What a subscription brings, one line each. */
function followed<T>(watching: Subscription<T>, line: (value: T) => string): readonly string[] {
  const seen: string[] = [];
  void (async () => {
    for await (const value of watching.values()) seen.push(line(value));
  })();
  return seen;
}

async function present(lea: OwnPhone, who: Credentials, open: Open): Promise<string> {
  const watching = subscribe(lea.phone, presence, `sip:${who.user}@${DOMAIN}`);
  const seen = followed(watching, ({ tuples }) => tuples.map(({ basic }) => basic).join("+"));
  await watching.established;
  const kit = await open(who);
  await until("he is open", () => seen.at(-1)?.includes("open") || undefined, WAIT_MS);
  await kit.close();
  const isGone = () => !seen.at(-1)?.includes("open") || undefined;
  await until("he is not open any more", isGone, WAIT_MS);
  await watching.end();
  return seen.map((one) => one || "nothing").join(", ");
}

async function lamps(lea: OwnPhone, kit: OwnPhone, kat: OwnPhone): Promise<string> {
  const watching = subscribe(lea.phone, dialogs, kit.phone.aor);
  const states = new Set<string>();
  const seen = followed(watching, ({ dialogs: all }) => {
    for (const { state } of all) states.add(state);
    return all.map(({ state }) => state).join("+");
  });
  await watching.established;
  const call = await kat.answered(() => kit.phone.call(kat.phone.aor));
  await until("his lamp is lit", () => states.has("confirmed") || undefined, WAIT_MS);
  call.hangUp();
  await until("it is dark", () => !seen.at(-1)?.includes("confirmed") || undefined, WAIT_MS);
  await watching.end();
  return seen.map((one) => one || "nothing").join(", ");
}

/**
 * It says in its log what came of each NOTIFY: 1 for contacts that it knows from then on. When one
 * of them ends, this Kamailio waits for itself and never answers.
 */
async function registrations(
  exchange: Exchange,
  { user }: Credentials,
  open: () => Promise<OwnPhone>,
): Promise<string> {
  const told = (what: string) => exchange.log.split(`registrations: ${what}`).length - 1;
  const socket = createSocket("udp4");
  const text = [
    `OPTIONS sip:${user}@${EXCHANGE.host}:${EXCHANGE.port} SIP/2.0`,
    "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKwatch;rport",
    ...["Max-Forwards: 70", "From: <sip:test@127.0.0.1>;tag=1", `To: <sip:${user}@${DOMAIN}>`],
    ...["Call-ID: watch", "CSeq: 1 OPTIONS", "Content-Length: 0", "", ""],
  ].join("\r\n");
  socket.send(text, EXCHANGE.port, EXCHANGE.host);
  await until("it is told for the first time", () => told("") || undefined, WAIT_MS);
  socket.close();
  const phone = await open();
  await until("it is told of a device", () => told("1") || undefined, WAIT_MS);
  await phone.close();
  return `${told("")} NOTIFYs`;
}

async function listed(kit: OwnPhone, lea: OwnPhone): Promise<string> {
  const own = ownPresence(lea.phone, { note: "at her desk" });
  const publication = publish(lea.phone, presence, own.value());
  await publication.published;
  const watching = subscribe(kit.phone, presenceList, FRIENDS);
  const seen = followed(watching, (list) =>
    [...list.values()].map(({ uri, value }) => `${uri} ${value?.notes.join()}`).join(", "),
  );
  await watching.established;
  await until("he sees her", () => seen.at(-1)?.includes("at her desk") || undefined, WAIT_MS);
  own.set({ note: "gone home" });
  publication.update(own.value());
  await until("he sees a change", () => seen.at(-1)?.includes("gone home") || undefined, WAIT_MS);
  // Of a list that is not watched any more, Kamailio says nothing.
  void watching.end();
  await publication.remove();
  return `${seen.length} NOTIFYs, the last: ${seen.at(-1)}`;
}
