/**
 * One SUBSCRIBE that began something, and the dialogs that came of it: one with each notifier that
 * it was forked to. RFC 6665 §4.4.1.
 */

import { uasDialog } from "../dialog/dialog.ts";
import { isUsable } from "../dialog/usable-dialog.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import type { Agent } from "../ua/agent.ts";
import { DialogSide } from "../ua/dialog-side.ts";
import type { DialogTaker } from "../ua/takers.ts";
import type { Way } from "../ua/way.ts";

/** Hears every NOTIFY of the SUBSCRIBE. */
export type Notified = (from: Incoming, attempt: Attempt) => void;

export class Attempt implements DialogTaker {
  readonly callId: string;
  readonly localTag: string;
  readonly way: Way;
  /** The CSeq number of its last SUBSCRIBE. */
  seq = 0;
  readonly #agent: Agent;
  readonly #notified: Notified;

  constructor(agent: Agent, notified: Notified) {
    const { ids } = agent.endpoint;
    this.callId = ids.unique();
    this.localTag = ids.unique();
    this.way = agent.wayOut();
    this.#agent = agent;
    this.#notified = notified;
  }

  request(from: Incoming): void {
    const { endpoint } = this.#agent;
    if (!this.way.admits(from)) return endpoint.reply(from, { status: 403 });
    if (from.request.method === "NOTIFY") return this.#notified(from, this);
    // Nothing else belongs into a dialog that a subscription has for itself.
    endpoint.reply(from, { status: 405, headers: [["Allow", "NOTIFY"]] });
  }

  /** The dialog that a NOTIFY makes; undefined if we could say nothing in it. */
  //= RFC 6665 §4.4.1
  //# Dialogs usages are created upon completion of a NOTIFY transaction for a new subscription,
  //# unless the NOTIFY request contains a "Subscription-State" of "terminated."
  side({ request, essentials }: Incoming): DialogSide | undefined {
    const dialog = uasDialog(request, essentials, this.localTag, 200);
    if (!dialog || !isUsable(dialog) || essentials.from.displayName.includes("\0"))
      return undefined;
    return new DialogSide(this.#agent, { ...dialog, localSeq: this.seq }, this.way);
  }

  // The subscription that it belongs to hears of these.
  cutOff(): void {}
  back(): void {}
  leave(): void {}
  abandon(): void {}
}
