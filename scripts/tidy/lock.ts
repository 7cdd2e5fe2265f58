/** Every optional dependency that the lock file names has its entry there.
 *
 * npm drops silently what a registry does not have, and the clone then fails, or lacks its native
 * part, on a platform that nobody here tried.
 */
import type { Finding } from "./source-file.ts";

export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function lockFindings(lock: Lock): readonly Finding[] {
  return Object.entries(lock.packages).flatMap(([path, locked]) =>
    Object.keys(locked.optionalDependencies ?? {})
      .filter((name) => !isReachable(lock, path, name))
      .map((name) => ({
        path: "package-lock.json",
        line: 0,
        what: `${path || "the root"} ${locked.version ?? ""} wants ${name}, which has no entry`,
      })),
  );
}

/** Node's own way: the nearest node_modules first, then the ones above. */
function isReachable(lock: Lock, path: string, name: string): boolean {
  for (let base = path; ; base = parent(base)) {
    if (`${base === "" ? "" : `${base}/`}node_modules/${name}` in lock.packages) return true;
    if (base === "") return false;
  }
}

function parent(path: string): string {
  const at = path.lastIndexOf("node_modules/");
  return at <= 0 ? "" : path.slice(0, at - 1);
}
