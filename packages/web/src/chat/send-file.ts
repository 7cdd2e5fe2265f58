/** Brings a file to the house over MSRP: everybody who is told its address can have it there. */
import { type Phone, webSocketMsrp } from "carillon";
import { messageSessions, sendFile } from "carillon/msrp";
import type { SendFile } from "./uploads.ts";

export interface FileBox {
  /** The house, by its domain. */
  readonly domain: string;
  /** Where MSRP over WebSocket is. */
  readonly msrp: string;
}

/** Whoever this is sent to keeps it. */
const BOX = "files";

/** Once for each phone. */
export function sendFileOver(phone: Phone, { domain, msrp }: FileBox): SendFile {
  messageSessions(phone, webSocketMsrp(msrp));
  return async (file, signal, progress) => {
    const source = {
      name: file.name,
      type: file.type === "" ? "application/octet-stream" : file.type,
      size: file.size,
      read: async (offset: number, length: number) =>
        new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
    };
    const target = `sip:${BOX}@${domain}`;
    const reference = await sendFile(phone, target, source, { signal, progress }).done;
    if (reference === undefined) throw new Error("The house did not say where it is now.");
    return reference;
  };
}
