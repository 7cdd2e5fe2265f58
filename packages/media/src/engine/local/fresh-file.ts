/** A file that was not there before: nobody's recording is written over. */
import { type FileHandle, open, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { numbered } from "../../file/numbered-name.ts";

/** `call.ogg`, or `call-2.ogg` where that is there, and so on. */
const MOST = 1000;

/** Rejects with what the file system says. */
export async function freshFile(
  path: string,
): Promise<{ readonly path: string; readonly handle: FileHandle }> {
  for (let nth = 1; ; nth++) {
    const own = numbered(path, nth);
    try {
      return { path: own, handle: await open(own, "wx", 0o600) };
    } catch (cause) {
      if ((cause as { code?: string }).code !== "EEXIST" || nth >= MOST) throw cause;
    }
  }
}

/** Octets that are left for us where this file is. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path));
  return bavail * bsize;
}
