/**
 * The dialogs of a bridged call, one for each answer of the device until one of them has the call;
 * and the ways to both ends, which all of them share.
 */
import { untagged } from "../dialog/dialog.ts";
import { flat, type Octets } from "../grammar/octets.ts";
import type { Leg } from "../ua/leg.ts";
import { parseSipUri } from "../uri/sip-uri.ts";
import type { BranchServer } from "./branch-server.ts";
import type { BridgedCallParts } from "./bridged-call-parts.ts";
import { BridgedDialog, type BridgedDialogParts } from "./bridged-dialog.ts";
import { abilitiesIn, type EndAbilities } from "./call-side.ts";
import type { CallerSide } from "./caller-side.ts";
import type { Talking } from "./joined-call.ts";
import type { MediaTurns } from "./media-turns.ts";
import { SideWay } from "./side-way.ts";

export interface BridgedDialogsParts {
  /** The engine's name for the call. */
  readonly id: string;
  readonly call: BridgedCallParts;
  readonly server: BranchServer;
  readonly turns: MediaTurns;
  /** What the caller offers; empty: nothing yet. */
  readonly offer: string;
  readonly hide: boolean;
}

export class BridgedDialogs {
  readonly deviceWay: SideWay;
  readonly #callerWay: SideWay;
  readonly #parts: BridgedDialogsParts;
  readonly #all: BridgedDialog[] = [];

  constructor(parts: BridgedDialogsParts) {
    const { agent, asked } = parts.call;
    const { from, flow, uri, account, callee } = asked;
    const called = from.request.uri;
    this.#parts = parts;
    this.#callerWay = new SideWay({
      ...{ agent, flow: from.flow, account, user: userPart(called), isSips: isSips(called) },
    });
    const caller = userPart(from.essentials.from.uri);
    this.deviceWay = new SideWay({
      ...{ agent, flow, account: callee, user: caller, isSips: isSips(uri) },
    });
  }

  /** One with the device, which was offered this. */
  begin(leg: () => Leg, offered: string, user: BridgedDialogParts["user"]): BridgedDialog {
    const { id, call, server, turns, offer, hide } = this.#parts;
    const { agent, engine, caller, device, asked } = call;
    const { account, callee } = asked;
    const { from, to } = asked.from.essentials;
    const dialog = new BridgedDialog({
      ...{ agent, engine, id, turns, server, isOffered: offer !== "", hide, user },
      caller: { side: caller, way: this.#callerWay, who: untagged(from), account },
      device: { side: device, way: this.deviceWay, who: untagged(to), account: callee, leg },
    });
    [dialog.caller.heard, dialog.device.told] = [offer, offered];
    this.#all.push(dialog);
    return dialog;
  }

  /** The one that this leg is the device's side of. */
  of(leg: Leg | undefined): BridgedDialog | undefined {
    return this.#all.find(({ device }) => device.leg === leg);
  }

  /** These two who talk, if they are of one of its own dialogs and not joined from elsewhere. */
  ifOne(talking: Talking | undefined): BridgedDialog | undefined {
    return this.#all.find((one) => one === talking);
  }

  /** The caller's sides of those it has heard of. */
  get begun(): readonly CallerSide[] {
    return this.#all.flatMap((one) => one.begun ?? []);
  }

  /** The one with this leg has the call, and the others are over. */
  settle(leg: Leg, deviceIs: EndAbilities | undefined): BridgedDialog | undefined {
    const { request } = this.#parts.call.asked.from;
    for (const { caller, device } of this.#all) {
      caller.able = abilitiesIn(request);
      device.able = deviceIs ?? device.able;
    }
    const settled = this.of(leg);
    for (const one of this.#all) {
      if (one === settled) continue;
      one.pair.stop();
      one.begun?.leg.abandon();
    }
    return settled;
  }

  /** Nothing goes from one side to the other any more. */
  stop(): void {
    for (const one of this.#all) one.pair.stop();
  }
}

function userPart(uri: Octets): Octets | undefined {
  const parsed = parseSipUri(uri);
  return parsed.ok && parsed.value.user !== undefined ? flat(parsed.value.user) : undefined;
}

const isSips = (uri: Octets): boolean => /^sips:/i.test(uri);
