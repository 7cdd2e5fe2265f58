/** Messages between a phone of the library and others: baresip, and SIPp with its scenarios. */
import type { IncomingMessage } from "carillon/node";
import { Baresip } from "./baresip.ts";
import { type Credentials, DOMAIN, type House, SERVER_ADDRESS } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { demand, type Report } from "./report.ts";
import { CALLEE_PORT, SippRunner } from "./sipp.ts";
import { until } from "./until.ts";

const RTP_PORT = 30_060;
/** A device that is new has ten seconds to ask for the journal; then it is a plain phone. */
const WAIT_MS = 20_000;
const MESSAGES = 20;
const LATER = "The soup is cold by now";

export async function messageAsks(house: House, folder: string, report: Report): Promise<void> {
  const [ivysOwn, jaysOwn, sipps] = await house.addDeskPhones(["Ivy", "Jay", "Pager"] as const);
  const ivy = await OwnPhone.open({
    ...{ aor: uriOf(ivysOwn), password: ivysOwn.password },
    ...{ server: SERVER_ADDRESS, rtpPort: RTP_PORT },
  });
  const options = { folder, credentials: jaysOwn, nth: 8, toneHz: 440, answers: true };
  const jay = await Baresip.start({ ...options, contact: ivy.phone.aor });
  await jay.registered();
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`messages: ${name}`, run);
  await check("baresip takes what a phone of the library writes", () => toBaresip(ivy, jay));
  await check("baresip writes to a phone of the library", () => fromBaresip(ivy, jay));
  await check("SIPp answers what a phone of the library writes", () => toSipp(ivy, sipps, folder));
  await check("SIPp writes to a phone of the library", () => fromSipp(ivy, ivysOwn, sipps, folder));
  await ivy.close();
  await jay.quit();
}

const uriOf = ({ user }: Credentials): string => `sip:${user}@${DOMAIN}`;

/** Messages that come while `act` makes somebody write them. */
async function received(
  { phone }: OwnPhone,
  count: number,
  act: () => Promise<unknown>,
): Promise<readonly IncomingMessage[]> {
  const control = new AbortController();
  const got: IncomingMessage[] = [];
  void (async () => {
    for await (const message of phone.messages({ signal: control.signal })) got.push(message);
  })();
  try {
    await act();
    return await until(`${count} messages`, () => (got.length >= count ? got : undefined), WAIT_MS);
  } finally {
    control.abort();
  }
}

async function toBaresip(ivy: OwnPhone, jay: Baresip): Promise<string> {
  const text = "Is the soup hot? Ça va";
  const { status } = await ivy.phone.message(jay.uri, text);
  // Its log has what came over the wire, and then that it rang for it.
  const hasRung = () => {
    // Perhaps once as message/cpim, which it refuses, and then as it was written.
    const after = jay.log.split(`\r\n\r\n${text}`).slice(1).at(-1);
    return after?.includes(`created device 'alert-${jay.user}'`) || undefined;
  };
  demand(status === 202, `it was answered with ${status}`);
  await until("baresip rings for it", hasRung, WAIT_MS);
  // What it cannot show does not hold up what comes after it.
  await ivy.phone.message(jay.uri, "<b>?</b>", { contentType: "text/html" });
  await ivy.phone.message(jay.uri, LATER);
  const refused = () => jay.log.includes("SIP/2.0 415 ") && jay.log.includes(LATER);
  await until(
    "it refuses what it cannot show, and gets the next",
    () => refused() || undefined,
    WAIT_MS,
  );
  return `${status}; text/html 415, and then the next one`;
}

async function fromBaresip(ivy: OwnPhone, jay: Baresip): Promise<string> {
  const [message] = await received(ivy, 1, async () => {
    await jay.command("contact_next");
    await jay.command("message", "Dinner is ready");
  });
  demand(message?.text === "Dinner is ready", `ivy read ${JSON.stringify(message?.text)}`);
  demand(message.from.uri.includes(jay.user), `it was from ${message.from.uri}`);
  return `${message.contentType}, from ${message.from.uri}`;
}

async function toSipp(ivy: OwnPhone, pager: Credentials, folder: string): Promise<string> {
  const sipp = new SippRunner(folder);
  const people = [pager];
  const base = { people, calls: 1, target: DOMAIN };
  await sipp.ask({ ...base, scenario: "register", port: CALLEE_PORT });
  const run = { ...base, calls: MESSAGES, scenario: "message-callee", lastsMs: WAIT_MS };
  const { succeeded, result } = await sipp.answer(run, () =>
    // All at once: they leave one after the other, as RFC 3428 §8 has it.
    Promise.all(
      Array.from({ length: MESSAGES }, (_, i) =>
        ivy.phone.message(uriOf(pager), `Dinner is ready, number ${i}.`),
      ),
    ),
  );
  demand(
    result.every(({ status }) => status === 202),
    "not all of them got 202",
  );
  return `${succeeded} of ${MESSAGES}`;
}

async function fromSipp(
  ivy: OwnPhone,
  { user }: Credentials,
  pager: Credentials,
  folder: string,
): Promise<string> {
  const sipp = new SippRunner(folder);
  const run = { target: `${user}@${DOMAIN}`, people: [pager], calls: MESSAGES };
  const got = await received(ivy, MESSAGES, () => sipp.ask({ ...run, scenario: "message-caller" }));
  const expected = `Dinner is ready, ${pager.user}.`;
  const fits = got.filter(({ text }) => text.trim() === expected).length;
  demand(got.length === MESSAGES && fits === MESSAGES, `${fits} of ${got.length} are whole`);
  return `${fits} of ${MESSAGES}, each once`;
}
