/**
 * A page and a desk phone, each behind a router of its own, and the house on the Internet. The
 * page's router lets UDP through to the port of TURN and to no other: the relay is the only way.
 */
import { openInside } from "../e2e/other-network.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import { Nat } from "./nat.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand, type Report } from "./report.ts";

const [PAGE_HZ, PHONE_HZ] = [440, 1000] as const;
const ORIGIN = `http://${Nat.address}:8080`;
const TURN_PORT = 3478;

export async function bridgeNat(folder: string, report: Report): Promise<void> {
  const nat = Nat.make(folder);
  const stage = await BridgeStage.open(folder, "bridge-nat", report, { host: "0.0.0.0", nth: 70 });
  const check = (what: string, run: () => Promise<string>, pages: readonly PagePhone[]) =>
    stage.check(`bridge, both behind a NAT: ${what}`, run, pages);
  const pageAt = await nat.behind({ udpPorts: [TURN_PORT] });
  const phoneAt = await nat.behind();
  const browser = await openInside(folder, pageAt.enter, ORIGIN);
  try {
    const nia = await stage.page("Nia", PAGE_HZ, { browser, origin: ORIGIN });
    const server = `${Nat.address}:5060`;
    const ole = await stage.phone("Ole", { toneHz: PHONE_HZ, host: phoneAt, server });
    await check("the page calls, over TURN and no other way", async () => {
      const figure = await bothHear(nia, ole, await pageCalls(nia, ole, "Ole"));
      const { local } = await nia.way();
      demand(local === "relay", `the page's candidate is ${local}`);
      return figure;
    }, [nia]);
    await check("the phone calls, over TURN and no other way", async () => {
      const figure = await bothHear(nia, ole, await phoneCalls(ole, nia, "Ole"));
      const { local } = await nia.way();
      demand(local === "relay", `the page's candidate is ${local}`);
      return figure;
    }, [nia]);
  } finally {
    await browser.close();
    await stage.close();
    await nat.remove();
  }
}
