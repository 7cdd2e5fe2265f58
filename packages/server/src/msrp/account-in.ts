/** Whose address a From has: the server has proved it before a request comes here. */
import { parseSipUri } from "carillon/uri";

export function accountIn(
  text: string,
  domain: string,
  accounts: { has(user: string): boolean },
): string | undefined {
  const uri = parseSipUri(text);
  if (!uri.ok || uri.value.user === undefined) return undefined;
  const user = uri.value.user.toLowerCase();
  return uri.value.host === domain && accounts.has(user) ? user : undefined;
}
