/**
 * Phones on IPv4 and on IPv6 that call each other through a server that has both. Signalling
 * crosses from one family to the other. Sound does not, since a socket of one family reaches no
 * address of the other and this server stays out of the media here (RFC 6157): a phone with
 * both uses what the other side has, and of two that share none, the one that is called refuses.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Baresip } from "./baresip.ts";
import { atRest, cancel, talk } from "./baresip-talk.ts";
import { type Credentials, DOMAIN, House } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { demand, type Report } from "./report.ts";

/** More addresses of the loopback interface, for a phone that has both. */
const BOTH = { IPv4: "10.0.0.1/32", IPv6: "fd00::1/128" };

export async function bothFamilies(above: string, report: Report): Promise<void> {
  const folder = join(above, "both-families");
  mkdirSync(folder);
  // baresip does not take 127.0.0.1 and ::1 for addresses of an interface.
  for (const address of [BOTH.IPv4, BOTH.IPv6]) {
    execFileSync("ip", ["address", "add", address, "dev", "lo"]);
  }
  const house = await House.start(folder, { host: "::", args: ["--media", "never"] });
  const owns = await house.addDeskPhones(["Una", "Val", "Wim", "Xia", "Yan", "Zed"] as const);
  const base = { folder, answers: true };
  const six = { ...base, family: "IPv6" } as const;
  const una = await Baresip.start({ ...six, credentials: owns[0], nth: 31, toneHz: 440 });
  const val = await Baresip.start({ ...six, credentials: owns[1], nth: 32, toneHz: 1000 });
  const both = { ...base, family: "both", credentials: owns[2] } as const;
  const wim = await Baresip.start({ ...both, nth: 33, toneHz: 700 });
  const xia = await Baresip.start({ ...base, credentials: owns[3], nth: 34, toneHz: 500 });
  const ringsOnly = { ...both, credentials: owns[4], answers: false };
  const yan = await Baresip.start({ ...ringsOnly, nth: 35, toneHz: 600 });
  const phones = [una, val, wim, xia, yan];
  const check = (name: string, run: () => Promise<string>): Promise<void> =>
    report.check(`IPv4 and IPv6: ${name}`, () => run().catch((error) => atRest(phones, error)));
  await check("four phones register over IPv6, and one over IPv4", async () => {
    for (const phone of phones) await phone.registered();
    return "401, then 200";
  });
  await check("a call on IPv6 alone, and the caller hangs up", () => talk(una, val, una));
  await check("a call on IPv6 alone, and the callee hangs up", () => talk(una, val, val));
  await check("from IPv4 to IPv6, and the caller hangs up", () => crosses(xia, wim, xia));
  await check("from IPv4 to IPv6, and the callee hangs up", () => crosses(xia, wim, wim));
  await check("from a phone of the library on IPv6 to IPv4, and the callee hangs up", () =>
    calls(owns[5], xia),
  );
  await check("from IPv4 to IPv6, and the caller gives up while it rings", () => cancel(xia, yan));
  await check("who has no family in common hears so from the phone that was called", async () => {
    const since = xia.events.length;
    await xia.command("dial", una.uri);
    const { param = "" } = await xia.event("CALL_CLOSED", since);
    demand(param.startsWith("488 "), `the call ended with ${param}`);
    return param;
  });
  for (const phone of phones) await phone.quit();
  await report.check("the house with both families ran without a fault", async () => {
    const code = await house.stop();
    const [fault] = house.faults;
    demand(fault === undefined && code === 0, `exit code ${code}: ${fault ?? ""}`);
    return "exit code 0";
  });
}

/** Two Record-Routes, so that each side knows an address of its own family. RFC 5658. */
async function crosses(caller: Baresip, callee: Baresip, leaver: Baresip): Promise<string> {
  const before = callee.log.length;
  const figure = await talk(caller, callee, leaver);
  const [invite = ""] = callee.log.slice(before).split("\r\n\r\n");
  const routes = [...invite.matchAll(/^Record-Route: <sip:[^@]*@([^>]*)>/gm)].map(([, at]) => at);
  const families = routes.map((at) => (at?.startsWith("[") ? "IPv6" : "IPv4")).sort();
  demand(families.join() === "IPv4,IPv6", `Record-Route has ${routes.join(" and ") || "nothing"}`);
  return `Record-Route ${routes.join(", ")}; ${figure}`;
}

/** It signals over IPv6 and offers IPv4 for its sound, which baresip cannot be made to do. */
async function calls({ user, password }: Credentials, callee: Baresip): Promise<string> {
  const phone = await OwnPhone.open({
    ...{ aor: `sip:${user}@${DOMAIN}`, password, rtpPort: 30_040 },
    ...{ server: { host: "::1", port: 5060 }, host: "::1" },
  });
  const call = phone.phone.call(callee.uri);
  await call.answered;
  const packets = await phone.hears();
  await callee.command("hangup");
  const { by } = await call.ended;
  await phone.close();
  demand(by === "remote" && packets >= 40, `the call ended by ${by} after ${packets} packets`);
  return `${packets} packets`;
}
