/** Tells one story on a stage of its own, in bounded time, and keeps the evidence if it failed. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

export interface Outcome {
  readonly name: string;
  readonly figures: readonly string[];
  /** What went wrong, if anything. */
  readonly problem: string | undefined;
  readonly seconds: number;
  readonly evidence: Evidence;
}

export interface Evidence {
  readonly pictures: readonly string[];
  readonly log: string;
  readonly lines: readonly string[];
}

export interface Telling {
  readonly browser: Browser;
  readonly folder: string;
  readonly pictures: string | undefined;
}

const STORY_MS = 60_000;
let told = 0;

export async function tellStory(story: Story, telling: Telling): Promise<Outcome> {
  const startMs = performance.now();
  const folder = join(telling.folder, `${++told}-${fileName(story.name)}`);
  await mkdir(folder, { recursive: true });
  const stage = new Stage({ ...telling, folder });
  let figures: readonly string[] = [];
  let problem: string | undefined;
  try {
    await stage.house.start();
    figures = await bounded(story.tell(stage));
    problem = faultsInWords(stage);
  } catch (error) {
    problem = inWords(error);
  }
  const evidence = problem === undefined ? nothing : await keep(stage, folder);
  await stage.close().catch((error: unknown) => {
    problem ??= inWords(error);
  });
  if (problem === undefined) await rm(folder, { recursive: true, force: true });
  const seconds = (performance.now() - startMs) / 1000;
  return { name: story.name, figures, problem, seconds, evidence };
}

const nothing: Evidence = { pictures: [], log: "", lines: [] };

async function bounded<T>(work: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    const words = `the story did not end within ${STORY_MS / 1000} s`;
    late = setTimeout(() => reject(new Error(words)), STORY_MS);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(late));
}

/** A page that complains has failed, whatever it shows. */
function faultsInWords(stage: Stage): string | undefined {
  const faults = stage.faults();
  return faults.length === 0 ? undefined : `complaints: ${faults.join("; ")}`;
}

async function keep(stage: Stage, folder: string): Promise<Evidence> {
  const pictures: string[] = [];
  for (const { label, page } of stage.tabs) {
    const path = join(folder, `${fileName(label)}.png`);
    const taken = page.screenshot({ path, timeout: 3000 }).then(() => pictures.push(path));
    await taken.catch((error: unknown) => stage.log.write(label, `no picture: ${inWords(error)}`));
  }
  const log = join(folder, "log.txt");
  await writeFile(log, `${stage.log.lines.join("\n")}\n`);
  return { pictures, log, lines: [...stage.log.lines] };
}

function fileName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);
}

function inWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // Playwright colours its messages.
  return text.replace(/\u001b\[\d*m/g, "").trim();
}
