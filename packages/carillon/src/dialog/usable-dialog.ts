/** Whether requests can be made from what a peer wrote into the dialog. */
import { isToken } from "../grammar/chars.ts";
import { MAX_HEADER_SECTION } from "../grammar/limits.ts";
import type { Dialog } from "./dialog.ts";

/** What a request of ours needs beside what the dialog puts into it. */
const OWN_HEADERS = 4096;

/**
 * False for a tag that is no token, and for a route set so long that no request with it would be
 * within the limits that we hold others to.
 */
export function isUsable(dialog: Dialog): boolean {
  const { remoteTag, remoteUri, localUri, remoteTarget, routeSet, callId } = dialog;
  const texts = [...routeSet, remoteUri, localUri, remoteTarget, remoteTarget, callId];
  const length = texts.reduce((sum, text) => sum + text.length + 10, 0);
  return (remoteTag === "" || isToken(remoteTag)) && length + OWN_HEADERS < MAX_HEADER_SECTION;
}
