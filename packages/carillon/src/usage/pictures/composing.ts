/** Specimens of the machines that tell of writing: their states and inputs. */
import * as receiver from "../composing-receiver.ts";
import * as sender from "../composing-sender.ts";
import { drawn, type Picture } from "../picture.ts";

export const composingSender = (): Picture =>
  drawn<sender.Params, sender.State, sender.Input, sender.Output>({
    title: "Composing, the side that writes",
    file: "usage/composing-sender.ts",
    source: "RFC 3994 §3.2",
    machine: sender,
    params: sender.COMPOSING_DEFAULTS,
    states: [
      { name: "Idle" },
      { name: "Active", timerIdle: 15_000, timerRefresh: 90_000 },
      { name: "Active", timerIdle: 100_000, timerRefresh: 90_000 },
      { name: "Silent" },
      { name: "Terminated" },
    ],
    inputs: [
      [{ kind: "Composing" }, 7],
      [{ kind: "ContentSent" }, 7],
      [{ kind: "Stop" }, 7],
      [{ kind: "Unsupported" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 15_000],
      [{ kind: "Tick" }, 90_000],
      [{ kind: "Abandon" }, 7],
    ],
  });

export const composingReceiver = (): Picture =>
  drawn<receiver.Params, receiver.State, receiver.Input, receiver.Output>({
    title: "Composing, the side that reads",
    file: "usage/composing-receiver.ts",
    source: "RFC 3994 §3.3",
    machine: receiver,
    params: {},
    states: [{ name: "Idle" }, { name: "Active", timerRefresh: 90_000 }, { name: "Terminated" }],
    inputs: [
      [{ kind: "Told", state: "active", refreshSeconds: 60 }, 7],
      [{ kind: "Told", state: "active", refreshSeconds: undefined }, 7],
      [{ kind: "Told", state: "idle", refreshSeconds: undefined }, 7],
      [{ kind: "ContentReceived" }, 7],
      [{ kind: "Tick" }, 7],
      [{ kind: "Tick" }, 90_000],
      [{ kind: "Abandon" }, 7],
    ],
  });
