/**
 * The server as a whole: the store, SIP and HTTP, started in the order in which they need each
 * other and stopped in the other one.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Runner } from "carillon/node";
import type { Service } from "carillon/roles";
import { type PublicAddresses, publicAddresses } from "./addresses/public-addresses.ts";
import { type HouseBridge, houseBridge } from "./bridge/house-bridge.ts";
import { houseLines } from "./bridge/lines/house-lines.ts";
import { orCannotStart } from "./cannot-start.ts";
import { challengeRoute } from "./certificates/challenge-route.ts";
import { type HouseCertificates, houseCertificates } from "./certificates/house-certificates.ts";
import type { LiveCredentials } from "./certificates/live-credentials.ts";
import type { Clock } from "./clock.ts";
import { type LiveConfig, openConfig } from "./config/live-config.ts";
import { answers } from "./control/answers.ts";
import { connector } from "./control/connector.ts";
import { controlPath, controlServer } from "./control/control-server.ts";
import { liveCalls } from "./control/live-calls.ts";
import { recorder } from "./control/recorder.ts";
import { type Ports as StatusPorts, statusOf } from "./control/status.ts";
import { Tracing } from "./control/tracing.ts";
import { createApp } from "./http/app.ts";
import { Attempts } from "./http/attempts.ts";
import { fileRoutes } from "./http/file-routes.ts";
import { aorOf } from "./http/house-context.ts";
import { understandTls } from "./http/https-only.ts";
import { listenAt } from "./http/listen.ts";
import { createLog, type Log } from "./http/log.ts";
import { isOwnOrigin } from "./http/own-origin.ts";
import { PeopleFeed } from "./http/people-feed.ts";
import { type SecureServer, secureServer } from "./http/secure-server.ts";
import { msrpServer } from "./msrp/msrp-server.ts";
import { isForMsrp, type MsrpWebSocketOptions, msrpWebSockets } from "./msrp/msrp-web-socket.ts";
import { type HouseOverload, houseOverload } from "./overload/house-overload.ts";
import {
  bindable,
  isEverywhere,
  lanAddress,
  ownAddresses,
  watchAddresses,
} from "./own-addresses.ts";
import { tellAll } from "./presence/house-calls.ts";
import { HousePresence } from "./presence/house-presence.ts";
import { houseStatuses } from "./presence/house-views.ts";
import { type HouseShield, houseShield } from "./protection/house-shield.ts";
import { openPush, tellOfMessages } from "./push/open-push.ts";
import type { MetricsParts } from "./seeing/house-metrics.ts";
import { HouseSeeing } from "./seeing/house-seeing.ts";
import type { Settings } from "./settings.ts";
import { groupChanges, mailFor, mailServices } from "./sip/mail.ts";
import { type SipServer, sipServer } from "./sip/sip-server.ts";
import { sipWebSockets, type WebSocketOptions } from "./sip/web-socket.ts";
import { type DurableHouse, durableHouse } from "./store/durable-house.ts";
import { keepHouseLimits } from "./store/house-limits.ts";
import type { HouseLocation } from "./store/house-location.ts";
import { keepHouseRetention } from "./store/messages/retention.ts";
import { openStore, type Store } from "./store/store.ts";
import { type HouseTurn, houseTurn } from "./turn/house-turn.ts";
import { welcome } from "./welcome.ts";

export interface ServeWorld {
  readonly clock: Clock;
  readonly hostname: string;
  /** The terminal understands colours. */
  readonly colour: boolean;
}

export interface Running {
  /** What to print: where to go, with a fresh invite. */
  readonly welcome: string;
  readonly port: number;
  readonly sipPort: number;
  readonly tlsPort: number | undefined;
  /** MSRP over TLS; undefined where it is not to be had. */
  readonly msrpPort: number | undefined;
  /** STUN and TURN over UDP; undefined where this house has none of its own. */
  readonly turnPort: number | undefined;
  /** Undefined where it is not wanted. */
  readonly httpsPort: number | undefined;
  /** Reads configuration and certificate again; false if something is wrong, and the old stays. */
  reload(): Promise<boolean>;
  close(): Promise<void>;
}

