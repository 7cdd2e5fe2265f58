/** Desk phones at their GRUUs: each device of a person is called, and calls, at its own. */
import { Baresip } from "./baresip.ts";
import { atRest, established } from "./baresip-talk.ts";
import { DOMAIN, type House, SERVER } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const GIVEN_MS = 5000;

export async function gruuCalls(house: House, folder: string, report: Report): Promise<void> {
  const [gilsOwn, hansOwn] = await house.addDeskPhones(["Gil", "Han"] as const);
  // It asks for a GRUU only where it asks for Outbound.
  const base = { folder, answers: true, flows: [SERVER] };
  const gil = await Baresip.start({ ...base, credentials: gilsOwn, nth: 11, toneHz: 440 });
  const desk = await Baresip.start({ ...base, credentials: hansOwn, nth: 12, toneHz: 1000 });
  const other = await Baresip.start({ ...base, credentials: hansOwn, nth: 13, toneHz: 700 });
  const phones = [gil, desk, other];
  const check = (name: string, run: () => Promise<string>): Promise<void> =>
    report.check(`GRUU: ${name}`, () => run().catch((error) => atRest(phones, error)));
  await check("each of three desk phones is told one of its own", async () => {
    for (const phone of phones) await phone.registered();
    const all = await Promise.all(phones.map(gruuOf));
    demand(new Set(all).size === 3, `they are not three: ${all.join(", ")}`);
    for (const [i, phone] of phones.entries()) {
      demand(all[i]?.startsWith(`sip:${phone.user}@${DOMAIN};gr=urn:uuid:`) === true, `${all[i]}`);
    }
    return all.join(", ");
  });
  await check("a call to one rings that phone, and no other of the same person", async () => {
    for (const [one, another] of [
      [desk, other],
      [other, desk],
    ] as const) {
      const since = another.events.length;
      const ended = await established(gil, one, await gruuOf(one));
      demand(invited(another, since) === 0, `${another.port} rang, too`);
      await gil.command("hangup");
      await ended();
    }
    return "both of them";
  });
  await check(
    "in the dialog it is each side's Contact, and a re-INVITE and a BYE find it",
    async () => {
      const uri = await gruuOf(desk);
      const ended = await established(gil, desk, uri);
      for (const phone of [gil, desk]) {
        const own = await gruuOf(phone);
        demand(phone.log.includes(`Contact: <${own}>`), `${own} was in no Contact`);
      }
      const since = gil.events.length;
      await desk.command("reinvite");
      await gil.event("CALL_REMOTE_SDP", since, "offer");
      await desk.command("hangup");
      return ended();
    },
  );
  await check(
    "a device that has gone is not reached at its own, and its brother still is",
    async () => {
      const gone = await gruuOf(other);
      await other.quit();
      const since = gil.events.length;
      await gil.command("dial", gone);
      const { param = "" } = await gil.event("CALL_CLOSED", since);
      demand(param.startsWith("480 "), `the call ended with ${param}`);
      const ended = await established(gil, desk, await gruuOf(desk));
      await gil.command("hangup");
      await ended();
      return param;
    },
  );
  for (const phone of [gil, desk]) await phone.quit();
}

/** As the answer to its REGISTER had it: the one with the name that it calls itself. */
async function gruuOf(phone: Baresip): Promise<string> {
  const found = (): string | undefined => {
    const instance = /\+sip\.instance="<(urn:uuid:[^>"]*)>"/.exec(phone.log)?.[1];
    const all = [...phone.log.matchAll(/pub-gruu="([^"]*)"/g)].map(([, uri]) => uri);
    return all.find((uri) => instance !== undefined && uri?.endsWith(`;gr=${instance}`));
  };
  return await until(`${phone.user} is told its GRUU`, found, GIVEN_MS);
}

const invited = (phone: Baresip, since: number): number =>
  phone.events.slice(since).filter(({ type }) => type === "CALL_INCOMING").length;
