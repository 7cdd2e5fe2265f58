/** Which address of this machine faces another one, as its routing table has it. */
import { createSocket } from "node:dgram";
import { isIP } from "node:net";

/** Asks the system, and sends nothing. Undefined where no way leads there. */
export async function addressTowards(host: string): Promise<string | undefined> {
  const family = isIP(host);
  if (family === 0) return undefined;
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  try {
    await new Promise<void>((connected, failed) => {
      socket.once("error", failed);
      socket.connect(DISCARD, host, connected);
    });
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

/** A port is wanted; nothing is ever sent to it. RFC 863. */
const DISCARD = 9;