const page = fileURLToPath(new URL("../../web/dist", import.meta.url));

/** Starts everything. Throws CannotStart in words, and leaves nothing running then. */
export async function serve(settings: Settings, world: ServeWorld): Promise<Running> {
  const { clock, hostname } = world;
  await using parts = new AsyncDisposableStack();
  const { log, config, store } = await openHouse(parts, settings, world);
  const { data, host, port } = settings;
  const { durable, presence, people } = keep(parts, { store, data, clock, config, log });
  const { location, writes, messages } = durable;
  const guarded = parts.adopt(houseShield({ store, writes, clock, config, log }), closeIt);
  const { shield, banOf } = guarded;
  const addresses = bindable(settings.host);
  const names = { domain: store.house.domain, hostname };
  const shown = { settings, config, clock, log, names: { ...names, addresses: ownAddresses() } };
  const certificates = parts.adopt(await houseCertificates(shown), closeIt);
  const { credentials } = certificates;
  const tracing = new Tracing();
  const watched = { config: config.seeing, clock, log, tracing };
  const seeing = parts.adopt(new HouseSeeing(watched), closeIt);
  const base = (): string => baseOf(store.house.domain, settings, { app, secure, credentials });
  const boxed = { store, credentials, clock, log, base };
  const msrp = parts.adopt(await msrpServer({ ...settings, ...boxed }), closeIt);
  const calls = tellAll([durable.calls, seeing.calls, ...presence.listeners]);
  const { push, mail } = pushAndMail(parts, { data, store, clock, config, log }, durable);
  const known = parts.adopt(publicAddresses({ config: config.addresses, log }), closeIt);
  const { advertise } = known;
  const bridge = parts.adopt(houseBridge({ ...settings, calls, advertise, log }), closeIt);
  const mailed = mailServices(mail, durable.subscriptions);
  const services = [...bridged(settings, config, bridge), ...mailed, ...presence.services];
  const { registered, bridging, others } = bridge;
  const to = { location, calls, services, bridge: bridging, registered, box: msrp.box, shield };
  const heard = { log, tracing, logged: seeing.logged, below: seeing.below };
  const told = { ...to, ...heard, known, hostname, addresses, credentials, store, config };
  const overload = parts.adopt(houseOverload(config.overload, { clock, log, shield }), closeIt);
  const sip = parts.adopt(await sipServer({ ...settings, ...told, overload, push }), closeIt);
  for (const one of [durable, config, presence, bridge, push])
    one.answerIn((run) => sip.runner.call(run));
  const changeGroup = groupChanges(mail, (run) => sip.runner.call(run));
  keepWatch(parts, settings, known, sip);
  const relayed = { addresses, store, clock, log, config: config.turn, publicOf: known.of };
  const turn = parts.adopt(await houseTurn({ ...settings, ...relayed }), closeIt);
  const { iceServers } = turn;
  const attempts = new Attempts(clock.steady, { judge: shield });
  const { mintToken, port: sipPort } = sip;
  const isHere = (account: string, device: string) =>
    location.bindings(account, clock.steady()).some(({ credential }) => credential === device);
  const lan = () => (isEverywhere(settings.host) ? lanAddress() : undefined);
  const house = { store, writes, messages, clock, names, log, attempts, people, presence, page };
  const httpsOnly = settings.plainHttp === "off" ? () => secure?.port : undefined;
  const asked = { mintToken, sipPort, isHere, iceServers, lanAddress: lan, banOf, push, httpsOnly };
  const app = parts.adopt(await createApp({ ...house, ...asked, changeGroup }), closeIt);
  fileRoutes(app, msrp.shelf);
  challengeRoute(app, certificates.answers);
  const { runner } = sip;
  const sockets = { runner, others, take: msrp.board.take };
  const { outgoing } = sip;
  const toTell = { runner, bridge, turn, people, guarded, certificates, overload, outgoing };
  seeing.begin(app, metricsParts({ ...toTell, durable }));
  const isOwn = (request: Parameters<typeof isOwnOrigin>[0]) => isOwnOrigin(request, names);
  const webSockets = { ...sockets, isOwnOrigin: isOwn, isOthers: isForMsrp };
  takeWebSockets(parts, app.server, webSockets);
  const secure = await secureParts(parts, { app, settings, credentials, webSockets });
  const ports = () => portsOf({ app, secure, sip, msrp, turn });
  await openControl(parts, { ...settings, ...house, ...toTell, tracing, ports });
  await listenAt({ host, port, flag: "--port" }, (one) => app.listen({ host: one, port }));
  const listening = ports();
  const text = await greet(settings, world, store, { ...listening, isOwn: credentials.isOwn });
  certificates.begin(listening.httpsPort);
  seeing.ready();
  const started = parts.move();
  return { ...listening, welcome: text, ...onceStarted(started, { config, credentials, seeing }) };
}

