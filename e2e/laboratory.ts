/**
 * A page with the library and nothing else, in the same browser: what media do there is asked of
 * them directly.
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { rolldown } from "rolldown";
import type { Stage } from "./stage.ts";

type Library = typeof import("carillon/browser");
type Media = InstanceType<Library["WebMedia"]>;

interface Lab {
  /** The media of the two ends of a voice call. */
  pair(): [Media, Media];
  /** Exchanges descriptions; resolves once there is a way between them. */
  join(from: Media, to: Media): Promise<void>;
  until(what: string, is: () => boolean | Promise<boolean>): Promise<void>;
  /** Waits until sound above silence has come since now. */
  hears(media: Media, what: string): Promise<void>;
}

declare global {
  interface Window {
    carillon: Library;
    lab: Lab;
  }
}

const ENTRY = fileURLToPath(import.meta.resolve("carillon/browser"));
let bundled: Promise<string> | undefined;

/** Opens it at the house's address, so that it may use a microphone. */
export async function openLaboratory(stage: Stage): Promise<Page> {
  bundled ??= bundle();
  const code = await bundled;
  const { page } = await stage.open("Laboratory");
  const address = `${stage.house.address}/laboratory`;
  const script = `${code}\nwindow.carillon = carillon;`;
  await page.route(address, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Laboratory</title>" }),
  );
  await page.goto(address);
  await page.addScriptTag({ content: script });
  await page.evaluate(equip);
  return page;
}

/** What the stories do there again and again. Runs in the page. */
function equip(): void {
  const { WebMedia, trickleMedia } = window.carillon;
  type Media = InstanceType<typeof WebMedia>;
  const voice = (): Media => {
    const media = new WebMedia({ audio: true, video: false });
    trickleMedia(media);
    return media;
  };
  const sound = async (media: Media): Promise<number> => {
    const stats = await media.peerConnection.getStats();
    const inbound = [...stats.values()].find(
      ({ type, kind }) => type === "inbound-rtp" && kind === "audio",
    );
    return inbound?.totalAudioEnergy ?? 0;
  };
  window.lab = {
    pair: () => [voice(), voice()],
    async join(from, to) {
      const answer = await to.answer(await from.offer());
      await from.accept(answer);
      await window.lab.until("both sides are connected", () => from.connected && to.connected);
    },
    async until(what, is) {
      const end = performance.now() + 15_000;
      while (!(await is())) {
        if (performance.now() > end) throw new Error(`not within 15 s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async hears(media, what) {
      // The element is what makes the browser play, and so count.
      const audio = new Audio();
      audio.srcObject = media.remote;
      await audio.play();
      const before = await sound(media);
      await window.lab.until(what, async () => (await sound(media)) > before + 1e-4);
      audio.srcObject = null;
    },
  };
}

async function bundle(): Promise<string> {
  await using build = await rolldown({ input: ENTRY, platform: "browser" });
  const { output } = await build.generate({ format: "iife", name: "carillon" });
  return output[0].code;
}
