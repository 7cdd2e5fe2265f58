/** The phone of `carillon phone` and `carillon call`, signed in or not. */
import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { BridgeNotes, RecordingNotes, recordAware, WakeNotes } from "carillon/calling";
import { Phone } from "carillon/node";
import type { MediaFactory } from "carillon/ua";
import { parseSipUri } from "carillon/uri";
import { nodeMedia } from "carillon-media";
import { CannotStart } from "../cannot-start.ts";
import { lanAddress } from "../own-addresses.ts";
import type { PhoneSettings } from "../phone-command.ts";
import { PRODUCT } from "../product.ts";
import { addressTowards } from "./address-towards.ts";
import type { DeskMedia } from "./desk-media.ts";

export interface PhoneWish {
  readonly settings: PhoneSettings;
  readonly aor: string;
  /** The address to use, where it is given. */
  readonly host: string | undefined;
  /** Whom it calls first, if it calls only one. */
  readonly target: string | undefined;
  /** Who signs in. */
  readonly user: string;
  readonly password: string | undefined;
  /** The name of this device, where its server is to know one: `urn:uuid:…`. */
  readonly instance?: string;
}

/** What servers told such a phone of its calls. */
export interface PhoneNotes {
  /** Of those that they stand in between. */
  readonly bridges: BridgeNotes;
  /** Of those that are recorded. */
  readonly recordings: RecordingNotes;
  /** Of those that wake a phone. */
  readonly wakes: WakeNotes;
  /** Who hears when a recording, or waking a phone, began or ended; they leave it again. */
  readonly changed: Set<() => void>;
}

const NOTES = new WeakMap<object, PhoneNotes>();

/** For one that was opened here. */
export function notesOf(phone: object): PhoneNotes {
  const notes = NOTES.get(phone);
  if (!notes) throw new Error("this phone was opened elsewhere");
  return notes;
}

function newNotes(): PhoneNotes {
  const [bridges, recordings] = [new BridgeNotes(), new RecordingNotes()];
  const wakes = new WakeNotes();
  const changed = new Set<() => void>();
  const tell = () => {
    for (const hear of changed) hear();
  };
  recordings.onchange = tell;
  wakes.onchange = tell;
  return { bridges, recordings, wakes, changed };
}

/** Throws CannotStart in words. */
export async function openPhone(wish: PhoneWish): Promise<Phone<DeskMedia>> {
  const { settings, aor, host, user, password } = wish;
  const { servers, name, codecs, security } = settings;
  const address = host ?? (await ownAddress(wish));
  const { iceServers } = settings;
  const media: MediaFactory<DeskMedia> = nodeMedia({ address, codecs, security, iceServers });
  const notes = newNotes();
  const trace = (entry: Parameters<BridgeNotes["trace"]>[0]): void => {
    notes.bridges.trace(entry);
    notes.recordings.trace(entry);
    notes.wakes.trace(entry);
  };
  try {
    const phone = await Phone.open<DeskMedia>({
      ...{ aor, servers, media, product: PRODUCT, trace },
      accept: servers.length > 0 ? "server" : "anyone",
      ...(name !== undefined && { displayName: name }),
      ...(wish.instance !== undefined && { instance: wish.instance }),
      ...(password !== undefined && { username: user, password }),
      local: host === undefined ? {} : { host },
      ...(settings.ca !== undefined && { tls: { ca: believed(settings.ca) } }),
    });
    NOTES.set(phone, notes);
    recordAware(phone);
    return phone;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    throw new CannotStart(`The phone cannot start: ${code ?? message ?? cause}.`);
  }
}

function believed(path: string): readonly string[] {
  try {
    return [...rootCertificates, readFileSync(path, "utf8")];
  } catch (cause) {
    const { code = String(cause) } = cause as { code?: string };
    throw new CannotStart(`--ca ${path} cannot be read: ${code}.`);
  }
}

/** Where sound comes to: the address that faces the server, or whoever is called. */
async function ownAddress({ settings, target }: PhoneWish): Promise<string> {
  for (const text of [...settings.servers, target ?? ""]) {
    const towards = await addressTowards(hostIn(text));
    if (towards !== undefined) return towards;
  }
  return lanAddress() ?? "127.0.0.1";
}

function hostIn(text: string): string {
  const uri = parseSipUri(text);
  if (uri.ok) return uri.value.host;
  return URL.canParse(text) ? new URL(text).hostname.replace(/^\[|\]$/g, "") : "";
}
