/** The page, what it asks for over HTTP, and WebSockets for SIP and MSRP; over TLS, too. */
import { fileURLToPath } from "node:url";
import { challengeRoute } from "../certificates/challenge-route.ts";
import type { LiveCredentials } from "../certificates/live-credentials.ts";
import { createApp } from "../http/app.ts";
import { Attempts } from "../http/attempts.ts";
import { fileRoutes } from "../http/file-routes.ts";
import { understandTls } from "../http/https-only.ts";
import { isOwnOrigin } from "../http/own-origin.ts";
import { type SecureServer, secureServer } from "../http/secure-server.ts";
import { isForMsrp, type MsrpWebSocketOptions, msrpWebSockets } from "../msrp/msrp-web-socket.ts";
import { isEverywhere, lanAddress } from "../own-addresses.ts";
import type { MetricsParts } from "../seeing/house-metrics.ts";
import type { Settings } from "../settings.ts";
import { sipWebSockets, type WebSocketOptions } from "../sip/web-socket.ts";
import { closeIt } from "./close-it.ts";
import type { HouseParts } from "./house-parts.ts";
import type { SipParts } from "./sip-parts.ts";

const page = fileURLToPath(new URL("../../../web/dist", import.meta.url));

type App = Awaited<ReturnType<typeof createApp>>;

/** Not listening yet over plain HTTP; over TLS it does. */
export interface WebParts {
  readonly app: App;
  /** Undefined where it is not wanted. */
  readonly secure: SecureServer | undefined;
}

export async function openWeb(
  parts: AsyncDisposableStack,
  house: HouseParts,
  sipParts: SipParts,
): Promise<WebParts> {
  const { settings, names, seeing, certificates } = house;
  const { sip, msrp, bridge } = sipParts;
  const httpsOnly = settings.plainHttp === "off" ? () => secure?.port : undefined;
  const app = parts.adopt(await createApp({ ...asked(house, sipParts), httpsOnly }), closeIt);
  fileRoutes(app, msrp.shelf);
  challengeRoute(app, certificates.answers);
  seeing.begin(app, metricsParts(house, sipParts));
  const isOwn = (request: Parameters<typeof isOwnOrigin>[0]) => isOwnOrigin(request, names);
  const webSockets = {
    ...{ runner: sip.runner, others: bridge.others, take: msrp.board.take },
    ...{ isOwnOrigin: isOwn, isOthers: isForMsrp },
  };
  takeWebSockets(parts, app.server, webSockets);
  const { credentials } = certificates;
  const secure = await secureParts(parts, { app, settings, credentials, webSockets });
  return { app, secure };
}

/** What the routes ask of the rest of the server. */
function asked(house: HouseParts, { sip, turn, push, changeGroup }: SipParts) {
  const { settings, clock, log, store, durable, presence, people, guarded, names } = house;
  const { location, writes, messages } = durable;
  const { mintToken, port: sipPort } = sip;
  const { iceServers } = turn;
  const attempts = new Attempts(clock.steady, { judge: guarded.shield });
  const isHere = (account: string, device: string) =>
    location.bindings(account, clock.steady()).some(({ credential }) => credential === device);
  const lan = () => (isEverywhere(settings.host) ? lanAddress() : undefined);
  return {
    ...{ store, writes, messages, clock, names, log, attempts, people, presence, page },
    ...{ mintToken, sipPort, isHere, iceServers, lanAddress: lan, push, changeGroup },
    banOf: guarded.banOf,
  };
}

/** Where the numbers of the metrics are. */
const metricsParts = (
  house: HouseParts,
  { sip, bridge, turn, overload }: SipParts,
): MetricsParts => ({
  census: () => sip.runner.endpoint.census(),
  people: () => house.people.people(),
  bridge: () => bridge.status(),
  outgoing: sip.outgoing,
  relays: turn.census,
  protection: () => ({ ...house.guarded.census() }),
  overload: () => overload.census(),
  store: () => house.durable.census(),
  validUntil: () => Date.parse(house.certificates.status().validUntil),
});

type WebSockets = WebSocketOptions & MsrpWebSocketOptions;

interface SecureOptions {
  readonly app: App;
  readonly settings: Settings;
  readonly credentials: LiveCredentials;
  readonly webSockets: WebSockets;
}

/** SIP and MSRP at one HTTP server. */
function takeWebSockets(
  parts: AsyncDisposableStack,
  server: Parameters<typeof sipWebSockets>[0],
  webSockets: WebSockets,
): void {
  parts.adopt(sipWebSockets(server, webSockets), closeIt);
  parts.adopt(msrpWebSockets(server, webSockets), closeIt);
}

/** The page and SIP over secure WebSocket, where they are wanted. */
async function secureParts(
  parts: AsyncDisposableStack,
  { app, settings: { host, httpsPort: port, plainHttp }, credentials, webSockets }: SecureOptions,
): Promise<SecureServer | undefined> {
  if (port === undefined) return undefined;
  const secure = await secureServer(app.routing, credentials.now, { host, port });
  credentials.whenRenewed((renewed) => secure.renew(renewed));
  parts.adopt(secure, closeIt);
  takeWebSockets(parts, secure.server, webSockets);
  if (plainHttp === "off") parts.adopt(understandTls(app.server, secure.server), closeIt);
  return secure;
}
