/** A message as others may see it: without what signs somebody in, and without what people say. */
import { withoutSecrets } from "../control/tracing.ts";

/** Keys of media in a description: SDES, and the password of ICE. */
const KEYS = /^(a=(?:crypto:[^\r\n ]* [^\r\n ]* |ice-pwd:|key-mgmt:))([^\r\n]*)/gm;

/**
 * Credentials are left out. Of a description only its keys are hidden, every other body is hidden
 * whole: its octets become `x`, so that what is said of its length holds.
 */
export function toldMessage(octets: string): string {
  const text = withoutSecrets(octets);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0 || end + 4 === text.length) return text;
  const [head, body] = [text.slice(0, end + 4), text.slice(end + 4)];
  return head + (isDescription(head) ? withoutKeys(body) : hidden(body));
}

const isDescription = (head: string): boolean =>
  /^(?:content-type|c)[ \t]*:[ \t]*application\/sdp[ \t]*(?:;|\r?$)/im.test(head);

const withoutKeys = (body: string): string =>
  body.replace(KEYS, (_, name: string, value: string) => name + hidden(value));

const hidden = (text: string): string => text.replaceAll(/[^\r\n]/g, "x");
