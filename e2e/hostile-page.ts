/** A page with the places where the page shows what others say, and nothing else. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { type Plugin, rolldown } from "rolldown";
import type { Stage } from "./stage.ts";

interface Hostile {
  fieldNames(): readonly string[];
  lookAt(
    name: string,
    all: readonly { readonly name: string; readonly text: string }[],
  ): readonly string[];
}

declare global {
  interface Window {
    hostile: Hostile;
    /** Scripts that ran because of a text. */
    ran: string[];
  }
}

const WEB = fileURLToPath(new URL("../packages/web", import.meta.url));

/** At the house's address, as a page without any policy: what would run, runs. */
export async function openHostilePage(stage: Stage): Promise<Page> {
  const code = await bundle();
  const { page } = await stage.open("Hostile");
  const address = `${stage.house.address}/hostile`;
  await page.route(address, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Hostile</title>" }),
  );
  // Pictures, styles and frames of others would be asked for here.
  await page.route(/evil\.test/, (route) => {
    void page.evaluate(() => window.ran.push("something was loaded")).catch(() => {});
    return route.abort();
  });
  await page.route("**/f/1/x", (route) => route.fulfill({ contentType: "audio/ogg", body: "" }));
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto(address);
  const assets = join(WEB, "dist/assets");
  for (const name of readdirSync(assets).filter((one) => one.endsWith(".css"))) {
    await page.addStyleTag({ path: join(assets, name) });
  }
  await page.evaluate(() => {
    window.ran = [];
    for (const name of ["alert", "prompt", "confirm", "open"] as const) {
      Object.assign(window, { [name]: () => void window.ran.push(name) });
    }
  });
  await page.addScriptTag({ content: `${code}\nwindow.hostile = hostile;` });
  return page;
}

/** The address of a worker, which only the page's own build has. */
const WITHOUT_WORKERS: Plugin = {
  name: "without-workers",
  resolveId: (id) => (id.endsWith("?worker&url") ? `\0${id}` : null),
  load: (id) => (id.endsWith("?worker&url") ? 'export default "/none.js"' : null),
};

async function bundle(): Promise<string> {
  await using build = await rolldown({
    input: join(WEB, "src/hostile/look-at.tsx"),
    platform: "browser",
    // What libraries say of servers' components is of no use here.
    logLevel: "silent",
    resolve: { conditionNames: ["browser", "import", "default"] },
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    plugins: [WITHOUT_WORKERS],
  });
  const { output } = await build.generate({ format: "iife", name: "hostile" });
  return output[0].code;
}
