/** Whether a group can be made so: its title, and who is in it. */

export const LEAST_MEMBERS = 3;
export const MOST_MEMBERS = 200;
export const MOST_TITLE = 80;

/** In words what is missing, or undefined. `chosen` are the others, without oneself. */
export function groupTrouble(title: string, chosen: number): string | undefined {
  if (title.trim() === "") return "Give the group a name.";
  if ([...title.trim()].length > MOST_TITLE) return `Its name has ${MOST_TITLE} letters at most.`;
  const members = chosen + 1;
  if (members < LEAST_MEMBERS) {
    const more = LEAST_MEMBERS - members;
    const whom = more === 1 ? "one more person" : `${more} people`;
    return `Choose ${whom}: a group has three or more.`;
  }
  if (members > MOST_MEMBERS) return `A group has ${MOST_MEMBERS} people at most.`;
  return undefined;
}

/**
 * The name in a group's address, from its title: what may stand there of it, and something that
 * nobody else has. `random` is eight or so letters and digits.
 */
export function groupName(title: string, random: string): string {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 24)
    .replace(/^-|-$/g, "");
  return plain === "" ? `group-${random}` : `${plain}-${random}`;
}
