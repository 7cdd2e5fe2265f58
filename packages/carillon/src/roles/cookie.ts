/**
 * The cookie in our Record-Route: the two flows of a dialog, signed for its Call-ID and its
 * caller's tag. A request counts as inside a dialog because its topmost Route carries this, and
 * for no other reason: a To tag proves nothing. It also says where the request goes, so that
 * nothing about a dialog has to be kept.
 *
 * `NODE "!" caller "!" callee "!" mac`, all of it characters that may stand in a user part.
 */
import type { Ids } from "../endpoint/ids.ts";
import { fromText } from "../grammar/octets.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Flow, TransportName } from "../transport/flow.ts";

export interface Cookie {
  readonly from: "caller" | "callee";
  /** Where the request came from, by the cookie, and where it goes. */
  readonly source: FlowName;
  readonly target: FlowName;
}

/** What of a flow a cookie keeps. */
export interface FlowName {
  readonly transport: TransportName;
  readonly connection: number;
  readonly host: string;
  readonly port: number;
}

export function makeCookie(
  ids: Ids,
  { callId, fromTag }: Essentials,
  caller: Flow,
  callee: Flow,
): string {
  const flows = `${formatName(caller)}!${formatName(callee)}`;
  return `${ids.node}!${flows}!${sign(ids, callId, fromTag, flows)}`;
}

/** Reads the user part of a Route. Undefined unless it is ours and for this dialog. */
export function readCookie(ids: Ids, user: string, essentials: Essentials): Cookie | undefined {
  const [node, caller = "", callee = "", mac, ...rest] = user.split("!");
  if (node !== ids.node || mac?.length !== 16 || rest.length > 0) return undefined;
  const { callId, fromTag, toTag } = essentials;
  const flows = `${caller}!${callee}`;
  const byCaller = mac === sign(ids, callId, fromTag, flows);
  if (!byCaller && (toTag === "" || mac !== sign(ids, callId, toTag, flows))) return undefined;
  const [one, other] = [parseName(caller), parseName(callee)];
  if (!one || !other) return undefined;
  return byCaller
    ? { from: "caller", source: one, target: other }
    : { from: "callee", source: other, target: one };
}

const sign = (ids: Ids, callId: string, tag: string, flows: string) =>
  ids.mac(fromText(`route ${callId} ${tag} ${flows}`));

/** An IPv6 address has colons, which a user part may not: `+` stands for them. */
const formatName = ({ transport, connection, remote }: Flow): string =>
  `${transport}/${connection}/${remote.host.replaceAll(":", "+")}/${remote.port}`;

function parseName(text: string): FlowName | undefined {
  const [transport, connection, host, port] = text.split("/");
  if (host === undefined || port === undefined) return undefined;
  return {
    transport: transport as TransportName,
    connection: Number(connection),
    host: host.replaceAll("+", ":"),
    port: Number(port),
  };
}
