/**
 * The house's file box, `sip:files@house`: a phone of the library that takes the files people offer
 * it (RFC 5547), and keeps them. It listens on loopback, and answers only whoever knows its name
 * there, which is the house's own server: that has asked its callers who they are.
 */
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import {
  type AskedFile,
  askedFiles,
  messageSessions,
  type OfferedFile,
  type OwnPlace,
  receiveFiles,
  type Switchboard,
} from "carillon/msrp";
import { Phone, SipError } from "carillon/node";
import { parseSipUri } from "carillon/uri";
import type { Log } from "../http/log.ts";
import type { FileShelf, NewFile, OpenFile, ShelvedFile } from "./file-shelf.ts";

/** Whom people send files to. */
export const BOX_NAME = "files";

export interface FileBoxParts {
  readonly shelf: FileShelf;
  readonly board: Switchboard;
  /** What the URIs of its sessions have in common. */
  readonly place: OwnPlace;
  /** The account that an address of this house names. */
  readonly accountOf: (uri: string) => string | undefined;
  /** Where a file can be had. */
  readonly urlOf: (id: string, name: string) => string;
  readonly log: Log;
}

export interface FileBox {
  /** Where the house's server reaches it: nobody else knows this. */
  readonly contact: string;
  readonly address: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/** Files of one account that come in at a time. */
const MAX_AT_ONCE = 8;
const CLEAN_MS = 3_600_000;

export async function fileBox(parts: FileBoxParts): Promise<FileBox> {
  const { board, place, shelf } = parts;
  const secret = `box${randomBytes(16).toString("hex")}`;
  const phone = await Phone.open({
    ...{ aor: `sip:${secret}@127.0.0.1`, accept: "anyone", product: "" },
    local: { host: "127.0.0.1", port: 0 },
  });
  const [address] = phone.addresses;
  if (!address) throw new Error("the file box has no address");
  messageSessions(phone, {
    ...{ board, own: place },
    connect: () => Promise.reject(new Error("the file box connects to nobody")),
  });
  const taker = new Taker(parts, secret);
  void taker.run(phone);
  void taker.give(phone);
  const clean = setInterval(() => shelf.clean(), CLEAN_MS).unref();
  return {
    contact: `sip:${secret}@127.0.0.1:${address.port};transport=tcp`,
    address,
    close: async () => {
      clearInterval(clean);
      await phone.close();
    },
  };
}

class Taker {
  readonly #parts: FileBoxParts;
  readonly #secret: string;
  readonly #busy = new Map<string, number>();

  constructor(parts: FileBoxParts, secret: string) {
    this.#parts = parts;
    this.#secret = secret;
  }

  async run(phone: object): Promise<void> {
    const { fileBytes: maxOctets } = this.#parts.shelf.limits;
    for await (const offered of receiveFiles(phone, { maxOctets })) {
      this.#take(offered).catch((cause: unknown) => {
        this.#parts.log.info({ why: String(cause) }, "a file did not arrive");
      });
    }
  }

  /**
   * Files that are asked for by the name that they have here, which only those know who were told.
   */
  async give(phone: object): Promise<void> {
    for await (const asked of askedFiles(phone)) {
      const file = this.#parts.shelf.find(asked.name);
      const isOurs = this.#isOurs(asked.invite.uri);
      if (!file || !isOurs || this.#parts.accountOf(asked.from.uri) === undefined) asked.decline();
      else void this.#given(asked, file).catch(() => {});
    }
  }

  async #given(asked: AskedFile, file: ShelvedFile): Promise<void> {
    const handle = await open(this.#parts.shelf.pathOf(file), "r");
    try {
      await asked.give({
        ...{ name: file.name, type: file.type, size: file.size },
        read: async (offset, length) => {
          const octets = new Uint8Array(length);
          const { bytesRead } = await handle.read(octets, 0, length, offset);
          return octets.subarray(0, bytesRead);
        },
      });
    } finally {
      await handle.close();
    }
  }

  /** Whoever is on this machine can reach the port: the house's server alone knows the name. */
  #isOurs(text: string): boolean {
    const uri = parseSipUri(text);
    return uri.ok && uri.value.user === this.#secret;
  }

  async #take(offered: OfferedFile): Promise<void> {
    const { log, shelf, accountOf, urlOf } = this.#parts;
    if (!this.#isOurs(offered.invite.uri)) return offered.decline();
    const account = accountOf(offered.from.uri);
    const { size, name, type, hashes } = offered;
    if (account === undefined) return offered.refuse(403);
    if (size === undefined) return offered.decline(488);
    const busy = this.#busy.get(account) ?? 0;
    if (busy >= MAX_AT_ONCE) return offered.decline(486);
    this.#busy.set(account, busy + 1);
    try {
      const what: NewFile = { account, name, type, size, hash: hashes.at(-1) ?? "" };
      const begun = await shelf.begin(what, offered.start);
      if (!begun) return offered.decline(488);
      if (begun.kind === "Full") {
        log.info({ account, size }, "no room for a file");
        return offered.refuse(413);
      }
      await this.#keep(offered, begun.open, urlOf);
    } finally {
      const left = (this.#busy.get(account) ?? 1) - 1;
      if (left === 0) this.#busy.delete(account);
      else this.#busy.set(account, left);
    }
  }

  async #keep(offered: OfferedFile, opened: OpenFile, urlOf: FileBoxParts["urlOf"]): Promise<void> {
    const { file } = opened;
    const { log, shelf } = this.#parts;
    try {
      const sink = {
        write: (at: number, octets: Uint8Array) => opened.write(at, octets),
        read: (at: number, length: number) => opened.read(at, length),
        hash: (algorithm: "sha-1" | "sha-256", size: number) => opened.hash(algorithm, size),
        complete: () => opened.finish(),
      };
      await offered.accept(sink, { url: urlOf(file.id, file.name) });
      log.info({ account: file.account, size: file.size }, "a file was kept");
    } catch (cause) {
      // What is another file than was announced is none; what is cut off waits for the rest.
      await opened.leave();
      if (cause instanceof SipError && cause.code === "SIP_MEDIA") await shelf.drop(file);
      throw cause;
    }
    await opened.leave();
  }
}
