/** Whether the house's folder can be written, and the system gives it what it needs. */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Finding, fine, note, wrong } from "./finding.ts";

/** The share of a disk below which programs begin to fail. */
const LEAST_FREE = 0.05;
const LEAST_FREE_BYTES = 500e6;
const LEAST_FILES = 4096;

export function examineFolder(data: string): readonly Finding[] {
  const folder = resolve(data);
  const there = existing(folder);
  const findings: Finding[] = [];
  if (!statSync(there).isDirectory()) {
    return [wrong("folder", `${there} is a file, and no folder.`, "Name another: --data FOLDER")];
  }
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch {
    return [
      wrong(
        "folder",
        `${there} cannot be written by this user.`,
        "Give the folder to whoever runs the server, or name another: --data FOLDER",
        [`chown -R ${process.env["USER"] ?? "USER"} ${there}`],
      ),
    ];
  }
  const { bavail, blocks, bsize } = statfsSync(there);
  const free = bavail * bsize;
  if (free < LEAST_FREE_BYTES && bavail / Math.max(1, blocks) < LEAST_FREE) {
    const words = `Only ${Math.round(free / 1e6)} MB are free where ${folder} lies.`;
    findings.push(
      wrong("folder", `${words} What people write will be refused.`, "Make room there."),
    );
  } else findings.push(fine("folder", `${folder} can be written.`));
  return findings;
}

/** The folder, or the nearest one above it that there is. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}

export function examineSystem(limits: string = ownLimits()): readonly Finding[] {
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
  if (!(files < LEAST_FILES)) return [];
  return [
    note(
      "system",
      `This user may have ${files} files open, and each phone over TCP and each page is one.`,
      "Allow more before the start:",
      ["ulimit -n 65536"],
    ),
  ];
}

/** Empty where the system has none of it. */
function ownLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}
