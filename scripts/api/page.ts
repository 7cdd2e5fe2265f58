// A page of docs/api: one door, its names and their signatures.
import type { Door } from "./emitted.ts";
import type { PublicName } from "./surface.ts";

export interface DoorNames {
  readonly door: Door;
  readonly names: readonly PublicName[];
}

/** The name of a door's page: `carillon-ua.md`. */
export const pageName = ({ name }: Door): string => `${name.replaceAll("/", "-")}.md`;

/** A door that opens everything of another's shows it as a line, so that it is told once. */
export function apiPage(door: DoorNames, all: readonly DoorNames[]): string {
  const chapters: string[] = [];
  const elsewhere = new Map<string, string[]>();
  for (const one of door.names) {
    const home = homeOf(one, door, all);
    if (home === undefined) chapters.push(chapter(one));
    else elsewhere.set(home, [...(elsewhere.get(home) ?? []), one.name]);
  }
  const lines = [...elsewhere]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([home, names]) => {
      return `From \`${home}\`: ${names.map((name) => `\`${name}\``).join(", ")}.`;
    });
  const head = `# \`${door.door.name}\`\n\nWritten by \`npm run api\`; never by hand.`;
  return `${[head, ...lines, ...chapters].join("\n\n")}\n`;
}

const chapter = ({ name, declarations }: PublicName): string =>
  `## ${name}\n\n\`\`\`ts\n${declarations.map(({ text }) => text).join("\n")}\n\`\`\``;

/** The door at which a name is told, if it is another. */
function homeOf(one: PublicName, here: DoorNames, all: readonly DoorNames[]): string | undefined {
  const [declaration] = one.declarations;
  if (!declaration) return one.from;
  const folder = folderOf(here.door.file);
  if (declaration.file.startsWith(folder)) return undefined;
  const home = all.find(
    ({ door, names }) =>
      declaration.file.startsWith(folderOf(door.file)) &&
      names.some(({ name, declarations: [same] }) => name === one.name && same === declaration),
  );
  return home?.door.name;
}

const folderOf = (file: string): string => file.slice(0, file.lastIndexOf("/") + 1);
