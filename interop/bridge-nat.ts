/**
 * A page and a desk phone, each behind a router of its own, and the house on the Internet. The
 * page's router lets UDP through to the port of TURN and to no other: the relay is the only way.
 */
import { join } from "node:path";
import { openInside } from "../e2e/other-network.ts";
import { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import { Coturn } from "./coturn.ts";
import { Nat } from "./nat.ts";
import { demand, type Report } from "./report.ts";

const [PAGE_HZ, PHONE_HZ] = [440, 1000] as const;
const ORIGIN = `http://${Nat.address}:8080`;
const TURN_PORT = 3478;

const SECRET = "kept-by-the-house-and-its-relay";

export async function bridgeNat(folder: string, report: Report): Promise<void> {
  const nat = Nat.make(folder);
  try {
    await withRelay("its own TURN", nat, folder, report, 70, []);
    const where = { address: Nat.address, port: TURN_PORT, secret: SECRET };
    const coturn = await Coturn.start(folder, where);
    const args = ["--turn", `turn:${Nat.address}:${TURN_PORT}`, "--turn-secret", SECRET];
    await withRelay("coturn", nat, folder, report, 72, args);
    await coturn.stop();
  } finally {
    await nat.remove();
  }
}

async function withRelay(
  relay: string,
  nat: Nat,
  above: string,
  report: Report,
  nth: number,
  args: readonly string[],
): Promise<void> {
  const folder = join(above, `nat-${nth}`);
  const stage = await BridgeStage.open(above, `nat-${nth}`, report, { host: "0.0.0.0", nth, args });
  const pageAt = await nat.behind({ udpPorts: [TURN_PORT] });
  const phoneAt = await nat.behind();
  const browser = await openInside(folder, pageAt.enter, ORIGIN);
  try {
    const nia = await stage.page("Nia", PAGE_HZ, { browser, origin: ORIGIN });
    const server = `${Nat.address}:5060`;
    const ole = await stage.phone("Ole", { toneHz: PHONE_HZ, host: phoneAt, server });
    for (const [who, call] of [
      ["page", () => pageCalls(nia, ole, "Ole")],
      ["phone", () => phoneCalls(ole, nia, "Ole")],
    ] as const) {
      const run = async (): Promise<string> => {
        const figure = await bothHear(nia, ole, await call());
        const { local } = await nia.way();
        demand(local === "relay", `the candidate of the page is ${local}`);
        return figure;
      };
      await stage.check(`bridge, both behind NATs, ${relay}: the ${who} calls`, run, [nia]);
    }
  } finally {
    await browser.close();
    await report.check(`bridge, ${relay}: the house ran without a fault`, () => stage.close());
  }
}