interface StartedParts {
  readonly config: LiveConfig;
  readonly credentials: LiveCredentials;
  readonly seeing: HouseSeeing;
}

function onceStarted(started: AsyncDisposableStack, { config, credentials, seeing }: StartedParts) {
  const reload = async () => {
    const isRead = await config.reload();
    return (await credentials.reload()) && isRead;
  };
  const close = () => {
    seeing.stopping();
    return started.disposeAsync();
  };
  return { reload, close };
}

/** Addresses come and go while it runs. Whoever named one to bind has that and no other. */
function keepWatch(
  parts: AsyncDisposableStack,
  { host }: Settings,
  known: PublicAddresses,
  sip: Pick<SipServer, "follow">,
): void {
  if (!isEverywhere(host)) return;
  const end = watchAddresses(host, (addresses) => {
    known.moved();
    void sip.follow(addresses);
  });
  parts.defer(async () => end());
}

/** What everything else is made with. */
async function openHouse(
  parts: AsyncDisposableStack,
  settings: Settings,
  { clock, hostname }: ServeWorld,
) {
  const { logLevel: level, logFormat: format } = settings;
  const log = createLog({ level, format, now: clock.steady });
  const config = await openConfig({ folder: process.cwd(), config: settings.config }, log);
  const store = parts.adopt(orCannotStart(openStore({ ...settings, hostname }, clock)), closeIt);
  keepLimits(store, config);
  return { log, config, store };
}

/** Messages, and what tells phones that sleep of them, and of calls. */
function pushAndMail(
  parts: AsyncDisposableStack,
  { config, ...house }: KeptOptions,
  { location, messages }: DurableHouse,
) {
  const push = parts.adopt(openPush({ ...house, location, config: config.push }), closeIt);
  const added = tellOfMessages(push, messages);
  const mail = mailFor(messages, house.clock, { rate: config.messageRate, added });
  return { push, mail };
}

/** In the house, so that the command line goes by them, too. */
function keepLimits({ db }: Store, { limits, retention }: LiveConfig): void {
  keepHouseLimits(db, limits);
  keepHouseRetention(db, retention);
}

/** The bridge, and behind it the lines, which share its engine. */
function bridged(
  { data, media }: Settings,
  { lines }: LiveConfig,
  { bridging, engine, addressOn }: HouseBridge,
): readonly Service[] {
  if (!lines || media === "never") return [bridging];
  const announcements = lines.announcements ?? join(data, "announcements");
  return [bridging, houseLines({ ...lines, engine, addressOn, announcements })];
}

type SeenOptions = "runner" | "people" | "bridge" | "turn" | "overload" | "outgoing";

interface SeenParts extends Pick<ControlOptions, SeenOptions> {
  readonly guarded: HouseShield;
  readonly certificates: HouseCertificates;
  readonly durable: DurableHouse;
}

