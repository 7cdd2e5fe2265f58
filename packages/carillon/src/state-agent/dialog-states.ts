/** The calls of those who are watched: those the program knows of, and those that are published. */
import { DIALOG_INFO_TYPE, type DialogState, parseDialogInfo } from "../documents/dialog-info.ts";
import type { KnownCalls } from "./known-calls.ts";
import { Listeners } from "./listeners.ts";
import type { PublishedPackage } from "./publications.ts";
import { fitting, octetsInXml } from "./room.ts";

export class DialogStates {
  readonly #calls: KnownCalls;
  readonly #listeners = new Listeners();
  readonly #published = new Map<string, readonly DialogState[]>();

  constructor(calls: KnownCalls) {
    this.#calls = calls;
  }

  watch(account: string, listener: () => void): void {
    this.#listeners.add(account, listener);
  }

  unwatch(account: string, listener: () => void): void {
    this.#listeners.remove(account, listener);
  }

  /** Those that are going on. */
  of(account: string): readonly DialogState[] {
    const known = this.#calls.of(account);
    const calls = new Set(known.map(({ callId }) => callId));
    // What the server has seen itself, it need not be told.
    const others = this.#published.get(account)?.filter(({ callId }) => !isIn(calls, callId)) ?? [];
    return fitting([...known, ...others], MAX_OCTETS, octetsOf);
  }

  /** Something has changed. */
  look(account: string): void {
    this.#listeners.tell(account);
  }

  /** What devices publish of them. RFC 3903, RFC 4235. */
  get package(): PublishedPackage {
    return {
      ...{ event: "dialog", accept: [DIALOG_INFO_TYPE], expiresSeconds: 3600 },
      check: parseDialogInfo,
      changed: (account, all) => {
        const dialogs = all.flatMap(({ id, body }) => {
          const info = parseDialogInfo(body);
          const live = info.ok ? info.value.dialogs.filter(isLive) : [];
          return live.slice(0, MAX_DIALOGS).map((one) => ({ ...one, id: `${id}-${one.id}` }));
        });
        if (dialogs.length === 0) this.#published.delete(account);
        else this.#published.set(account, dialogs);
        this.look(account);
      },
    };
  }
}

const isIn = (calls: ReadonlySet<string | undefined>, callId: string | undefined): boolean =>
  callId !== undefined && calls.has(callId);
const isLive = ({ state }: DialogState): boolean => state !== "terminated";

function octetsOf(one: DialogState): number {
  const { callId, localTag, remoteTag, local, remote, event } = one;
  const parties = [local, remote].flatMap((of) => [of?.identity, of?.displayName, of?.target]);
  const texts = [one.id, callId, localTag, remoteTag, event, ...parties];
  return ROW_OCTETS + texts.reduce<number>((sum, text = "") => sum + octetsInXml(text), 0);
}

/** Calls that one device may publish. */
const MAX_DIALOGS = 50;
/** Of all calls of one person; those that are over go along. */
const MAX_OCTETS = 12_000;
/** Elements and their attributes. */
const ROW_OCTETS = 250;
