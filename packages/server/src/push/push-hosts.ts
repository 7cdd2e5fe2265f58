/**
 * Where web pushes may go: a page says an address, and this house sends a request there. Only to
 * the push services of browsers, then, and to what the operator names.
 */

/** Of Chrome and its kin, Firefox, Edge and Safari. A leading dot: whatever is below. */
const KNOWN: readonly string[] = [
  "fcm.googleapis.com",
  "updates.push.services.mozilla.com",
  ".push.services.mozilla.com",
  ".notify.windows.com",
  "web.push.apple.com",
  ".push.apple.com",
];

/** A subscription's endpoint is no longer than this. */
const MAX_ENDPOINT = 800;

/** Whether a web push may be sent to this endpoint. */
export function isPushEndpoint(endpoint: string, more: readonly string[]): boolean {
  if (endpoint.length > MAX_ENDPOINT || !URL.canParse(endpoint)) return false;
  const { protocol, hostname, port, username, password, host } = new URL(endpoint);
  if (protocol !== "https:" || username !== "" || password !== "") return false;
  if (more.includes(host)) return true;
  const isKnown = (one: string) =>
    one === hostname || (one.startsWith(".") && hostname.endsWith(one));
  return port === "" && KNOWN.some(isKnown);
}
