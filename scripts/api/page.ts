// A page of docs/api: one door, its names and their signatures.
import type { Door } from "./emitted.ts";
import type { Mention, PublicName } from "./surface.ts";

export interface DoorNames {
  readonly door: Door;
  /** What the door says of itself, its example with it; empty if it says nothing. */
  readonly about: string;
  readonly names: readonly PublicName[];
}

/** The name of a door's page: `carillon-ua.md`. */
export const pageName = ({ name }: Door): string => `${name.replaceAll("/", "-")}.md`;

/** A door that opens everything of another's shows it as a line, so that it is told once. */
export function apiPage(door: DoorNames, doors: readonly DoorNames[]): string {
  const chapters: string[] = [];
  const elsewhere = new Map<string, string[]>();
  for (const one of door.names) {
    const home = homeOf(one, door, doors);
    if (home === undefined) chapters.push(chapter(one));
    else elsewhere.set(home, [...(elsewhere.get(home) ?? []), one.name]);
  }
  const lines = [...elsewhere]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([home, names]) => {
      return `From \`${home}\`: ${names.map((name) => `\`${name}\``).join(", ")}.`;
    });
  const head = [`# \`${door.door.name}\``, ...(door.about === "" ? [] : [door.about])];
  const more = alsoNamed(door, doors);
  const all = [...head, "Written by `npm run api`; never by hand.", ...lines, ...more, ...chapters];
  return `${all.join("\n\n")}\n`;
}

function chapter({ name, declarations, isType }: PublicName): string {
  const text = declarations.map((one) => (isType ? one.typeText : one.text)).join("\n");
  // A comment may hold an example in a block of its own.
  const fence = text.includes("```") ? "````" : "```";
  return `## ${name}\n\n${fence}ts\n${text}\n${fence}`;
}

/** Where to find what signatures here are made of and this door does not let out. */
function alsoNamed(door: DoorNames, doors: readonly DoorNames[]): readonly string[] {
  const own = new Set(door.names.flatMap(({ declarations }) => declarations));
  const byDoor = new Map<string, Set<string>>();
  for (const one of door.names) {
    if (homeOf(one, door, doors) !== undefined) continue;
    for (const mention of one.madeOf) {
      const [declaration] = mention.declarations;
      const isOwn = declaration !== undefined && own.has(declaration);
      const home = isOwn ? undefined : doorOf(mention, doors);
      if (home === undefined) continue;
      const { name, original } = mention;
      const said = name === original ? `\`${name}\`` : `\`${name}\` (its \`${original}\`)`;
      byDoor.set(home, (byDoor.get(home) ?? new Set()).add(said));
    }
  }
  const homes = [...byDoor].sort(([a], [b]) => (a < b ? -1 : 1));
  const all = homes.map(([home, names]) => `${[...names].sort().join(", ")} of \`${home}\``);
  return all.length === 0 ? [] : [`Also named here: ${all.join("; ")}.`];
}

/** The door of the folder that declares it, or else the lowest that lets it out. */
function doorOf(
  { original, declarations: [declaration], from }: Mention,
  doors: readonly DoorNames[],
): string | undefined {
  if (!declaration) return from;
  const out = doors.filter(({ names }) =>
    names.some(({ name, declarations: [same] }) => name === original && same === declaration),
  );
  const home = out.find(({ door }) => declaration.file.startsWith(folderOf(door.file))) ?? out[0];
  return home?.door.name;
}

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
