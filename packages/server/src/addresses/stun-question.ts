/** Asks a STUN server where this machine is seen. RFC 8489. */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { nodeStunCrypto } from "carillon/node";
import {
  type Address,
  attribute,
  attributeTypes,
  methods,
  readStun,
  readXorAddress,
  writeStun,
} from "carillon/turn";

/** Where one is, `host` a name or an IP address. */
export interface StunServer {
  readonly host: string;
  readonly port: number;
}

export type Seen =
  | { readonly ok: true; readonly mapped: Address; readonly local: Address }
  /** In words that may follow "because". */
  | { readonly ok: false; readonly why: string };

/** RFC 8489 §6.2.1: again after 0.5, 1, 2 … seconds. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 3500;
/** RFC 8489 §9: the port of STUN over UDP. */
export const STUN_PORT = 3478;

/** `stun.example`, `stun.example:3479`, `[2001:db8::1]:3478`. Undefined for anything else. */
export function readStunServer(text: string): StunServer | undefined {
  if (isIP(text) !== 0) return { host: text, port: STUN_PORT };
  const [, bracketed, name, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = digits === undefined ? STUN_PORT : Number(digits);
  if (host === undefined || host === "" || port === 0 || port > 65_535) return undefined;
  return bracketed !== undefined && isIP(bracketed) !== 6 ? undefined : { host, port };
}

/** Never rejects. `family` is that of the address wanted. */
export async function askStun(server: StunServer, family: 4 | 6, from?: string): Promise<Seen> {
  const host = await addressOf(server.host, family);
  if (host === undefined) {
    return { ok: false, why: `${server.host} has no IPv${family} address` };
  }
  return exchange({ host, port: server.port }, family, from);
}

async function addressOf(host: string, family: 4 | 6): Promise<string | undefined> {
  const kind = isIP(host);
  if (kind !== 0) return kind === family ? host : undefined;
  return lookup(host, { family }).then(
    ({ address }) => address,
    () => undefined,
  );
}

function exchange(server: Address, family: 4 | 6, from: string | undefined): Promise<Seen> {
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  //= RFC 8489 §5
  //# As such, the transaction ID MUST be uniformly and randomly chosen from the interval 0 ..
  //# 2**96-1 and MUST be cryptographically random.
  const transactionId = nodeStunCrypto().randomBytes(12);
  const request = writeStun({
    ...{ class: "Request", method: methods.Binding, transactionId, attributes: [] },
  });
  return new Promise((resolve) => {
    let wait = FIRST_WAIT_MS;
    let timer: NodeJS.Timeout | undefined;
    const giveUp = setTimeout(() => end({ ok: false, why: "it does not answer" }), MAX_WAIT_MS);
    const end = (seen: Seen): void => {
      clearTimeout(timer);
      clearTimeout(giveUp);
      socket.close();
      resolve(seen);
      resolve = () => {};
    };
    const failed = (cause: Error) => end({ ok: false, why: cause.message });
    const send = (): void => {
      socket.send(request, server.port, server.host, (cause) => cause && failed(cause));
      timer = setTimeout(send, wait);
      wait *= 2;
    };
    socket.on("error", failed);
    socket.on("message", (bytes) => {
      const read = readStun(bytes);
      if (!read.ok || Buffer.compare(read.value.transactionId, transactionId) !== 0) return;
      const mapped = attribute(read.value, attributeTypes.XOR_MAPPED_ADDRESS);
      const address = mapped && readXorAddress(mapped, transactionId);
      const { address: host, port } = socket.address();
      if (address) end({ ok: true, mapped: address, local: { host, port } });
      else end({ ok: false, why: "it does not say where we are seen" });
    });
    socket.bind({ port: 0, ...(from !== undefined && { address: from }) }, send);
  });
}
