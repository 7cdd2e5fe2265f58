/** Events of people in the house, between SIPp or baresip and phones of the library. */
import { ownPresence, presence, publish, subscribe } from "carillon/events";
import { Baresip } from "./baresip.ts";
import { type Credentials, DOMAIN, type House, SERVER_ADDRESS } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { demand, type Report } from "./report.ts";
import { type Run, SippRunner } from "./sipp.ts";
import { pause, until } from "./until.ts";

/** SIPp's files are named by what has run before in the same folder. */
const RUNS_BEFORE = 400;
const RTP_PORT = 30_300;
const WAIT_MS = 15_000;
/** Between two NOTIFYs of the same presence. */
const GAP_MS = 6000;
const STAGE_MS = 1500;

interface Parts {
  readonly sipp: SippRunner;
  /** Whom SIPp watches and writes to. */
  readonly una: OwnPhone;
  readonly wes: OwnPhone;
  /** Who SIPp is. */
  readonly vic: Credentials;
  readonly ask: (scenario: string, more?: Partial<Run>) => Promise<unknown>;
}

export async function houseEvents(house: House, folder: string, report: Report): Promise<void> {
  const [unas, wess, vic] = await house.addDeskPhones(["Una", "Wes", "Vic"] as const);
  const open = ({ user, password }: Credentials, nth: number) =>
    OwnPhone.open({
      ...{ aor: `sip:${user}@${DOMAIN}`, password, server: SERVER_ADDRESS },
      rtpPort: RTP_PORT + 2 * nth,
    });
  const [una, wes] = [await open(unas, 0), await open(wess, 1)];
  const sipp = new SippRunner(folder, RUNS_BEFORE);
  const side = { people: [vic], calls: 1, target: una.phone.aor.slice("sip:".length) };
  const ask: Parts["ask"] = (scenario, more) =>
    sipp.ask({ ...side, scenario: `house-${scenario}`, lastsMs: 20_000, ...more });
  const parts = { sipp, una, wes, vic, ask };
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`events in the house: ${name}`, run);
  try {
    await check("SIPp is told what a phone publishes, and what it changes", () => told(parts));
    await check("SIPp asks once", () => said(ask("once-watcher"), "one NOTIFY"));
    await check("SIPp asks for an unknown event", () => said(ask("unknown-watcher"), "489"));
    await check("SIPp asks for a second", () => said(ask("brief-watcher"), "423"));
    await check("SIPp has forgotten what it asked for, and is told no more", () => dead(parts));
    await check("SIPp publishes, and a phone is told", () => published(parts));
    await check("SIPp has a busy lamp", () => lamp(parts));
    await baresipTells(house, folder, una, check);
  } finally {
    for (const phone of [una, wes]) await phone.close();
  }
}

async function said(run: Promise<unknown>, figure: string): Promise<string> {
  await run;
  return figure;
}

async function told({ una, ask }: Parts): Promise<string> {
  const own = ownPresence(una.phone, { note: "At my desk" });
  const publication = publish(una.phone, presence, own.value());
  await publication.published;
  const asked = ask("watcher");
  asked.catch(() => {});
  await pause(STAGE_MS);
  own.set({ note: "Gone home" });
  publication.update(own.value());
  await asked;
  await publication.remove();
  return "407, 200, NOTIFYs at once and at the change";
}

async function dead({ una, ask }: Parts): Promise<string> {
  const own = ownPresence(una.phone, { note: "At my desk" });
  const publication = publish(una.phone, presence, own.value());
  await publication.published;
  const asked = ask("dead-watcher");
  asked.catch(() => {});
  await pause(STAGE_MS);
  own.set({ note: "Gone home" });
  publication.update(own.value());
  await asked;
  await publication.remove();
  return "nothing more came";
}

async function published({ una, vic, ask }: Parts): Promise<string> {
  const watching = subscribe(una.phone, presence, `sip:${vic.user}@${DOMAIN}`);
  const seen: string[] = [];
  void (async () => {
    for await (const { notes } of watching.values()) seen.push(notes.join());
  })();
  await watching.established;
  await ask("publisher", { target: `${vic.user}@${DOMAIN}` });
  await until("she sees what SIPp published", () => seen.length > 1 || undefined, WAIT_MS);
  await pause(GAP_MS);
  await watching.end();
  const shown = seen.map((note) => note || "nothing");
  demand(shown.includes("Second"), `she saw ${shown.join(", ")}`);
  demand(shown.at(-1) === "nothing", `the last was ${shown.at(-1)}`);
  return shown.join(", ");
}

/** Each of the three is told by itself: a NOTIFY a second. */
async function lamp({ una, wes, ask }: Parts): Promise<string> {
  const coming = una.phone.calls();
  try {
    const asked = ask("lamp-watcher");
    asked.catch(() => {});
    await pause(STAGE_MS);
    const call = wes.phone.call(una.phone.aor);
    const { value: taken } = await coming.next();
    await pause(STAGE_MS);
    await taken?.answer();
    await call.answered;
    await pause(STAGE_MS);
    call.hangUp();
    await asked;
    return "none, early, confirmed, terminated";
  } finally {
    void coming.return?.();
  }
}

type Check = (name: string, run: () => Promise<string>) => Promise<void>;

/** baresip has presence both ways, and no busy lamps. */
async function baresipTells(
  house: House,
  folder: string,
  una: OwnPhone,
  check: Check,
): Promise<void> {
  const credentials = await house.addDeskPhone("Yara");
  const base = { folder, credentials, nth: 12, toneHz: 440, answers: true };
  const yara = await Baresip.start({ ...base, contact: una.phone.aor, hasPresence: true });
  await yara.registered();
  await check("baresip watches a person, and what they publish", () => watchedBy(yara, una));
  await check("baresip publishes, and a phone is told", () => publishedBy(yara, una));
  await yara.quit();
}

async function watchedBy(yara: Baresip, una: OwnPhone): Promise<string> {
  const own = ownPresence(una.phone, {});
  const publication = publish(una.phone, presence, own.value());
  await publication.published;
  const shows = (word: string) =>
    until(
      `baresip shows ${word}`,
      async () => (await yara.command("contacts")).includes(word) || undefined,
      WAIT_MS,
    );
  await shows("Online");
  own.set({ note: "Gone home" });
  publication.update(own.value());
  const isTold = () => yara.log.includes("Gone home") || undefined;
  await until("baresip is told of a change", isTold, WAIT_MS);
  await publication.remove();
  return "Online, and a change";
}

async function publishedBy(yara: Baresip, una: OwnPhone): Promise<string> {
  const watching = subscribe(una.phone, presence, yara.uri);
  const seen: string[] = [];
  void (async () => {
    for await (const { tuples } of watching.values()) {
      seen.push(tuples.map(({ basic }) => basic).join("+") || "nothing");
    }
  })();
  try {
    for (const [command, basic] of [
      ["presence_offline", "closed"],
      ["presence_online", "open"],
    ] as const) {
      await yara.command(command);
      const sees = () => seen.at(-1)?.includes(basic) || undefined;
      await until(`she is seen ${basic} after ${seen.join()}`, sees, WAIT_MS);
    }
  } finally {
    await watching.end();
  }
  return seen.join(", ");
}
