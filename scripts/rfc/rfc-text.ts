/** The text of an RFC as sections of paragraphs, without page furniture. */

export interface Section {
  /** `17.1.1.2`; of an appendix `A` or `A.1`. */
  readonly id: string;
  readonly title: string;
  /** Each on one line, white space collapsed, bullets removed. */
  readonly paragraphs: readonly string[];
  /** The paragraphs with one space between them, as `canonical` gives it: for looking up. */
  readonly text: string;
}

interface Heading {
  readonly id: string;
  readonly title: string;
}

const FOOTER = /\[Page \d+\]\s*$/;
const PAGE_HEADER = /^RFC \d+ .*\b(?:19|20)\d\d\s*$/;
const NUMBERED = /^(\d+(?:\.\d+)*)\.?\s+(\S.*)$/;
const APPENDIX = /^Appendix ([A-Z])(?:[.:]|\s+-+)?\s+(\S.*)$/;
const IN_APPENDIX = /^([A-Z](?:\.\d+)+)\.?\s+(\S.*)$/;
const DOT_LEADERS = /\.{4,}|(?:\. ){4,}/;
const BULLET = /^\s*(?:[o*+-]|\(?\d+[.)]|\(?[a-z]\))\s+/;
const SENTENCE_END = /[.:;!?]["')]?\s*$/;

export function parseRfc(text: string): readonly Section[] {
  const lines = withoutPages(
    text
      .replace(/^\uFEFF/, "")
      .replace(/\r/g, "")
      .split("\n"),
  );
  const sections: Section[] = [];
  let heading: Heading | undefined;
  let body: string[] = [];
  const close = (): void => {
    if (heading !== undefined) sections.push(section(heading, body));
    body = [];
  };
  for (const line of lines) {
    const next = headingOf(line);
    if (next === undefined) {
      body.push(line);
    } else {
      close();
      heading = next;
    }
  }
  close();
  return sections;
}

/** The section and those below it: `17.1` holds `17.1.1` and `17.1.2`. */
export function subtree(sections: readonly Section[], id: string): readonly Section[] {
  return sections.filter((each) => isWithin(each.id, id));
}

export function isWithin(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`);
}

/** One line. A word hyphenated at the end of a line (`Call-` `ID`) is one word again. */
export function squeeze(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/(\w)- (?=\w)/g, "$1-")
    .trim();
}

/** One line without bullets: a quote may have those of its section or not. */
export function canonical(text: string): string {
  return ` ${squeeze(text)}`.replace(/ [o*+-](?= )/g, "").trim();
}

function withoutBullet(line: string): string {
  return line.replace(/^\s*[o*+-]\s+/, "");
}

function headingOf(line: string): Heading | undefined {
  if (DOT_LEADERS.test(line)) return undefined;
  const match = NUMBERED.exec(line) ?? APPENDIX.exec(line) ?? IN_APPENDIX.exec(line);
  if (match === null) return undefined;
  const [, id = "", title = ""] = match;
  return { id, title: squeeze(title) };
}

function section(heading: Heading, body: readonly string[]): Section {
  const paragraphs = paragraphsOf(body);
  return { ...heading, paragraphs, text: canonical(paragraphs.join(" ")) };
}

/** Blank lines part paragraphs, and so do bullets and numbers where a sentence has ended. */
function paragraphsOf(lines: readonly string[]): readonly string[] {
  const paragraphs: string[][] = [];
  let current: string[] | undefined;
  for (const line of lines) {
    const previous = current?.at(-1);
    const isItem = BULLET.test(line) && (previous === undefined || SENTENCE_END.test(previous));
    if (line.trim() === "") {
      current = undefined;
    } else if (current === undefined || isItem) {
      current = [line];
      paragraphs.push(current);
    } else {
      current.push(line);
    }
  }
  return paragraphs.map(([first = "", ...rest]) =>
    squeeze([withoutBullet(first), ...rest].join("\n")),
  );
}

/** Drops footers and headers; a paragraph that went on over the page goes on. */
function withoutPages(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let brokeOff = false;
  for (const line of lines) {
    const text = line.replace(/\f/g, "");
    if (FOOTER.test(text)) {
      dropBlankEnd(kept);
      brokeOff = true;
    } else if (brokeOff && (text.trim() === "" || PAGE_HEADER.test(text))) {
      // Between two pages.
    } else {
      if (brokeOff && !goesOn(kept.at(-1) ?? "", text)) kept.push("");
      brokeOff = false;
      kept.push(text);
    }
  }
  return kept;
}

function dropBlankEnd(lines: string[]): void {
  while (lines.length > 0 && lines.at(-1)?.trim() === "") lines.pop();
}

function goesOn(before: string, after: string): boolean {
  return (
    headingOf(after) === undefined && headingOf(before) === undefined && !SENTENCE_END.test(before)
  );
}
