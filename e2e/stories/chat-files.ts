import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Chatter } from "../chatter.ts";
import { noisePicture } from "../noise-picture.ts";
import type { Story } from "../story.ts";
import { until, untilSo } from "../until.ts";

/** 20.3 MB. */
const PIXELS = 2600;
const ARRIVES = { withinMs: 40_000 };

export const chatPicture: Story = {
  name: "A picture of 20 MB goes over MSRP: progress is seen, one is cancelled, one is shown",
  async tell(stage) {
    const [aliceAtPage, bobAtPage] = await stage.join2("Alice", "Bob");
    const [alice, bob] = [new Chatter(aliceAtPage), new Chatter(bobAtPage)];
    const picture = noisePicture(PIXELS);
    const path = join(stage.folder, "holiday.png");
    await writeFile(path, picture);
    await alice.opens("Bob");

    await alice.attaches(path);
    await alice.page.getByRole("button", { name: "Take off holiday.png" }).waitFor();
    await aliceAtPage.button("Send").click();
    const bar = alice.page.getByRole("progressbar", { name: "holiday.png on its way" });
    await bar.waitFor();
    await aliceAtPage.button("Cancel holiday.png").click();
    await bar.waitFor({ state: "detached" });

    await alice.attaches(path);
    const progress = await keepProgress(alice);
    const startMs = performance.now();
    await aliceAtPage.button("Send").click();
    await bar.waitFor();
    await stage.picture("chat-upload", alice.page);
    const image = bob.page.getByRole("img", { name: /^holiday\.png, 20 MB$/ });
    await bob.goesTo("Alice");
    await untilSo("Bob is shown the picture", () => image.isVisible(), ARRIVES);
    const seconds = (performance.now() - startMs) / 1000;
    const steps = (await progress()).length;
    if (steps < 3) throw new Error(`its progress was seen ${steps} times only`);
    const width = await until("the picture is whole", async () => {
      const pixels = await image.evaluate((element) => (element as HTMLImageElement).naturalWidth);
      return pixels > 0 ? pixels : undefined;
    });
    if (width !== PIXELS) throw new Error(`the picture is ${width} pixels wide`);
    await sameOctets(bob, picture);
    await stage.picture("chat-picture", bob.page);
    const rate = (picture.length / 1e6 / seconds).toFixed(1);
    return [
      `${(picture.length / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s, ${rate} MB/s`,
      `${steps} steps of progress`,
    ];
  },
};

/** Keeps each value that a progress bar of the page has from now on. */
async function keepProgress({ page }: Chatter): Promise<() => Promise<readonly number[]>> {
  const seen = await page.evaluateHandle(() => {
    const values = new Set<number>();
    const look = (): void => {
      for (const bar of document.querySelectorAll("progress")) values.add(bar.value);
    };
    const options = { subtree: true, childList: true, attributes: true };
    new MutationObserver(look).observe(document.body, options);
    return values;
  });
  return () => seen.evaluate((values) => [...values].filter((one) => one > 0 && one < 100));
}

/** What is fetched from the address of the message is what was sent. */
async function sameOctets({ page }: Chatter, sent: Buffer): Promise<void> {
  const url = await page.getByRole("img", { name: /^holiday\.png/ }).getAttribute("src");
  const hash = await page.evaluate(async (address) => {
    const octets = await (await fetch(address)).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
    return [...digest].map((one) => one.toString(16).padStart(2, "0")).join("");
  }, url ?? "");
  const wanted = createHash("sha256").update(sent).digest("hex");
  if (hash !== wanted) throw new Error(`the picture at ${url} is not the one that was sent`);
}
