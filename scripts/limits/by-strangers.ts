/** What strangers can make grow: rows of docs/limits.md. */
import {
  CONNECTIONS,
  CONNECTIONS_GO,
  ENDPOINT,
  type Kept,
  kept,
  NODE,
  ROLES,
  TURN,
} from "./kept.ts";

/** What strangers can make grow: nobody has vouched for them yet. */
export const BY_STRANGERS: readonly Kept[] = [
  kept(`${NODE}/crowd.ts`, "#members #silent #strangers #sources", CONNECTIONS, CONNECTIONS_GO),
  kept(`${NODE}/stream-server.ts`, "byRemote", CONNECTIONS, CONNECTIONS_GO),
  kept(`${NODE}/runner.ts`, "#links", CONNECTIONS, CONNECTIONS_GO),
  kept(`${NODE}/runner.ts`, "#sockets", "addresses of this machine", "nothing: no peer adds one"),
  kept(
    `${NODE}/runner.ts`,
    "#waiting",
    "what one turn of the loop reads",
    "nothing: all of it is handled in that turn",
  ),
  kept(
    `${ENDPOINT}/overload/feedback.ts`,
    "#peers",
    "{MAX_PEERS} peers that ask how much there is to do",
    "the one that asked first",
  ),
  kept(
    `${ENDPOINT}/overload/throttle.ts`,
    "#servers",
    "{MAX_SERVERS} servers that have asked for less",
    "the one that asked first",
  ),
  kept(
    `${NODE}/turn-budget.ts`,
    "#waiting",
    CONNECTIONS,
    "nothing: their turn comes in the order in which they waited",
  ),
  kept(
    `${NODE}/stream-msrp.ts`,
    "sockets",
    `{MAX_CONNECTIONS} connections`,
    "the one that comes is closed",
  ),
  kept("server/src/msrp/msrp-tls.ts", "byRemote", CONNECTIONS, CONNECTIONS_GO),
  kept(
    "server/src/http/https-only.ts",
    "silent",
    `{MAX_SILENT} silent connections, 5 s each`,
    "the one that came first is closed",
  ),
  kept(
    "server/src/http/http-crowd.ts",
    "sockets",
    "{server/src/http/server-limits.ts connections} connections, " +
      "{server/src/http/server-limits.ts connectionsPerSource} of one source",
    "the stranger who came first, of this source if that has so many",
  ),
  kept(
    "server/src/http/http-crowd.ts",
    "kept",
    "one for each account that is connected: {server/src/http/server-limits.ts keptPerAccount} " +
      "connections are kept for it",
    "one more is a stranger's",
  ),
  kept(`${ENDPOINT}/connections.ts`, "#lines #byDriver", CONNECTIONS, CONNECTIONS_GO),
  kept(
    `${ENDPOINT}/connections.ts`,
    "#dials #asked",
    `{dials}, each with {queuedBytes} octets that wait`,
    "one more is not asked for, and what it was for fails",
  ),
  kept(
    `${ENDPOINT}/connections.ts`,
    "#listening",
    "addresses of this machine",
    "nothing: no peer adds one",
  ),
  kept(
    `${ENDPOINT}/alias-table.ts`,
    "#byKey #keys",
    `{MAX_ROWS_OF_ONE} of a connection, {MAX_ROWS_OF_ADDRESS} of an address`,
    "one more is not taken",
  ),
  kept(
    `${ENDPOINT}/transport-layer.ts`,
    "locals addresses",
    "addresses of this machine",
    "nothing: no peer adds one",
  ),
  kept(
    `${ENDPOINT}/transport-layer.ts`,
    "#outputs",
    "what one input brings about",
    "nothing: it is taken after each input",
  ),
  kept(`${ENDPOINT}/large-request.ts`, "#refused", `{MAX_REFUSED} addresses`, "the oldest"),
  kept(`${ROLES}/even-answers.ts`, "#waiting", `{MAX_WAITING} answers`, "one more leaves at once"),
  kept(
    `${ROLES}/budgets.ts`,
    "#emptyAt",
    `{${ROLES}/shield.ts MAX_REMEMBERED} buckets of a kind; ` +
      "over HTTP {server/src/http/attempts.ts addresses}",
    "into which nothing was put for longest",
  ),
  kept(
    `${ROLES}/recent.ts`,
    "#at",
    `three times {${ROLES}/shield.ts MAX_REMEMBERED} places that signed in`,
    "who signed in longest ago",
  ),
  kept(
    `${ROLES}/bans.ts`,
    "#bans",
    `{MAX_BANS} sources, in memory and on the disk`,
    "who was banned first",
  ),
  kept(
    "server/src/protection/house-shield.ts",
    "unwritten",
    `{${ROLES}/bans.ts MAX_BANS} bans that are on their way to the disk`,
    "nothing: the disk takes them",
  ),
  kept(`${TURN}/source-budget.ts`, "#buckets", `{MAX_SOURCES} sources`, "who came first"),
  kept(
    "server/src/sip/batched/socket-address.ts",
    "#texts #bytes",
    `{MAX_KNOWN} addresses`,
    "all of them: they are made anew",
  ),
  kept(
    "server/src/sip/batched/socket-address.ts",
    "#recent",
    `{RECENT} addresses`,
    "the one in whose place it comes",
  ),
  kept(
    "server/src/sip/batched/inbox.ts",
    "#lost",
    "addresses of this machine",
    "nothing: no peer adds one",
  ),
  kept(
    "server/src/sip/batched/outbox.ts",
    "*",
    "what one turn of the loop sends",
    "nothing: it is sent in that turn",
  ),
  kept(
    "server/src/turn/turn-driver.ts",
    "#listeners",
    "addresses of this machine",
    "nothing: no peer adds one",
  ),
  kept("server/src/sip/no-browsers.ts", "#all", CONNECTIONS, CONNECTIONS_GO),
];
