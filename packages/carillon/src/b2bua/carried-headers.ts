/**
 * Which headers go over a bridge: all that people and their phones tell each other, and none that
 * is about one side's dialog, way or description. RFC 7092 §3.1.
 */
import { unfold } from "../grammar/quoted.ts";
import type { HeaderField } from "../message/compose.ts";
import { lineSpan, valueSpan } from "../message/headers.ts";
import type { Message } from "../message/message.ts";
import { areForUs } from "../roles/forward.ts";
import { isWithheld } from "../roles/trust-domain.ts";

/** Each side's own: written anew there, or of no meaning. Unknown names are in lower case. */
const OF_ONE_SIDE: ReadonlySet<string> = new Set([
  // The way.
  ...["Via", "Route", "Record-Route", "Path", "Service-Route", "Max-Forwards", "Max-Breadth"],
  ...["Proxy-Require", "Flow-Timer", "Security-Client", "Security-Server", "Security-Verify"],
  // The dialog.
  ...["From", "To", "Call-ID", "CSeq", "Contact", "RSeq", "RAck", "Timestamp", "Expires"],
  ...["Replaces", "Join", "Target-Dialog", "Refer-Sub", "Recv-Info", "Info-Package"],
  // What that phone can do, as far as it is the agent's to say.
  ...["Allow", "Allow-Events", "Supported", "Require", "Unsupported", "Accept"],
  ...["Accept-Encoding", "Session-Expires", "Min-SE", "User-Agent", "Server"],
  // The body.
  ...["Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"],
  ...["Content-Language", "Content-ID", "MIME-Version"],
  "carillon-bridge",
]);

/** Those that a caller's own server or phone would be known by. */
const TELLS_WHERE: ReadonlySet<string> = new Set([
  ...["Organization", "History-Info", "Diversion", "Geolocation", "Geolocation-Routing"],
  ...["Geolocation-Error", "Call-Info", "Reply-To", "In-Reply-To", "p-access-network-info"],
  ...["Identity", "Feature-Caps", "Error-Info", "Session-ID", "Warning"],
]);

/** No message that makes sense has more of them. */
const MAX_CARRIED = 64;

/** How they are chosen. */
export interface Carrying {
  /** Credentials for this realm have done their work. */
  readonly realm: string;
  /** Nothing is told of the side that they come from. */
  readonly hide: boolean;
}

/** Headers of what one side sent, for what the other is sent in its place. */
export function carried(message: Message, { realm, hide }: Carrying): readonly HeaderField[] {
  const { names } = message.headers;
  const all: HeaderField[] = [];
  for (let line = 0; line < names.length && all.length < MAX_CARRIED; line++) {
    const name = names[line];
    if (name === undefined || OF_ONE_SIDE.has(name) || (hide && TELLS_WHERE.has(name))) continue;
    // What nobody asserts but the server itself. RFC 3325 §5.
    if (isWithheld(name)) continue;
    const { start, end } = valueSpan(message, line);
    const value = unfold(message.text.slice(start, end));
    const isAuth = name === "Authorization" || name === "Proxy-Authorization";
    if (isAuth && areForUs(value, realm)) continue;
    all.push([spelled(message, line, name), value]);
  }
  return all;
}

/** A name that nobody here knows is found in lower case, and goes on as it was written. */
function spelled(message: Message, line: number, name: string): string {
  if (name !== name.toLowerCase()) return name;
  const { start } = lineSpan(message, line);
  return message.text.slice(start, message.text.indexOf(":", start)).trimEnd();
}
