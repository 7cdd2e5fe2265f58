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
  const program = `${started}.sh`;
  const inside = `ip link set lo up; echo $$ > "${started}"; exec "$@"`;
  const lines = ["#!/bin/sh", `exec unshare --net -- sh -c '${inside}' sh ${CHROMIUM} "$@"`];
  await writeFile(program, `${lines.join("\n")}\n`);
  await chmod(program, 0o700);
  const flag = `--unsafely-treat-insecure-origin-as-secure=${origin}`;
  const browser = await openBrowser({ executablePath: program, flags: [flag] });
  const read = async (): Promise<number | undefined> =>
    Number(await readFile(started, "utf8").catch(() => "")) || undefined;
  return { browser, pid: await until("the other browser says where it is", read) };
}
