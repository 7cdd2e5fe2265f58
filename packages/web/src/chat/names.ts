/** What to call people and groups by their addresses. */

import type { ConversationView } from "carillon/chat";
import type { Person } from "../api.ts";
import { plainName } from "../look/plain-name.ts";
import { personAt, userOf } from "../people/peer-name.ts";

export type NameOf = (uri: string) => string;

/** The house's own list knows best; of a stranger there is the first part of the address. */
export function namesOf(people: readonly Person[]): NameOf {
  return (uri) => {
    const known = personAt(people, uri);
    return plainName(known?.displayName ?? userOf(uri), "Somebody");
  };
}

export function titleOf(
  { uri, title, isGroup }: Pick<ConversationView, "uri" | "title" | "isGroup">,
  nameOf: NameOf,
): string {
  return isGroup ? plainName(title, "Group") : nameOf(uri);
}
