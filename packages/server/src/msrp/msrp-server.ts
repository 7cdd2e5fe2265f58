/**
 * MSRP of the house: its file box and its relay, over TLS at a port of its own and over WebSocket
 * at those of the page. What is for the box goes to the box, all else to the relay.
 */
import { type OwnPlace, Relay, Switchboard } from "carillon/msrp";
import { CannotStart } from "../cannot-start.ts";
import type { LiveCredentials } from "../certificates/live-credentials.ts";
import type { Clock } from "../clock.ts";
import { filePath } from "../http/file-routes.ts";
import type { Log } from "../http/log.ts";
import type { Store } from "../store/store.ts";
import { accountIn } from "./account-in.ts";
import { BOX_NAME, type FileBox, fileBox } from "./file-box.ts";
import { FileShelf } from "./file-shelf.ts";
import { hops } from "./hops.ts";
import { msrpHost } from "./msrp-host.ts";
import { type MsrpTls, msrpTls } from "./msrp-tls.ts";
import { RelayGuard } from "./relay-guard.ts";

/** Where MSRP is over TLS if nobody says it. RFC 4976 §8. */
export const MSRP_PORT = 2855;

export interface MsrpServerParts {
  readonly data: string;
  readonly host: string | undefined;
  /** Undefined is no MSRP over TLS. */
  readonly msrpPort: number | undefined;
  readonly store: Store;
  readonly credentials: LiveCredentials;
  readonly clock: Clock;
  readonly log: Log;
  /** `https://house.example:8443`: what the URLs of files begin with. */
  readonly base: () => string;
}

export interface MsrpServer {
  readonly board: Switchboard;
  readonly shelf: FileShelf;
  /** Undefined where somebody is called so, who was there before. */
  readonly box: FileBox | undefined;
  /** Of TLS; undefined without. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

export async function msrpServer(parts: MsrpServerParts): Promise<MsrpServer> {
  const { data, store, clock, log, base } = parts;
  const board = new Switchboard(msrpHost(clock.steady));
  const shelf = new FileShelf(data, clock.wall);
  const tls = await overTls(parts, board);
  const { domain } = store.house;
  const isTaken = store.accounts.has(BOX_NAME);
  if (isTaken) log.warn({ name: BOX_NAME }, "somebody is called as the file box is: there is none");
  const place: OwnPlace = {
    ...{ scheme: "msrps", host: domain, port: tls?.port ?? MSRP_PORT, transport: "tcp" },
  };
  const connect = hops(board, () => parts.credentials.now);
  const { key, tokenKey, node } = store.house;
  const guard = new RelayGuard({
    ...{ accounts: store.accounts, realm: store.house.realm, key, tokenKey, node },
    now: clock.steady,
  });
  board.otherwise = new Relay({
    ...{ host: msrpHost(clock.steady), place, connect },
    authenticate: (request, on) => guard.authenticate(request, on),
  });
  const box = isTaken
    ? undefined
    : await fileBox({
        ...{ shelf, board, log },
        place,
        accountOf: (uri) => accountIn(uri, domain, store.accounts),
        urlOf: (id, name) => base() + filePath(id, name),
      });
  return {
    ...{ board, shelf, box, port: tls?.port },
    close: async () => {
      await box?.close();
      board.close();
      await tls?.close();
    },
  };
}

/** Pages need no port of its own: where only the usual one is taken, the house starts without. */
async function overTls(
  { host, msrpPort: port, credentials, log }: MsrpServerParts,
  { take }: Switchboard,
): Promise<MsrpTls | undefined> {
  if (port === undefined) return undefined;
  try {
    const tls = await msrpTls({ host, port }, credentials.now, take);
    credentials.whenRenewed((renewed) => tls.renew(renewed));
    return tls;
  } catch (error) {
    const { code } = error as { code?: string };
    if (port === MSRP_PORT) {
      log.warn({ port, code }, "no MSRP over TLS: its port is not to be had");
      return undefined;
    }
    throw new CannotStart(
      `Port ${port} (TCP) cannot be had for MSRP (${code}). ` +
        `Choose another: npm start -- --msrp-port ${port + 10}`,
    );
  }
}
