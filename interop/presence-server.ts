/**
 * Kamailio as a presence server: registrar, proxy and compositor of `chicago.example`, where who
 * says to be somebody is.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { until } from "./until.ts";

export const CHICAGO = "chicago.example";
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
  const path = join(own, "kamailio.cfg");
  writeFileSync(path, configuration(tables));
  const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "64", "-M", "8"];
  const child = new Child("kamailio", args, { log: join(above, "presence.log"), cwd: own });
  await until("the presence server listens", () => isListening() || undefined, START_MS);
  return child;
}

export async function stopPresenceServer(child: Child): Promise<void> {
  await child.stop(STOP_MS);
}

/** `/proc/net/udp` has an address as its octets in the order of this machine. */
function isListening(): boolean {
  const octets = PRESENCE_SERVER.host.split(".").map(Number).reverse();
  const hex = Buffer.from(octets).toString("hex").toUpperCase();
  const port = PRESENCE_SERVER.port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`${hex}:${port} `);
}

const MODULES = [
  ...["tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "db_text"],
  ...["presence", "presence_xml", "presence_dialoginfo", "presence_mwi"],
];

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
modparam("usrloc", "db_mode", 0)
modparam("presence", "db_url", "text://${tables}")
modparam("presence", "server_address", "sip:${host}:${port}")
modparam("presence", "clean_period", 5)
modparam("presence", "max_expires", 7200)
modparam("presence", "min_expires", 2)
modparam("presence_xml", "db_url", "text://${tables}")
modparam("presence_xml", "force_active", 1)
request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (has_totag()) {
    if (is_method("SUBSCRIBE") && uri == myself) { route(PRESENCE); exit; }
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("REGISTER")) { if (!save("location")) sl_reply_error(); exit; }
  if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  if (is_method("PUBLISH|SUBSCRIBE")) { route(PRESENCE); exit; }
  if (is_method("INVITE")) record_route();
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
route[PRESENCE] {
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (is_method("PUBLISH")) { handle_publish(); t_release(); exit; }
  handle_subscribe();
  t_release();
}
`;
}
