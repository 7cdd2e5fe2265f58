/** What the page of somebody in a bridged call says of it: in plain words, and exactly. */
import { join } from "node:path";
import type { BridgeStage } from "./bridge-stage.ts";
import { bothHear, pageCalls, phoneCalls } from "./bridge-talk.ts";
import type { PagePhone } from "./page-phone.ts";
import { demand } from "./report.ts";

const [PAGE_HZ, PHONE_HZ] = [440, 1000] as const;
const PLAIN =
  "Quin’s phone and this page speak different languages. The house stands in between and " +
  "translates. From there on it is not encrypted.";
const WITHOUT_PICTURE = "The other phone has no picture. You hear each other.";

export async function bridgePanel(stage: BridgeStage): Promise<void> {
  const pia = await stage.page("Pia", PAGE_HZ);
  const quin = await stage.phone("Quin", { codec: "PCMA/8000/1", toneHz: PHONE_HZ });
  const check = (what: string, run: () => Promise<string>): Promise<void> =>
    stage.check(`bridge: ${what}`, run, [pia]);
  await check("the panel says who stands in between, why, and what is spoken", async () => {
    await bothHear(pia, quin, await pageCalls(pia, quin, "Quin"));
    const said = await panelOf(pia, join(stage.folder, "panel.png"));
    const rows = ["You and the house", "encrypted (DTLS-SRTP)", "The house and Quin", "Why"];
    for (const words of [PLAIN, ...rows, "G.711 A-law, not encrypted (RTP)"]) {
      demand(said.includes(words), `“${words}” is not in: ${said}`);
    }
    await pia.person.hangsUp();
    return said.replaceAll("\n", " · ");
  });
  await check("who is called is told so, too", async () => {
    await bothHear(pia, quin, await phoneCalls(quin, pia, "Quin"));
    const said = await panelOf(pia);
    for (const words of ["The house stands in between", "encrypted (DTLS-SRTP)"]) {
      demand(said.includes(words), `“${words}” is not in: ${said}`);
    }
    await pia.person.hangsUp();
    return said.replaceAll("\n", " · ");
  });
  await check("a picture that the phone has not is missed at once, and voice goes on", async () => {
    const [since, recorded] = [quin.events.length, quin.heard.length];
    await pia.person.calls("Quin", "video");
    await quin.event("CALL_ESTABLISHED", since);
    await pia.person.isTold(WITHOUT_PICTURE);
    const figure = await bothHear(pia, quin, recorded);
    await pia.person.hangsUp();
    return `“${WITHOUT_PICTURE}” ${figure}`;
  });
}

/** What is one click deep. */
async function panelOf({ page, person }: PagePhone, picture?: string): Promise<string> {
  await person.button(/^Connection: /).click();
  const said = await page.getByTestId("bridge").innerText({ timeout: 3000 });
  if (picture !== undefined) await page.screenshot({ path: picture });
  await page.keyboard.press("Escape");
  return said;
}
