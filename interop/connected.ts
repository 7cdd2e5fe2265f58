/** `carillon connect`: the house calls two desk phones, and has them talk. RFC 3725 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Baresip } from "./baresip.ts";
import { Child } from "./child.ts";
import { House } from "./house.ts";
import type { Report } from "./report.ts";
import { secondsOf } from "./tone.ts";
import { until } from "./until.ts";

const PROGRAM = join(import.meta.dirname, "../packages/server/src/main.ts");
const [ANN_HZ, BEN_HZ] = [440, 1000] as const;
const HEARD_SECONDS = 1.5;
/** Processes for media begin with the first call. */
const TALKING_MS = 40_000;
const ENDED_MS = 10_000;

/** With a house of its own. */
export async function connected(above: string, report: Report): Promise<void> {
  const folder = join(above, "connected");
  mkdirSync(folder);
  const house = await House.start(folder);
  const people = await house.addDeskPhones(["Ann", "Ben"] as const);
  const phones: Baresip[] = [];
  for (const [nth, toneHz] of [ANN_HZ, BEN_HZ].entries()) {
    const credentials = people[nth] ?? people[0];
    const codec = "PCMU/8000/1";
    phones.push(
      await Baresip.start({ folder, credentials, nth: 80 + nth, codec, toneHz, answers: true }),
    );
  }
  const [ann, ben] = phones as [Baresip, Baresip];
  await Promise.all(phones.map((phone) => phone.registered()));
  await report.check("carillon connect: two desk phones are called, and talk", async () => {
    const args = [PROGRAM, "connect", ann.user, ben.user, "--data", join(folder, "data")];
    const child = new Child(process.execPath, args, { log: join(folder, "connect.log") });
    await child.prints("talk. Ctrl+C hangs up", TALKING_MS);
    const both = () =>
      Math.min(secondsIn(ann, BEN_HZ), secondsIn(ben, ANN_HZ)) >= HEARD_SECONDS || undefined;
    await until("both hear the other's tone", both, TALKING_MS);
    const since = ben.events.length;
    await ann.command("hangup");
    await ben.event("CALL_CLOSED", since);
    await child.ended(ENDED_MS);
    return child.printed.trim().split("\n").join(" ");
  });
  await Promise.all(phones.map((phone) => phone.quit()));
  await house.stop();
}

/** In all of its calls: what one hears may begin anew with a re-INVITE. */
const secondsIn = (phone: Baresip, toneHz: number): number =>
  phone.heard.reduce((sum, heard) => sum + secondsOf(toneHz, heard), 0);
