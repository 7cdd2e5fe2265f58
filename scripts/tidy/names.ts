/** File names: kebab-case, and never a drawer into which anything fits. */
import { type Finding, isCode, type SourceFile } from "./source-file.ts";

const KEBAB_FILE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d|bench|worker))*\.(ts|tsx|mjs)$/;
const KEBAB_FOLDER = /^\.?[a-z0-9]+(-[a-z0-9]+)*$/;
const DRAWERS = new Set([
  ...["util", "utils", "helper", "helpers", "types", "common", "manager", "service"],
]);

export function names(files: readonly SourceFile[]): readonly Finding[] {
  return files.filter(isCode).flatMap((file) => {
    const what = judge(file.path);
    return what === undefined ? [] : [{ path: file.path, line: 0, what }];
  });
}

function judge(path: string): string | undefined {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  const odd = folders.find((folder) => !KEBAB_FOLDER.test(folder));
  if (odd !== undefined) return `the folder ${odd} is not in kebab-case`;
  if (!KEBAB_FILE.test(name)) return "the file name is not in kebab-case";
  const drawer = name.split(/[-.]/).find((word) => DRAWERS.has(word));
  if (drawer === undefined) return undefined;
  return `"${drawer}" says nothing: name the file after the one thing it exports`;
}
