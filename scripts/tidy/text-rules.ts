/** Rules on the text itself: width, and paths that exist only where this was written. */
import { type Finding, isCode, type SourceFile } from "./source-file.ts";

const COLUMNS = 100;
const WORKPLACE = /\/work\/|\bshared\/(?:rfc|design|kit|hooks|torture)\b|\.\.\/shared\b/;
/** The one line that may know where CI keeps the RFCs' texts. */
const CI_SETS_RFC_DIR = /^(?:export )?RFC_DIR=/;

export function textRules(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap((file) =>
    file.text.split("\n").flatMap((text, index) => {
      const place = { path: file.path, line: index + 1 };
      const found: Finding[] = [];
      if (isCode(file) && tooWide(text)) {
        found.push({ ...place, what: `${text.length} columns; ${COLUMNS} is the limit` });
      }
      if (WORKPLACE.test(text) && !(file.path === ".ci/run" && CI_SETS_RFC_DIR.test(text))) {
        found.push({ ...place, what: "a path that exists only where this was written" });
      }
      return found;
    }),
  );
}

/** A line that is too wide only for an address in it stays whole, so that it can be clicked. */
function tooWide(text: string): boolean {
  if (text.length <= COLUMNS) return false;
  return text.replace(/https?:\/\/\S+/g, "").length > COLUMNS - 20 || !/https?:\/\//.test(text);
}
