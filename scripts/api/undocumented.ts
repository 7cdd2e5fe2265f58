// Which public names nobody has said a word about.
import type { PublicName } from "./surface.ts";

/** Names (`Call`) and members (`Call.peer`) without a comment for documentation. */
export function undocumented(names: readonly PublicName[]): readonly string[] {
  return names.flatMap(({ name, declarations }) => {
    const isBare = declarations.length > 0 && !declarations.some((one) => one.documented);
    const members = declarations.flatMap((one) => one.bareMembers);
    return [...(isBare ? [name] : []), ...members.map((member) => `${name}.${member}`)];
  });
}
