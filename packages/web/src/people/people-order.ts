/** The people of the house as the list shows them: who is here first, then by name. */
import type { Person } from "../api.ts";

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

export function orderPeople(people: readonly Person[]): readonly Person[] {
  return people
    .filter((person) => !person.you)
    .toSorted(
      (a, b) =>
        Number(b.online) - Number(a.online) ||
        byName.compare(a.displayName, b.displayName) ||
        byName.compare(a.name, b.name),
    );
}

/** Each word of the search must begin or stand in the name; marks and case do not matter. */
export function searchPeople(people: readonly Person[], search: string): readonly Person[] {
  const words = folded(search)
    .split(/\s+/)
    .filter((word) => word !== "");
  return people.filter((person) => {
    const text = folded(`${person.displayName} ${person.name}`);
    return words.every((word) => text.includes(word));
  });
}

/** "3 here, 2 away", for the list's heading. */
export function countPeople(people: readonly Person[]): { here: number; away: number } {
  const here = people.filter((person) => person.online).length;
  return { here, away: people.length - here };
}

function folded(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase();
}
