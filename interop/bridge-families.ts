/** A page that has IPv6 and nothing else, and a desk phone that has IPv4 and nothing else. */
import { openInside } from "../e2e/other-network.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import { Lan } from "./lan.ts";
import type { Report } from "./report.ts";

const [PAGE_HZ, PHONE_HZ] = [440, 1000] as const;
const ORIGIN = `http://[${Lan.own.IPv6}]:8080`;

export async function bridgeFamilies(folder: string, report: Report): Promise<void> {
  const lan = Lan.make(folder);
  const stage = await BridgeStage.open(folder, "bridge-ipv6", report, { host: "::", nth: 75 });
  const [six, four] = [await lan.plugIn({ family: "IPv6" }), await lan.plugIn()];
  const browser = await openInside(folder, six.enter, ORIGIN);
  try {
    const pia = await stage.page("Pia", PAGE_HZ, { browser, origin: ORIGIN });
    const server = `${Lan.own.IPv4}:5060`;
    const rob = await stage.phone("Rob", { toneHz: PHONE_HZ, host: four, server });
    const check = (what: string, run: () => Promise<string>) =>
      stage.check(`bridge, IPv6 here and IPv4 there: ${what}`, run, [pia]);
    await check("the page calls", async () => {
      const figure = await bothHear(pia, rob, await pageCalls(pia, rob, "Rob"));
      return `${figure}, by ${(await pia.way()).remote}`;
    });
    await check("the phone calls", async () => {
      const figure = await bothHear(pia, rob, await phoneCalls(rob, pia, "Rob"));
      return `${figure}, by ${(await pia.way()).remote}`;
    });
  } finally {
    await browser.close();
    await report.check("bridge, IPv6 and IPv4: the house ran without a fault", () => stage.close());
    await lan.remove();
  }
}
