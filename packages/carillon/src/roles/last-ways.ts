/**
 * By which way somebody has answered in a dialog, where the one that the dialog names has failed:
 * the ACK has to go by it, whose loss no answer would tell of, and what is said after that need not
 * look for it again. Nothing else is kept of a dialog; without this it is found as at first.
 */
import { flat, type Octets } from "../grammar/octets.ts";
import { Oldest } from "../grammar/oldest.ts";
import type { Essentials } from "../message/essentials.ts";
import type { Flow } from "../transport/flow.ts";

/** What of a way tells it from the others. */
export interface LastWay {
  /** The flow to it, or to the first proxy of its Path. */
  readonly flow: Flow;
  /** The Path of that registration, the first hop first. */
  readonly path?: readonly Octets[] | undefined;
}

/** Dialogs that are remembered at a time. */
const MAX_DIALOGS = 10_000;

/** A table of them; of too many the oldest goes. */
export class LastWays {
  readonly #ways = new Map<string, LastWay>();
  readonly #oldest = new Oldest(this.#ways);

  /** They have answered this request by this way. */
  note(asked: Essentials, { flow, path }: LastWay): void {
    const key = keyOf(asked);
    this.#ways.delete(key);
    this.#oldest.makeRoom(MAX_DIALOGS);
    this.#ways.set(flat(key), { flow, path: path?.map(flat) });
  }

  /** The same ways to whom this request is for, the one by which they answered last in front. */
  first<W extends LastWay>(asked: Essentials, ways: readonly W[]): readonly W[] {
    const last = this.#ways.size > 0 ? this.#ways.get(keyOf(asked)) : undefined;
    const there = last && ways.find((way) => isSameWay(way, last));
    return there ? [there, ...ways.filter((way) => way !== there)] : ways;
  }
}

/** Each side of a dialog has its own. */
const keyOf = ({ callId, fromTag, toTag }: Essentials): string => `${callId} ${fromTag} ${toTag}`;

const isSameWay = (one: LastWay, other: LastWay): boolean =>
  one.flow.connection === other.flow.connection &&
  one.flow.remote.host === other.flow.remote.host &&
  one.flow.remote.port === other.flow.remote.port &&
  one.path?.join() === other.path?.join();
