/** Specimens of the machine's states and inputs. */
import { drawn, type Picture } from "../picture.ts";
import type { Input, State } from "../session-timer.ts";
import * as machine from "../session-timer.ts";

const running = { timerBye: 1_768_000, intervalSeconds: 1800, minSeSeconds: undefined };

const states: readonly State[] = [
  { name: "Off", minSeSeconds: undefined },
  { name: "Refresher", timerRefresh: 900_000, ...running, refused: undefined },
  { name: "Refreshing", ...running, refused: undefined, raises: 0 },
  { name: "Refreshing", ...running, refused: 500, raises: 0 },
  { name: "Watching", ...running },
  { name: "Terminated" },
];

const refused = (status: number, minSeSeconds?: number): Input => ({
  kind: "Refused",
  status,
  minSeSeconds,
});

const inputs: readonly (readonly [Input, number])[] = [
  [{ kind: "Agreed", session: undefined }, 7],
  [{ kind: "Agreed", session: { intervalSeconds: 1800, refresher: "Local" } }, 7],
  [{ kind: "Agreed", session: { intervalSeconds: 60, refresher: "Remote" } }, 7],
  [{ kind: "MinSe", seconds: 120 }, 7],
  [refused(408), 900_000],
  [refused(422, 3600), 900_000],
  [refused(422), 900_000],
  [refused(481), 900_000],
  [refused(500), 900_000],
  [{ kind: "Tick" }, 7],
  [{ kind: "Tick" }, 900_000],
  [{ kind: "Tick" }, 1_768_000],
  [{ kind: "Abandon" }, 7],
];

export const sessionTimer = (): Picture =>
  drawn({
    title: "Session timer",
    file: "usage/session-timer.ts",
    source: "RFC 4028 §7, §9, §10",
    machine,
    params: { peerAllowsUpdate: true },
    states,
    inputs,
  });
