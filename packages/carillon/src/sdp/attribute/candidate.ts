/**
 * `a=candidate` and `a=remote-candidates` (RFC 8839 §5.1, §5.2), tcptype (RFC 6544 §4.5),
 * `a=end-of-candidates` (RFC 8840 §8).
 */
import { isHostname } from "../../grammar/chars.ts";
import { isIpv4, isIpv6 } from "../../uri/host.ts";
import { MAX_LIST, MAX_PORT } from "../limits.ts";
import { isIceChars, isNonWs, isSdpToken, readInteger } from "../sdp-chars.ts";
import { type AttributeType, flagAttribute, valueAttribute } from "./attribute-type.ts";

/** A transport address that an end may be reached at. RFC 8839 §5.1. */
export interface Candidate {
  /** 1 to 32 characters; alike for candidates of one kind, base and server. RFC 8445 §5.1.1.3. */
  readonly foundation: string;
  /** 1 is RTP, 2 is RTCP. */
  readonly component: number;
  /** As it is written: UDP, udp, tcp, or another. */
  readonly transport: string;
  /** 1 to 2**31 - 1; the greater is tried first. RFC 8445 §5.1.2. */
  readonly priority: number;
  /** IPv4, IPv6 without brackets, or a name: see `addressKind`. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
  /** host, srflx, prflx, relay, or another. */
  readonly type: string;
  /** Its base, or what the relay saw. */
  readonly relatedAddress: string | undefined;
  /** 0 to 65535. */
  readonly relatedPort: number | undefined;
  /** Who opens the connection; undefined where it is not TCP. RFC 6544 §4.5. */
  readonly tcpType: TcpType | undefined;
  /** Further pairs of words, such as `generation 0`, in order. */
  readonly extensions: readonly CandidateExtension[];
}

/** Opens a connection, waits for one, or both at once. RFC 6544 §4.5. */
export type TcpType = "active" | "passive" | "so";

/** `cand-extension`: a name and what it says. RFC 8839 §5.1. */
export interface CandidateExtension {
  /** As written, such as `generation` or `network-cost`. */
  readonly name: string;
  /** One word; it may be empty. */
  readonly value: string;
}

/**
 * What stands where a candidate's address is. A candidate of a kind that is not known is to be
 * ignored. RFC 8839 §5.1.
 */
export type AddressKind = "IP4" | "IP6" | "mDNS" | "FQDN";

/**
 * `a=candidate`, one line for each. RFC 8839 §5.1.
 *
 * `candidate-attribute = "candidate" ":" foundation SP component-id SP transport SP priority …`
 */
export const candidate: AttributeType<Candidate> = valueAttribute({
  name: "candidate",
  source: "RFC 8839 §5.1",
  expected: "foundation, component, transport, priority, address, port, typ and a type",
  read: readCandidate,
  write: (c) =>
    [
      `${c.foundation} ${c.component} ${c.transport} ${c.priority} ${c.address} ${c.port}`,
      `typ ${c.type}`,
      ...(c.relatedAddress === undefined ? [] : [`raddr ${c.relatedAddress}`]),
      ...(c.relatedPort === undefined ? [] : [`rport ${c.relatedPort}`]),
      ...(c.tcpType === undefined ? [] : [`tcptype ${c.tcpType}`]),
      ...c.extensions.map(({ name, value }) => `${name} ${value}`),
    ].join(" "),
});

function readCandidate(text: string): Candidate | undefined {
  const words = text.trimEnd().split(" ", MAX_LIST + 1);
  const [foundation = "", componentText = "", transport = "", priorityText = ""] = words;
  const [address = "", portText = "", typ, type = ""] = words.slice(4, 8);
  const component = readInteger(componentText, 1, 256);
  const priority = readInteger(priorityText, 1, 2 ** 31 - 1);
  const port = readInteger(portText, 0, MAX_PORT);
  if (component === undefined || priority === undefined || port === undefined) return undefined;
  if (!isIceChars(foundation) || foundation.length > 32 || words.length > MAX_LIST)
    return undefined;
  if (!isSdpToken(transport) || addressKind(address) === undefined) return undefined;
  if (typ !== "typ" || !isSdpToken(type)) return undefined;
  const rest = readRest(words.slice(8));
  return rest && { foundation, component, transport, priority, address, port, type, ...rest };
}

type Rest = Pick<Candidate, "relatedAddress" | "relatedPort" | "tcpType" | "extensions">;

/** The pairs at the end, the RFCs' own among them. */
function readRest(words: readonly string[]): Rest | undefined {
  const extensions: CandidateExtension[] = [];
  let [relatedAddress, relatedPort, tcpType]: [string?, number?, TcpType?] = [];
  for (let i = 0; i < words.length; i += 2) {
    const [name = "", value] = words.slice(i, i + 2);
    if (value === undefined || !isSdpToken(name)) return undefined;
    if (name === "raddr" && relatedAddress === undefined && isNonWs(value)) relatedAddress = value;
    else if (name === "rport" && relatedPort === undefined) {
      relatedPort = readInteger(value, 0, MAX_PORT);
      if (relatedPort === undefined) return undefined;
    } else if (name === "tcptype" && tcpType === undefined && isTcpType(value)) tcpType = value;
    else if (value === "" || isNonWs(value)) extensions.push({ name, value });
    else return undefined;
  }
  return { relatedAddress, relatedPort, tcpType, extensions };
}

const isTcpType = (text: string): text is TcpType =>
  text === "active" || text === "passive" || text === "so";

/** What an address is, or undefined if it is none. Browsers hide theirs behind mDNS names. */
export function addressKind(address: string): AddressKind | undefined {
  if (isIpv4(address)) return "IP4";
  if (isIpv6(address)) return "IP6";
  if (!isHostname(address) || address.length > 255) return undefined;
  return address.toLowerCase().endsWith(".local") ? "mDNS" : "FQDN";
}

/** The peer's candidate that was chosen for a component. RFC 8839 §5.2. */
export interface RemoteCandidate {
  /** 1 is RTP, 2 is RTCP. */
  readonly component: number;
  /** IPv4, IPv6 without brackets, or a name. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * `a=remote-candidates`: which pairs ICE has chosen. RFC 8839 §5.2.
 *
 * `remote-candidate-att = "remote-candidates:" remote-candidate 0*(SP remote-candidate)`
 */
export const remoteCandidates: AttributeType<readonly RemoteCandidate[]> = valueAttribute({
  name: "remote-candidates",
  source: "RFC 8839 §5.2",
  expected: "components with their addresses and ports",
  read: (text) => {
    const words = text.split(" ", MAX_LIST + 1);
    if (words.length > MAX_LIST || words.length % 3 !== 0) return undefined;
    const found: RemoteCandidate[] = [];
    for (let i = 0; i < words.length; i += 3) {
      const [componentText = "", address = "", portText = ""] = words.slice(i, i + 3);
      const component = readInteger(componentText, 1, 256);
      const port = readInteger(portText, 0, MAX_PORT);
      if (component === undefined || port === undefined) return undefined;
      if (addressKind(address) === undefined) return undefined;
      found.push({ component, address, port });
    }
    return found;
  },
  write: (all) =>
    all.map(({ component, address, port }) => `${component} ${address} ${port}`).join(" "),
});

/** `a=end-of-candidates`: no more will be trickled. RFC 8840 §8. */
export const endOfCandidates: AttributeType<true> = flagAttribute(
  "end-of-candidates",
  "RFC 8840 §8",
);
