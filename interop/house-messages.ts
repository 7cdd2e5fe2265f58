/** Messages that the house keeps, between SIPp and phones of the library or SIPp again. */
import { chat } from "carillon/chat";
import { type Credentials, DOMAIN, type House, SERVER_ADDRESS } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { demand, type Report } from "./report.ts";
import { CALLEE_PORT, SippRunner } from "./sipp.ts";
import { pause, until } from "./until.ts";

/** SIPp's files are named by what has run before in the same folder. */
const RUNS_BEFORE = 450;
const RTP_PORT = 30_310;
const WAIT_MS = 15_000;
const MESSAGES = 20;
/** In which a device that is new may ask for the journal. */
const PLAIN_AFTER_MS = 11_000;
/** In which a second copy would have come. */
const COPY_MS = 2000;

export async function houseMessages(house: House, folder: string, report: Report): Promise<void> {
  const [zoes, vic, reader] = await house.addDeskPhones(["Zara", "Vera", "Reader"] as const);
  const sipp = new SippRunner(folder, RUNS_BEFORE);
  const zara = await OwnPhone.open({
    ...{ aor: `sip:${zoes.user}@${DOMAIN}`, password: zoes.password },
    ...{ server: SERVER_ADDRESS, rtpPort: RTP_PORT },
  });
  const to = (user: string) => ({ people: [vic], calls: 1, target: `${user}@${DOMAIN}` });
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`messages in the house: ${name}`, run);
  try {
    await check("SIPp writes the same Message-ID twice, and it is shown once", async () => {
      using talk = chat(zara.phone);
      const got: string[] = [];
      void (async () => {
        for await (const { id, text } of talk.messages()) got.push(`${id} ${text}`);
      })();
      await sipp.ask({ ...to(zoes.user), scenario: "house-message-twice" });
      await until("it comes", () => got.length || undefined, WAIT_MS);
      await pause(COPY_MS);
      demand(got.length === 1, `it was shown ${got.length} times: ${got.join(" | ")}`);
      return `2 × 202, shown once`;
    });
    await check("what is too large is refused with 413", async () => {
      await sipp.ask({ ...to(zoes.user), scenario: "house-message-large" });
      return "413";
    });
    await check("what is written while SIPp is away comes in order when it registers", () =>
      kept(sipp, reader, vic),
    );
    await check("a reader of plain text alone gets what it can show after a 415", () =>
      asPlain(sipp, reader, vic),
    );
  } finally {
    await zara.close();
  }
}

/** Known since it registered; then nobody is where it said. */
async function kept(sipp: SippRunner, reader: Credentials, writer: Credentials): Promise<string> {
  const target = `${reader.user}@${DOMAIN}`;
  const own = { people: [reader], calls: 1, port: CALLEE_PORT, target: DOMAIN };
  await sipp.ask({ ...own, scenario: "register" });
  const base = { people: [writer], target, calls: MESSAGES, perSecond: 10 };
  await sipp.ask({ ...base, scenario: "house-message-caller" });
  await pause(PLAIN_AFTER_MS);
  const run = { ...own, calls: MESSAGES, scenario: "house-message-reader", lastsMs: WAIT_MS };
  // It registers again, which is when it is tried again; the answer to that is no matter here.
  const { succeeded } = await sipp.answer(run, () =>
    sipp.ask({ ...own, port: CALLEE_PORT + 2, scenario: "house-register-reader" }),
  );
  return `${MESSAGES} × 202, then ${succeeded} came`;
}

/** Registered since the check before. */
async function asPlain(
  sipp: SippRunner,
  reader: Credentials,
  writer: Credentials,
): Promise<string> {
  const target = `${reader.user}@${DOMAIN}`;
  const own = { people: [reader], calls: 2, port: CALLEE_PORT, target: DOMAIN };
  const run = { ...own, scenario: "house-message-plain-reader", lastsMs: WAIT_MS };
  const { succeeded } = await sipp.answer(run, () =>
    sipp.ask({ people: [writer], calls: 1, target, scenario: "house-message-twice" }),
  );
  return `${succeeded} requests: 415, then text/plain`;
}
