/**
 * Two processes with links of ICE and DTLS-SRTP between them: what memory they take while voices
 * go over all of them, and one after the other is closed and made again. A check of `npm run
 * interop`, and for as long as one likes: `node interop/link-load.ts 600`.
 */
import { type ChildProcess, fork } from "node:child_process";
import type { LinkOrder, LinkTold } from "./link-child.ts";
import { demand } from "./report.ts";
import { pause } from "./until.ts";

const LINKS = 20;
const REPLACED_EACH_MS = 1000;
const SAMPLE_MS = 5000;
/** A process takes what it needs while it warms up. */
const WARM_SHARE = 0.4;
const PACKETS_PER_SECOND = 50;

/** Growth that is allowed. What 60 links take that are not given back is fifty times as much. */
const MOST_KIB_A_MINUTE = 400;
/** In a short run the heap has not yet been as large as it gets: there it is a size. */
const LONG_SECONDS = 300;
const MOST_MIB = 180;

/** Throws if memory grows, a link fails, or packets are missing. Resolves to the figures. */
export async function linkLoad(
  seconds: number,
  log: (line: string) => void = () => {},
): Promise<string> {
  const program = new URL("link-child.ts", import.meta.url);
  const start = () => new LinkProcess(fork(program, { execArgv: ["--expose-gc"] }));
  const ends = [start(), start()] as const;
  try {
    for (let nth = 0; nth < LINKS; nth++) await joinLink(ends, nth);
    return await watch(ends, seconds, log);
  } finally {
    for (const end of ends) end.end();
  }
}

type Ends = readonly [LinkProcess, LinkProcess];

interface Sample {
  readonly minutes: number;
  readonly kib: readonly number[];
}

async function watch(ends: Ends, seconds: number, log: (line: string) => void): Promise<string> {
  const startMs = performance.now();
  const before = await Promise.all(ends.map((end) => end.count()));
  const samples: Sample[] = [];
  let replaced = 0;
  let sampledMs = 0;
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs > seconds * 1000) break;
    await joinLink(ends, replaced++ % LINKS);
    if (elapsedMs - sampledMs >= SAMPLE_MS) {
      sampledMs = elapsedMs;
      const counted = await Promise.all(ends.map((end) => end.count()));
      const kib = counted.map(({ rssBytes }) => rssBytes / 1024);
      samples.push({ minutes: elapsedMs / 60_000, kib });
      const heap = counted.map(({ heapBytes }) => (heapBytes / 1024).toFixed(0)).join(" ");
      log(`${(elapsedMs / 1000).toFixed(0)} s: ${kib.join(" ")} KiB, of it heap ${heap}`);
    }
    await pause(REPLACED_EACH_MS);
  }
  const after = await Promise.all(ends.map((end) => end.count()));
  const ran = (performance.now() - startMs) / 1000;
  const came = after.map(({ received }, nth) => received - (before[nth]?.received ?? 0));
  const due = ran * LINKS * PACKETS_PER_SECOND;
  const warm = samples.slice(Math.floor(samples.length * WARM_SHARE));
  const slopes = ends.map((_, nth) => slope(warm, nth));
  const sizes = after.map(({ rssBytes }) => `${(rssBytes / 2 ** 20).toFixed(0)} MiB`);
  const figures =
    `${ran.toFixed(0)} s, ${replaced} links replaced, ${came.join(" and ")} packets came, ` +
    `${sizes.join(" and ")}, ${slopes.map((each) => each.toFixed(0)).join(" and ")} KiB a minute`;
  const isLong = ran >= LONG_SECONDS;
  const isFlat = slopes.every((each) => !isLong || each < MOST_KIB_A_MINUTE);
  const isSmall = after.every(({ rssBytes }) => rssBytes < MOST_MIB * 2 ** 20);
  demand(isFlat && isSmall, `memory grows: ${figures}`);
  demand(
    came.every((each) => each > due * 0.9),
    `packets are missing: ${figures}`,
  );
  return figures;
}

/** Least squares, in KiB a minute. */
function slope(samples: readonly Sample[], nth: number): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, each) => sum + each, 0) / values.length;
  const at = mean(samples.map(({ minutes }) => minutes));
  const size = mean(samples.map(({ kib }) => kib[nth] ?? 0));
  let [above, below] = [0, 0];
  for (const { minutes, kib } of samples) {
    above += (minutes - at) * ((kib[nth] ?? 0) - size);
    below += (minutes - at) ** 2;
  }
  return below > 0 ? above / below : 0;
}

async function joinLink([offerer, answerer]: Ends, nth: number): Promise<void> {
  const { end: offered } = await offerer.asks({ kind: "Offer", nth }, "Made");
  const { end: answered } = await answerer.asks({ kind: "Answer", nth, end: offered }, "Made");
  const open = Promise.all([offerer.hears("Open", nth), answerer.hears("Open", nth)]);
  offerer.tell({ kind: "Connect", nth, end: answered });
  await open;
}

class LinkProcess {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.setMaxListeners(100);
  }

  tell(order: LinkOrder): void {
    this.#child.send(order);
  }

  asks<K extends "Made">(order: LinkOrder & { nth: number }, kind: K) {
    const heard = this.hears(kind, order.nth);
    this.tell(order);
    return heard;
  }

  count(): Promise<Extract<LinkTold, { kind: "Counted" }>> {
    const heard = this.hears("Counted");
    this.tell({ kind: "Count" });
    return heard;
  }

  /** Rejects about a link that failed, a child that ended, and after 20 s. */
  hears<K extends LinkTold["kind"]>(
    kind: K,
    nth?: number,
  ): Promise<Extract<LinkTold, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(late);
        this.#child.off("message", onmessage);
        this.#child.off("exit", onexit);
      };
      const fail = (why: string): void => {
        done();
        reject(new Error(why));
      };
      const onexit = (code: number | null): void => fail(`a process ended with ${code}`);
      const late = setTimeout(() => fail(`link ${nth}: no ${kind} within 20 s`), 20_000);
      const onmessage = (told: LinkTold): void => {
        if (told.kind === "Failed") return fail(`link ${told.nth}: ${told.why}`);
        if (told.kind !== kind || ("nth" in told && told.nth !== nth)) return;
        done();
        resolve(told as Extract<LinkTold, { kind: K }>);
      };
      this.#child.on("message", onmessage);
      this.#child.on("exit", onexit);
    });
  }

  end(): void {
    if (this.#child.connected) this.tell({ kind: "End" });
  }
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 600);
  console.log(await linkLoad(seconds, (line) => console.log(line)));
}
