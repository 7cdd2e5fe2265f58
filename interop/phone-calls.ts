/** Calls between a phone of the library and baresip: both change them, and packets tell. */
import type { Call, DescribedMedia } from "carillon/node";
import { Baresip } from "./baresip.ts";
import { DOMAIN, type House, SERVER_ADDRESS } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";

const RTP_PORT = 30_000;
const PACKETS = 40;
const WAIT_MS = 5000;

export async function phoneCalls(house: House, folder: string, report: Report): Promise<void> {
  const [gusOwn, halsOwn] = await house.addDeskPhones(["Gus", "Hal"] as const);
  const options = { folder, credentials: gusOwn, nth: 5, toneHz: 440, answers: true };
  const gus = await Baresip.start(options);
  await gus.registered();
  const hal = await OwnPhone.open({
    ...{ aor: `sip:${halsOwn.user}@${DOMAIN}`, password: halsOwn.password },
    ...{ server: SERVER_ADDRESS, rtpPort: RTP_PORT },
  });
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`a phone of the library: ${name}`, run);
  await check("calls baresip, holds, resumes and hangs up", () => holds(hal, gus));
  await check("is called by baresip, which holds and resumes", () => isHeld(hal, gus));
  await check("is called, and both change the call at once", () => glare(hal, gus));
  await hal.close();
  await gus.quit();
}

const heldIn = ({ state }: Call<DescribedMedia>): string =>
  state.name === "Established" ? (state.held ?? "nobody") : state.name;

async function becomes(call: Call<DescribedMedia>, held: string): Promise<void> {
  const found = () => heldIn(call) === held || undefined;
  await until(`the call is held by ${held} and not by ${heldIn(call)}`, found, WAIT_MS);
}

async function holds(hal: OwnPhone, gus: Baresip): Promise<string> {
  const since = gus.events.length;
  const call = hal.phone.call(gus.uri);
  await call.answered;
  const talked = await hal.hears();
  demand(talked >= PACKETS, `${talked} packets came in the talk`);
  await call.hold();
  await pause(200);
  const held = await hal.hears();
  demand(held === 0, `${held} packets came while the call was held`);
  await call.resume();
  const resumed = await hal.hears();
  demand(resumed >= PACKETS, `${resumed} packets came after the call was resumed`);
  call.hangUp();
  const { param } = await gus.event("CALL_CLOSED", since);
  return `${talked} packets in the talk, ${held} on hold, ${resumed} after it; ${param}`;
}

/** A call from baresip, answered. */
const answered = (hal: OwnPhone, gus: Baresip): Promise<Call<DescribedMedia>> =>
  hal.answered(() => gus.command("dial", hal.phone.aor));

async function isHeld(hal: OwnPhone, gus: Baresip): Promise<string> {
  const call = await answered(hal, gus);
  await gus.command("hold");
  await becomes(call, "ByThem");
  await gus.command("resume");
  await becomes(call, "nobody");
  const talked = await hal.hears();
  demand(talked >= PACKETS, `${talked} packets came after the call was resumed`);
  await gus.command("hangup");
  const { by, code } = await call.ended;
  demand(by === "remote" && code === "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
  return `${talked} packets after it, ${code}`;
}

async function glare(hal: OwnPhone, gus: Baresip): Promise<string> {
  const since = gus.events.length;
  const call = await answered(hal, gus);
  await Promise.all([call.hold(), gus.command("reinvite")]);
  await becomes(call, "ByUs");
  demand(!gus.events.slice(since).some(({ type }) => type === "CALL_CLOSED"), "the call is over");
  await call.resume();
  await becomes(call, "nobody");
  call.hangUp();
  await gus.event("CALL_CLOSED", since);
  return "held, resumed";
}
