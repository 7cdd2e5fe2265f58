/** What a phone can tell of itself: that it is there, and that it is on the phone. */
import type { DialogInfo, DialogState } from "../documents/dialog-info.ts";
import type { Presence } from "../documents/pidf.ts";
import type { Call } from "../ua/call.ts";
import type { CallState } from "../ua/call-state.ts";
import { partsOf } from "../ua/phone-parts.ts";
import type { Provider } from "./notifier.ts";

/** The calls of a phone, for `notify(phone, dialogs, ownDialogs(phone), …)`. RFC 4235. */
export function ownDialogs(phone: object): Provider<DialogInfo> {
  const { agent, watchCalls } = partsOf(phone);
  const calls = new Map<string, DialogState>();
  let tell = (): void => {};
  const stop = watchCalls((call) => {
    let wasAnswered = false;
    void follow(call, (state) => {
      wasAnswered ||= state.name === "Established";
      calls.set(call.id, dialogState(call, state, wasAnswered));
      tell();
      // One that is over is told of once.
      if (state.name === "Ended") calls.delete(call.id);
    });
  });
  return {
    value: () => ({
      ...{ version: 0, state: "full", entity: agent.aor },
      dialogs: [...calls.values()],
    }),
    watch: (changed) => {
      tell = changed;
      return () => {
        tell = () => {};
        stop();
      };
    },
  };
}

async function follow(call: Call, changed: (state: CallState) => void): Promise<void> {
  for await (const state of call.states()) changed(state);
}

function dialogState(call: Call, state: CallState, wasAnswered: boolean): DialogState {
  const { dialog, peer, direction } = call;
  return {
    id: call.id,
    direction: direction === "outgoing" ? "initiator" : "recipient",
    state: nameOf(state),
    ...(dialog && {
      callId: dialog.callId,
      localTag: dialog.localTag,
      remoteTag: dialog.remoteTag,
    }),
    ...(state.name === "Ended" && endOf(state, wasAnswered)),
    remote: {
      identity: peer.uri,
      displayName: peer.displayName === "" ? undefined : peer.displayName,
      ...(dialog && { target: dialog.remoteTarget }),
    },
  };
}

/** RFC 4235 §3.7.1. */
function nameOf({ name }: CallState): DialogState["state"] {
  switch (name) {
    case "Dialing":
      return "trying";
    case "Ringing":
    case "Incoming":
    case "Answering":
      return "early";
    case "Established":
    case "Reconnecting":
      return "confirmed";
    case "Ended":
      return "terminated";
  }
}

/** What ended it, with the status that said so before it was answered. RFC 4235 §3.7.1. */
function endOf(
  { end }: Extract<CallState, { name: "Ended" }>,
  wasAnswered: boolean,
): Pick<DialogState, "event" | "code"> {
  if (!wasAnswered && end.code === "SIP_CANCELLED") return { event: "cancelled", code: end.status };
  if (!wasAnswered) return { event: "rejected", code: end.status };
  if (end.by === "network") return { event: end.code === "SIP_TIMEOUT" ? "timeout" : "error" };
  return { event: end.by === "local" ? "local-bye" : "remote-bye" };
}

/** A phone's own presence, in the form that `notify` takes. */
export interface OwnPresence extends Provider<Presence> {
  /** Says something else of oneself from now on. */
  set(more: OwnPresenceOptions): void;
}

/** What one says of oneself, beside what the phone knows. */
export interface OwnPresenceOptions {
  /** What others may read. */
  readonly note?: string;
  /** `away`, `meeting`, … RFC 4480 §3.2. */
  readonly activities?: readonly string[];
  /** Not to be reached, though the device is there. */
  readonly isClosed?: boolean;
}

/** That a phone is there, and whether it is in a call: for `notify` or, read once, `publish`. */
export function ownPresence(phone: object, options: OwnPresenceOptions = {}): OwnPresence {
  const { agent, watchCalls, now } = partsOf(phone);
  const talking = new Set<string>();
  let said = options;
  let since = new Date(now());
  const watching = new Set<() => void>();
  const tell = (): void => {
    //= RFC 3863 §4.1.7
    //# A PRESENTITY MUST NOT generate successive <presence> elements containing the same timestamp.
    since = new Date(Math.max(now(), since.getTime() + 1));
    for (const changed of watching) changed();
  };
  watchCalls((call) => {
    void follow(call, ({ name }) => {
      const was = talking.size > 0;
      if (name === "Established" || name === "Reconnecting") talking.add(call.id);
      else talking.delete(call.id);
      if (was !== talking.size > 0) tell();
    });
  });
  return {
    value: () => {
      const { note, activities = [], isClosed = false } = said;
      return {
        entity: agent.aor,
        tuples: [
          {
            ...{ id: "phone", basic: isClosed ? "closed" : "open", contact: agent.aor },
            ...{ priority: undefined, notes: [], timestamp: since },
          },
        ],
        notes: note === undefined ? [] : [note],
        activities: talking.size > 0 ? [...new Set([...activities, "on-the-phone"])] : activities,
      };
    },
    watch: (changed) => {
      watching.add(changed);
      return () => watching.delete(changed);
    },
    set: (more) => {
      said = { ...said, ...more };
      tell();
    },
  };
}