/** Where the numbers of the metrics are. */
const metricsParts = ({ runner, people, bridge, turn, ...rest }: SeenParts): MetricsParts => ({
  census: () => runner.endpoint.census(),
  people: () => people.people(),
  bridge: () => bridge.status(),
  outgoing: rest.outgoing,
  relays: turn.census,
  protection: () => ({ ...rest.guarded.census() }),
  overload: () => rest.overload.census(),
  store: () => rest.durable.census(),
  validUntil: () => Date.parse(rest.certificates.status().validUntil),
});

interface ControlOptions extends Pick<Settings, "data" | "media"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly presence: HousePresence;
  readonly runner: Runner;
  readonly store: Store;
  readonly tracing: Tracing;
  readonly people: PeopleFeed;
  readonly bridge: HouseBridge;
  readonly turn: HouseTurn;
  readonly guarded: HouseShield;
  readonly certificates: HouseCertificates;
  readonly overload: HouseOverload;
  readonly outgoing: SipServer["outgoing"];
  ports(): ReturnType<typeof portsOf>;
}

/** Where `carillon status`, `trace`, `connect`, `record` and `calls --live` ask. */
async function openControl(
  parts: AsyncDisposableStack,
  { data, runner, store, tracing, turn, people, guarded, ...rest }: ControlOptions,
): Promise<void> {
  const { domain } = store.house;
  const { endpoint } = runner;
  const protection = guarded.census;
  const { connect: connectTwo } = rest.bridge;
  const inTurn = (run: () => void): void => runner.call(run);
  const connect = connector({ domain, connect: connectTwo, inTurn });
  const { bridging } = rest.bridge;
  const { wall } = rest.clock;
  const calls = () => liveCalls(bridging.list(), rest.presence.ongoing(), endpoint.now);
  const records = recorder({ ...rest, data, bridging, calls, wall, inTurn });
  const ports = () => named(rest.ports());
  const told = { ...rest, endpoint, domain, people: () => people.people(), protection, ports };
  const { status } = parts.adopt(statusOf({ ...told, relays: turn.census }), closeIt);
  parts.adopt(
    await controlServer(
      controlPath(data),
      answers({ tracing, status, connect, recorder: records }),
    ),
    closeIt,
  );
}

interface SecureOptions {
  readonly app: Awaited<ReturnType<typeof createApp>>;
  readonly settings: Settings;
  readonly credentials: LiveCredentials;
  readonly webSockets: WebSockets;
}

type WebSockets = WebSocketOptions & MsrpWebSocketOptions;

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

interface Listening {
  readonly app: { readonly server: Server };
  readonly secure: SecureServer | undefined;
  readonly sip: { readonly port: number; readonly tlsPort: number | undefined };
  readonly msrp: { readonly port: number | undefined };
  readonly turn: { readonly port: number | undefined };
}

/** As `carillon status` says it. */
function named({ port, sipPort, tlsPort, httpsPort, msrpPort, turnPort }: Named): StatusPorts {
  return {
    ...{ http: port, sip: sipPort, tls: tlsPort },
    ...{ https: httpsPort, msrp: msrpPort, turn: turnPort },
  };
}

type Named = ReturnType<typeof portsOf>;

const portsOf = ({ app, secure, sip, msrp, turn }: Listening) => ({
  port: (app.server.address() as AddressInfo).port,
  httpsPort: secure?.port,
  sipPort: sip.port,
  tlsPort: sip.tlsPort,
  msrpPort: msrp.port,
  turnPort: turn.port,
});

const closeIt = (part: { close(): unknown }): Promise<void> =>
  Promise.resolve(part.close()).then(() => {});

interface KeptOptions {
  readonly store: Store;
  readonly data: string;
  readonly clock: Clock;
  readonly config: LiveConfig;
  readonly log: Log;
}

/** What outlives the program, and what follows from it: who is here, and how they are. */
function keep(parts: AsyncDisposableStack, { log, config, ...house }: KeptOptions) {
  const { store, clock } = house;
  const onChange = (account: string) => {
    people.changed();
    presence.moved(account);
  };
  const onRevoked = (account: string) => presence.revoked(account);
  const onLostRecord = (cause: unknown) => log.warn({ cause: String(cause) }, "call not recorded");
  const kept = { ...house, onChange, onRevoked, onLostRecord, rights: config };
  const durable = parts.adopt(durableHouse(kept), closeIt);
  const presence = parts.adopt(presenceOf(store, durable, clock, config), closeIt);
  const people = parts.adopt(peopleFeed(store, durable.location, clock), closeIt);
  return { durable, presence, people };
}

