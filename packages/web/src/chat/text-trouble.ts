/** Why a text cannot be sent as it is, in words. */

/** What the house takes, with room for what goes around it. */
export const MOST_OCTETS = 15_000;

export function textTrouble(text: string): string | undefined {
  // An octet a character at least, four at most: most texts need no counting.
  if (text.length * 4 <= MOST_OCTETS) return undefined;
  const over = new TextEncoder().encode(text).length - MOST_OCTETS;
  if (over <= 0) return undefined;
  return `This is too long by about ${over} letters. Send it as a file, or in two messages.`;
}
