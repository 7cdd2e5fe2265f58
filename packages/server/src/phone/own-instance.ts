/**
 * The name of a phone in the terminal as a device, for its server: flows and an address of its own
 * (RFC 5626, RFC 5627). It is kept in its owner's folder for state, for each address. Two phones
 * that run at a time are two devices: each claims a name, the first one that nobody has.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** As many names of one address are kept; who comes after them has a new one each time. */
const MAX_KEPT = 8;
const URN = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

//= RFC 5626 §4.1
//# This URN MUST be persistent across power cycles of the device. The instance ID MUST NOT change
//# as the device moves from one network to another.
//= RFC 5626 §4.1
//# A UA SHOULD create a Universally Unique Identifier (UUID) URN [RFC4122] as its instance-id.
/** Never throws: where nothing can be kept, it is a new one. `folder` is made if it is missing. */
export function ownInstance(aor: string, folder: string = stateFolder()): string {
  const fresh = `urn:uuid:${randomUUID()}`;
  const name = createHash("sha256").update(aor).digest("hex").slice(0, 16);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (let nth = 1; nth <= MAX_KEPT; nth++) {
      const path = join(folder, `${name}-${nth}`);
      if (claims(`${path}.pid`)) return kept(path) ?? written(path, fresh);
    }
  } catch {
    // A disk that is full or may not be written costs the name, and not the phone.
  }
  return fresh;
}

/** As the XDG Base Directory Specification has it. */
function stateFolder(): string {
  const home = process.env["XDG_STATE_HOME"] ?? "";
  return join(home === "" ? join(homedir(), ".local", "state") : home, "carillon", "phones");
}

/** A claim holds as long as its process runs: nothing has to be taken back. */
function claims(path: string): boolean {
  for (const isLast of [false, true]) {
    try {
      writeFileSync(path, `${process.pid}`, { flag: "wx", mode: 0o600 });
      return true;
    } catch (cause) {
      if (isLast || (cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      if (isRunning(Number(readFileSync(path, "utf8")))) return false;
      rmSync(path, { force: true });
    }
  }
  return false;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function kept(path: string): string | undefined {
  try {
    const text = readFileSync(path, "utf8").trim();
    return URN.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function written(path: string, instance: string): string {
  writeFileSync(path, `${instance}\n`, { mode: 0o600 });
  return instance;
}
