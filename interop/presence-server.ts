/**
 * Kamailio as a presence server: registrar, proxy and compositor of `chicago.example`, where who
 * says to be somebody is. It tells of its registrations, keeps messages for who is away, and has a
 * list that is subscribed to as one.
 */
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { until } from "./until.ts";

export const CHICAGO = "chicago.example";
/** Ben's: one subscription to it tells of both. */
export const LIST = {
  ...{ uri: `sip:friends@${CHICAGO}`, owner: `ben@${CHICAGO}`, people: ["ann", "cleo"] },
} as const;
export const PRESENCE_SERVER = { host: "127.0.0.10", port: 5070 };
const START_MS = 10_000;
/** A child stopped in mid-work makes it wait: a minute, where `exit_timeout` is not set. */
const EXIT_TIMEOUT_S = 4;
const STOP_MS = 20_000;
/** Where Debian has its tables as text: these of its package are empty. */
const TABLES = "/usr/share/kamailio/dbtext/kamailio";

export async function startPresenceServer(above: string): Promise<Child> {
  const own = join(above, "presence");
  const tables = join(own, "tables");
  mkdirSync(own, { recursive: true });
  cpSync(TABLES, tables, { recursive: true });
  const people = LIST.people.map((one) => `sip:${one}@${CHICAGO}`);
  appendFileSync(join(tables, "xcap"), `${listRow(LIST, people)}\n`);
  // What `msilo` leaves out, Debian's table does not take.
  const kept = join(tables, "silo");
  const columns = readFileSync(kept, "utf8");
  writeFileSync(kept, columns.replace(/(callid|status)\((string|int)\)/g, "$1($2,null)"));
  const path = join(own, "kamailio.cfg");
  writeFileSync(path, configuration(tables));
  const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "64", "-M", "8"];
  const child = new Child("kamailio", args, { log: join(above, "presence.log"), cwd: own });
  await until(
    "the presence server listens",
    () => isListening(PRESENCE_SERVER) || undefined,
    START_MS,
  );
  return child;
}

export async function stopPresenceServer(child: Child): Promise<void> {
  await child.stop(STOP_MS);
}

/** `/proc/net/udp` has an address as its octets in the order of this machine. */
export function isListening(at: { readonly host: string; readonly port: number }): boolean {
  const octets = at.host.split(".").map(Number).reverse();
  const hex = Buffer.from(octets).toString("hex").toUpperCase();
  const port = at.port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`${hex}:${port} `);
}

/** A row of `xcap`: the services of a list (RFC 4826), in which a colon is escaped. */
export function listRow(
  { owner, uri }: { readonly owner: string; readonly uri: string },
  people: readonly string[],
): string {
  const [user = "", domain = ""] = owner.split("@");
  const entries = people.map((one) => `<entry uri="${one}"/>`).join("");
  const lists = "urn:ietf:params:xml:ns:resource-lists";
  const document =
    `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services" xmlns:rl="${lists}">` +
    `<service uri="${uri}"><list xmlns="${lists}">${entries}</list>` +
    "<packages><package>presence</package></packages></service></rls-services>";
  const row = ["1", user, domain, document, "8", "1", "0", "index", "0"];
  return row.map((value) => value.replaceAll(":", "\\:")).join(":");
}

const MODULES = [
  ...["tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "db_text"],
  ...["presence", "presence_xml", "presence_dialoginfo", "presence_mwi", "presence_reginfo"],
  ...["msilo", "pua", "pua_reginfo", "rls"],
];
/** `rls` says by this that what is subscribed to is no list. */
const NO_LIST = 10;

function parameters(tables: string): string {
  const { host, port } = PRESENCE_SERVER;
  return `modparam("usrloc", "db_mode", 0)
modparam("presence", "db_url", "text://${tables}")
modparam("presence", "server_address", "sip:${host}:${port}")
modparam("presence", "clean_period", 5)
modparam("presence", "max_expires", 7200)
modparam("presence", "min_expires", 2)
modparam("presence_xml", "db_url", "text://${tables}")
modparam("presence_xml", "force_active", 1)
modparam("msilo", "db_url", "text://${tables}")
modparam("msilo", "outbound_proxy", "sip:${host}:${port}")
modparam("msilo", "add_date", 0)
modparam("msilo", "check_time", 2)
modparam("pua", "db_url", "text://${tables}")
modparam("pua", "outbound_proxy", "sip:${host}:${port}")
modparam("pua", "check_remote_contact", 0)
modparam("pua_reginfo", "default_domain", "${CHICAGO}")
modparam("pua_reginfo", "server_address", "sip:reginfo@${host}:${port}")
modparam("pua_reginfo", "outbound_proxy", "sip:${host}:${port}")
modparam("rls", "db_url", "text://${tables}")
modparam("rls", "integrated_xcap_server", 1)
modparam("rls", "to_presence_code", ${NO_LIST})
modparam("rls", "waitn_time", 1)
modparam("rls", "outbound_proxy", "sip:${host}:${port}")
modparam("rls", "server_address", "sip:rls@${host}:${port}")
`;
}

function configuration(tables: string): string {
  const { host, port } = PRESENCE_SERVER;
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=2
listen=udp:${host}:${port}
exit_timeout=${EXIT_TIMEOUT_S}
dns=no
rev_dns=no
auto_aliases=no
alias="${CHICAGO}"
${MODULES.map((name) => `loadmodule "${name}.so"`).join("\n")}
${parameters(tables)}request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (has_totag()) {
    if (is_method("SUBSCRIBE") && uri == myself) { route(PRESENCE); exit; }
    if (is_method("NOTIFY") && uri == myself) { route(TOLD); exit; }
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("REGISTER")) {
    if (!save("location")) { sl_reply_error(); exit; }
    m_dump();
    exit;
  }
  if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  if (is_method("PUBLISH|SUBSCRIBE")) { route(PRESENCE); exit; }
  if (is_method("INVITE")) record_route();
  if (!lookup("location")) {
    if (is_method("MESSAGE")) { route(KEEP); exit; }
    sl_send_reply("404", "Not Found");
    exit;
  }
  if (!t_relay()) sl_reply_error();
}
route[PRESENCE] {
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (is_method("PUBLISH")) { handle_publish(); t_release(); exit; }
  $var(code) = rls_handle_subscribe();
  if ($var(code) == ${NO_LIST}) handle_subscribe();
  t_release();
}
route[TOLD] {
  # Of those that its list subscribed to.
  if (!t_newtran()) { sl_reply_error(); exit; }
  rls_handle_notify();
  t_release();
}
route[KEEP] {
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (m_store("$ru")) t_reply("202", "Accepted");
  else t_reply("503", "Service Unavailable");
}
`;
}
