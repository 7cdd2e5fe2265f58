/**
 * Runs this program once more where nothing but a loopback interface exists: nothing leaves the
 * machine, no port is taken, and no process survives, because the process namespace ends with it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";

const MARK = "CARILLON_ALONE";

/** The exit code for Ctrl+C, as shells have it. */
export const INTERRUPTED = 130;

export interface Program {
  readonly path: string;
  readonly debianPackage: string;
}

export function missingPrograms(programs: readonly Program[]): readonly Program[] {
  return programs.filter(({ path }) => !existsSync(path));
}

/** Believed only if it is so: an environment variable alone would let packets out. */
export function isAlone(): boolean {
  if (process.env[MARK] !== "1") return false;
  const names = Object.keys(networkInterfaces());
  if (names.some((name) => name !== "lo")) {
    throw new Error(`${MARK} is set, but there is more than a loopback interface: ${names.join()}`);
  }
  return true;
}

/** Resolves to the exit code. `folder` becomes what the inside takes for the temporary folder. */
export function runAlone(
  script: string,
  args: readonly string[],
  folder: string,
  deadlineMs: number,
): Promise<number> {
  const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const child = spawn(
    "unshare",
    [
      ...asRoot,
      ...["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"],
      ...["sh", "-c", 'ip link set lo up && exec "$@"', "sh"],
      ...[process.execPath, script, ...args],
    ],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        [MARK]: "1",
        TMPDIR: folder,
        // What programs keep for themselves goes with it.
        XDG_STATE_HOME: folder,
        PATH: `${process.env["PATH"]}:/usr/sbin`,
      },
    },
  );
  // What has its own process namespace does not hear Ctrl+C; with its parent, all of it ends.
  let interrupted = false;
  const end = (): boolean => child.kill("SIGKILL");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      interrupted = true;
      end();
    });
  }
  const late = setTimeout(() => {
    console.log(`FAILED: it took longer than ${deadlineMs / 1000} s and was stopped`);
    end();
  }, deadlineMs);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      clearTimeout(late);
      console.log(`FAILED: a network namespace of its own could not be made: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => {
      clearTimeout(late);
      resolve(interrupted ? INTERRUPTED : (code ?? 1));
    });
  });
}
