/**
 * Runs a script once more where nothing but a loopback interface exists: nothing leaves the
 * machine, every port is free, and no process survives, because the process namespace ends with it.
 */
import { spawn } from "node:child_process";
import { networkInterfaces } from "node:os";

const MARK = "CARILLON_INTEROP_ALONE";

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
  const isRoot = process.getuid?.() === 0;
  const namespaces = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const child = spawn(
    "unshare",
    [
      ...(isRoot ? [] : ["--user", "--map-root-user"]),
      ...namespaces,
      ...["--", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"],
      ...[process.execPath, script, ...args],
    ],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        [MARK]: "1",
        TMPDIR: folder,
        PATH: `${process.env["PATH"]}:/usr/sbin`,
      },
    },
  );
  // What has its own process namespace does not hear Ctrl+C; with its parent, all of it ends.
  const end = (): boolean => child.kill("SIGKILL");
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  const late = setTimeout(() => {
    console.log(`FAILED: it took longer than ${deadlineMs / 1000} s and was stopped`);
    end();
  }, deadlineMs);
  return new Promise((resolve) => {
    child.on("error", (error) => {
      clearTimeout(late);
      console.log(`FAILED: the peers need a network namespace of their own: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (code) => {
      clearTimeout(late);
      resolve(code ?? 1);
    });
  });
}