function presenceOf(
  store: Store,
  durable: DurableHouse,
  clock: Clock,
  config: LiveConfig,
): HousePresence {
  const isOnline = (account: string) => durable.location.online(account, clock.steady());
  return new HousePresence({ ...durable, store, clock, isOnline, config: config.presence });
}

function peopleFeed(store: Store, location: HouseLocation, clock: Clock): PeopleFeed {
  const read = () => peopleHere(store, location, clock);
  return new PeopleFeed(read, (id) => store.accounts.session(id));
}

function peopleHere(store: Store, location: HouseLocation, clock: Clock) {
  const statuses = houseStatuses(store, clock);
  return store.accounts.people().map(({ name, displayName }) => ({
    name,
    displayName,
    aor: aorOf({ store }, name),
    online: location.online(name, clock.steady()),
    rules: store.presence.rules(name),
    isHidden: statuses.of(name)?.isHidden === true,
  }));
}

/** The invite that a start prints: for the owner, their second tab, the family. */
const INVITE_USES = 20;
const INVITE_VALID_SECONDS = 24 * 3600;

/** What the URLs of files begin with: over https where somebody vouches for it. */
function baseOf(
  domain: string,
  { host, plainHttp }: Settings,
  { app, secure, credentials: { isOwn } }: BaseParts,
): string {
  const { port } = app.server.address() as AddressInfo;
  const lan = isEverywhere(host) ? lanAddress() : undefined;
  if (secure && !isOwn) return `https://${domain}:${secure.port}`;
  const at = lan ?? (host === undefined || isHere(host) ? "localhost" : host);
  if (secure && plainHttp === "off") return `https://${bracketed(at)}:${secure.port}`;
  return `http://${bracketed(at)}:${port}`;
}

/** An IPv6 address as it stands in a URL. */
const bracketed = (name: string): string => (name.includes(":") ? `[${name}]` : name);

interface BaseParts {
  readonly app: { readonly server: Server };
  readonly secure: SecureServer | undefined;
  readonly credentials: Pick<LiveCredentials, "isOwn">;
}

type Ports = Pick<Running, "port" | "httpsPort" | "sipPort" | "tlsPort">;

function greet(
  { host, plainHttp }: Settings,
  { colour }: ServeWorld,
  { house, accounts, invites }: Store,
  { port, httpsPort, isOwn, ...sip }: Ports & { readonly isOwn: boolean },
): Promise<string> {
  const isPlain = plainHttp === "on";
  const from = isPlain ? { scheme: "http", at: port } : { scheme: "https", at: httpsPort };
  const url = (name: string) => `${from.scheme}://${bracketed(name)}:${from.at}`;
  const lan = isEverywhere(host) ? lanAddress() : undefined;
  const validSeconds = INVITE_VALID_SECONDS;
  // Somebody vouches for a certificate by its name; one of our own is as good by the address.
  const secureHost = isOwn ? lan : house.domain;
  return welcome({
    address: url(host === undefined || isHere(host) ? "localhost" : host),
    lanAddress: lan === undefined || !isPlain ? undefined : url(lan),
    domain: house.domain,
    secureAddress:
      httpsPort === undefined || secureHost === undefined
        ? undefined
        : `https://${secureHost}:${httpsPort}`,
    isVouchedFor: !isOwn,
    ...sip,
    invite: invites.make({ madeBy: null, uses: INVITE_USES, validMs: validSeconds * 1000 }),
    validSeconds,
    firstPerson: !accounts.hasOwner(),
    colour,
  });
}

/** Browsers give the microphone to localhost, so that name is used wherever it leads here. */
const isHere = (host: string | undefined): boolean =>
  isEverywhere(host) || host === "127.0.0.1" || host === "::1";
