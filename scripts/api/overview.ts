// docs/api/README.md: all doors, the highest first, with what each says of itself in a sentence.
import { type DoorNames, pageName } from "./page.ts";

export function overview(doors: readonly DoorNames[]): string {
  const rows = doors.toReversed().map((one) => {
    const { name } = one.door;
    return `| [\`${name}\`](${pageName(one.door)}) | ${firstSentence(one)} |`;
  });
  return `${HEAD}${rows.join("\n")}\n`;
}

const HEAD = `# Public names

Each door of the library has a page with all that can be imported there. A program begins with
\`Phone\` of \`carillon/node\`, a page with that of \`carillon/browser\`, a server with \`domain\`
of \`carillon/roles\`, a test with \`house\` of \`carillon/testing\`. The doors further down are
what these are made of.

Written by \`npm run api\`; never by hand.

| door | what is behind it |
| --- | --- |
`;

/** Without the door's own name, which stands beside it. */
function firstSentence({ door, about }: DoorNames): string {
  const said = about.replaceAll("\n", " ").replace(`: \`${door.name}\`.`, ".");
  const sentence = /^.*?\.(?= |$)/.exec(said.replace(`\`${door.name}\`: `, ""))?.[0] ?? "";
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}
