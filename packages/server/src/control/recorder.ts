/**
 * Recordings for whoever sits at the server's terminal: which call, into which file, and what
 * became of it. Both who talk are told by the bridge (RFC 7866); the log says it, too.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Bridging, RecordAsked, RecordState } from "carillon/b2bua";
import type { Log } from "../http/log.ts";
import type { Question } from "./control-server.ts";
import { type LiveCall, namedCalls } from "./live-calls.ts";

/** What `carillon record` is told. */
export type RecordLine = RecordState | { readonly error: string };

export interface Recorder {
  /** Begins a recording, and says where it goes; or ends it (`stop`), and says where it is. */
  record(asked: Question, say: (line: RecordLine) => void): void;
  /** The calls of this moment. */
  calls(): readonly LiveCall[];
}

export interface RecorderParts {
  readonly bridging: Pick<Bridging, "record" | "stopRecording">;
  /** When calls are bridged. */
  readonly media: "auto" | "always" | "never";
  /** What is kept of the house. */
  readonly data: string;
  readonly log: Log;
  calls(): readonly LiveCall[];
  /** Milliseconds since 1970. */
  wall(): number;
  /** Runs it in a turn of the endpoint. */
  inTurn(run: () => void): void;
}

type Hearer = (state: RecordState) => void;

export function recorder(parts: RecorderParts): Recorder {
  const { bridging, log, inTurn } = parts;
  /** Who hears of a recording, by the engine's name for its call. */
  const hearers = new Map<string, Set<Hearer>>();

  const begin = (
    { id, bridge }: Bridged,
    format: "ogg" | "webm",
    hear: Hearer,
  ): string | undefined => {
    const folder = join(parts.data, "recordings");
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      return `There is no folder for it: ${cause instanceof Error ? cause.message : cause}.`;
    }
    const heard = (state: RecordState): void => {
      const { name, ...line } = state;
      log[wentWrong(state) ? "warn" : "info"]({ call: id, ...line }, name);
      for (const one of hearers.get(bridge.id) ?? []) one(state);
      if (state.name === "Recorded") hearers.delete(bridge.id);
    };
    const path = join(folder, nameOf(parts.wall(), id, format));
    hearers.set(bridge.id, new Set([hear]));
    const asked = bridging.record(bridge.id, { path, format, heard });
    if (asked.ok) return undefined;
    if (asked.error !== "recorded") hearers.delete(bridge.id);
    return REFUSED[asked.error];
  };

  const end = ({ bridge }: Bridged, hear: Hearer): string | undefined => {
    hearers.get(bridge.id)?.add(hear);
    return bridging.stopRecording(bridge.id) ? undefined : "That call is not recorded.";
  };

  const record: Recorder["record"] = ({ call, stop, webm }, say) => {
    const run = (): void => {
      const found = bridgedCall(parts, `${call ?? ""}`);
      if (typeof found === "string") return say({ error: found });
      const error =
        stop === true ? end(found, say) : begin(found, webm === true ? "webm" : "ogg", say);
      if (typeof error === "string") say({ error });
    };
    inTurn(run);
  };
  return { record, calls: parts.calls };
}

type Bridged = LiveCall & { readonly bridge: NonNullable<LiveCall["bridge"]> };

/** The call that is meant, or in which words there is none. */
function bridgedCall({ calls, media }: RecorderParts, typed: string): Bridged | string {
  const [call, ...others] = namedCalls(calls(), typed);
  if (!call) return "There is no such call now. Those there are: carillon calls --live.";
  if (others.length > 0) {
    const ids = [call, ...others].map(({ id }) => id).join(", ");
    return `Several calls are meant by that: ${ids}. Which is which: carillon calls --live.`;
  }
  const { bridge } = call;
  return bridge ? { ...call, bridge } : `${DIRECT} ${media === "never" ? NEVER : ALWAYS}`;
}

const DIRECT =
  "That call goes straight from one phone to the other, and nothing that is said comes by here.";
const ALWAYS =
  "Start the server with --media always, and calls that begin after that can be recorded.";
const NEVER =
  "The server was started with --media never; with --media always, calls can be recorded.";

const REFUSED: Readonly<Record<Extract<RecordAsked, { ok: false }>["error"], string>> = {
  unknown: "That call has just ended.",
  ringing: "Nobody has answered that call yet. Record it once they talk.",
  recorded: "That call is recorded already. To end it: carillon record CALL --stop.",
  full: "As many calls are recorded as may be. End another recording first.",
};

const wentWrong = (state: RecordState): boolean =>
  state.name === "Recorded" && state.why !== undefined;

/** `2026-11-29T06-20-11-3f9a02.ogg`: nothing in it is a caller's. */
const nameOf = (wall: number, id: string, format: string): string =>
  `${new Date(wall).toISOString().slice(0, 19).replaceAll(":", "-")}-${id}.${format}`;
