/**
 * The house's bridge: the library's back-to-back agent, and the engine that comes with the program.
 */
import {
  type BridgedStore,
  type BridgeEntry,
  type Bridging,
  bridging,
  type MediaEngine,
  type OwnAddress,
} from "carillon/b2bua";
import type { Flow } from "carillon/endpoint";
import type { Advertise, Calls } from "carillon/roles";
import { EmbeddedEngine, RoutedEngine, RtpengineEngine } from "carillon-media/engine";
import type { Log } from "../http/log.ts";
import { plainAddress } from "../http/peer.ts";
import { lanAddress } from "../own-addresses.ts";
import type { Settings } from "../settings.ts";
import { NoBrowsers } from "../sip/no-browsers.ts";
import { LateEngine } from "./late-engine.ts";

export interface HouseBridgeParts
  extends Pick<Settings, "media" | "mediaPorts" | "mediaWorkers" | "mediaEngine"> {
  readonly calls: Pick<Calls, "began" | "ended" | "refreshed" | "rated">;
  /** How whoever is behind a flow knows our end, where a NAT is in between. */
  readonly advertise?: Advertise;
  /** Where calls are kept whose media end with the program. */
  readonly kept?: BridgedStore;
  readonly log: Log;
}

/** For `carillon status`. */
export interface BridgeStatus {
  /** Calls that are bridged now, ringing ones among them. */
  readonly calls: number;
  /** Processes for media, where there are any by now. */
  readonly workers: readonly { readonly calls: number; readonly load: number }[];
}

export interface HouseBridge {
  /** For the domain: among its services, and as its bridge. */
  readonly bridging: Bridging;
  /** Calls two people and has them talk; undefined where no call is bridged. */
  readonly connect: Bridging["connect"] | undefined;
  /** Where connections are noted down that are no browser's: it goes by that. */
  readonly others: NoBrowsers;
  /** Where media come from for whoever answers calls itself. */
  readonly engine: MediaEngine;
  /** Where media of whoever is behind this flow come to. */
  addressOn(flow: Flow): OwnAddress;
  /** A device registered from there (`udp 192.0.2.1:5060`): calls with it may need media soon. */
  registered(source: string): void;
  /** What an engine says is handled there: in a turn of the endpoint. */
  answerIn(inTurn: (run: () => void) => void): void;
  status(): BridgeStatus;
  close(): Promise<void>;
}

export function houseBridge(parts: HouseBridgeParts): HouseBridge {
  const { media, mediaPorts: ports, mediaWorkers: workers, calls, log } = parts;
  const addressOn = (flow: Flow) => mediaAddress(flow, parts.advertise);
  let inTurn = (run: () => void): void => run();
  const others = new NoBrowsers();
  const own = new LateEngine(
    () =>
      new EmbeddedEngine({
        ports,
        ...(workers !== undefined && { workers }),
        inTurn: (run) => inTurn(run),
        onnote: (words) => log.info({ words }, "media"),
      }),
  );
  const rtpengine =
    parts.mediaEngine &&
    new RtpengineEngine({
      nodes: parts.mediaEngine,
      inTurn: (run) => inTurn(run),
      onnote: (words) => log.info({ words }, "media"),
    });
  const engine = rtpengine ? new RoutedEngine({ bridging: rtpengine, own }) : own;
  const bridge = bridging({
    ...{ engine, calls, mode: () => media, addressOn },
    isNoBrowser: (flow) => others.has(flow),
    // Through rtpengine they are heard without us.
    ...(parts.kept && !rtpengine && { kept: parts.kept }),
    log: (entry) => logBridge(log, entry),
  });
  return {
    ...{ bridging: bridge, others },
    connect: media === "never" ? undefined : (options) => bridge.connect(options),
    engine,
    addressOn,
    registered: (source) => {
      // Two browsers understand each other; a desk phone and a browser do not.
      if (media !== "never" && !rtpengine && !source.startsWith("ws")) own.expect();
    },
    answerIn: (run) => {
      inTurn = run;
    },
    status: () => ({
      calls: bridge.census().calls,
      workers: (own.started?.workers ?? []).map((one) => ({ calls: one.calls, load: one.load })),
    }),
    close: async () => {
      rtpengine?.close();
      await own.close();
    },
  };
}

/**
 * Where media of whoever is behind this flow come to. A page on this very machine reaches it over
 * loopback, but a browser's sockets for media are bound to the network that it has, if it has one.
 */
function mediaAddress(flow: Flow, advertise?: Advertise): OwnAddress {
  const { local, transport } = flow;
  const isPage = transport === "WS" || transport === "WSS";
  const isLoopback = local.host === "::1" || local.host.startsWith("127.");
  const bound = plainAddress((isPage && isLoopback ? lanAddress() : undefined) ?? local.host);
  const address = advertise?.(flow)?.host;
  return address === undefined ? { address: bound } : { address, bound };
}

function logBridge(log: Log, { kind, callId, why }: BridgeEntry): void {
  const line = { callId: callId.slice(0, 200), why: why.slice(0, 200) };
  log[kind === "Lost" ? "warn" : "info"](line, kind);
}
