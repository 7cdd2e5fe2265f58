/** A browser in a network namespace of its own: on another machine, as far as it can tell. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { CHROMIUM, openBrowser } from "./browser.ts";
import { until } from "./until.ts";

export interface OtherNetwork {
  readonly browser: Browser;
  /** Of the browser, which is in that namespace. */
  readonly pid: number;
}

/** `origin` is an address at which pages may use a microphone though it has no certificate. */
export async function openElsewhere(folder: string, origin: string): Promise<OtherNetwork> {
  const started = join(folder, "browser-elsewhere");
  const inside = `ip link set lo up; echo $$ > "${started}"; exec "$@"`;
  const enter = `unshare --net -- sh -c '${inside}' sh`;
  const browser = await openBy(`${started}.sh`, enter, origin);
  const read = async (): Promise<number | undefined> =>
    Number(await readFile(started, "utf8").catch(() => "")) || undefined;
  return { browser, pid: await until("the other browser says where it is", read) };
}

/** The same in a namespace that is there already: `enter` is the words that lead into it. */
export function openInside(
  folder: string,
  enter: readonly string[],
  origin: string,
): Promise<Browser> {
  return openBy(join(folder, `browser-${++inside}.sh`), enter.join(" "), origin);
}

let inside = 0;

async function openBy(program: string, enter: string, origin: string): Promise<Browser> {
  await writeFile(program, `#!/bin/sh\nexec ${enter} ${CHROMIUM} "$@"\n`);
  await chmod(program, 0o700);
  const flag = `--unsafely-treat-insecure-origin-as-secure=${origin}`;
  return openBrowser({ executablePath: program, flags: [flag] });
}
