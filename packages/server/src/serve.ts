/**
 * The server as a whole: the store, SIP and HTTP, started in the order in which they need each
 * other and stopped in the other one. Its parts are put together in `serving`.
 */
import type { Clock } from "./clock.ts";
import { listenAt } from "./http/listen.ts";
import { openControl } from "./serving/control-parts.ts";
import { greeting } from "./serving/greeting.ts";
import { type HouseParts, openHouse } from "./serving/house-parts.ts";
import { baseOf } from "./serving/own-urls.ts";
import { type ServedPorts, servedPorts } from "./serving/served-ports.ts";
import { openSip } from "./serving/sip-parts.ts";
import { openWeb } from "./serving/web-parts.ts";
import type { Settings } from "./settings.ts";

export interface ServeWorld {
  readonly clock: Clock;
  readonly hostname: string;
  /** The terminal understands colours. */
  readonly colour: boolean;
}

export interface Running extends ServedPorts {
  /** What to print: where to go, with a fresh invite. */
  readonly welcome: string;
  /** Reads configuration and certificate again; false if something is wrong, and the old stays. */
  reload(): Promise<boolean>;
  close(): Promise<void>;
}

/** Starts everything. Throws CannotStart in words, and leaves nothing running then. */
export async function serve(settings: Settings, world: ServeWorld): Promise<Running> {
  await using parts = new AsyncDisposableStack();
  const house = await openHouse(parts, settings, world);
  const { store, certificates, seeing } = house;
  const { credentials } = certificates;
  const { domain } = store.house;
  const base = (): string => baseOf(web, { domain, settings, credentials });
  const sip = await openSip(parts, house, base);
  const web = await openWeb(parts, house, sip);
  const ports = () => servedPorts(web, sip);
  await openControl(parts, house, sip, ports);
  const { host, port } = settings;
  await listenAt({ host, port, flag: "--port" }, (one) => web.app.listen({ host: one, port }));
  const listening = ports();
  const { isOwn } = credentials;
  const welcome = await greeting(settings, store, {
    ports: listening,
    isOwn,
    colour: world.colour,
  });
  certificates.begin(listening.httpsPort);
  seeing.ready();
  return { ...listening, welcome, ...onceStarted(parts.move(), house) };
}

function onceStarted(started: AsyncDisposableStack, { config, certificates, seeing }: HouseParts) {
  const reload = async () => {
    const isRead = await config.reload();
    return (await certificates.credentials.reload()) && isRead;
  };
  const close = () => {
    seeing.stopping();
    return started.disposeAsync();
  };
  return { reload, close };
}
