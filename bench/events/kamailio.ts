/** Kamailio as a presence server and as what keeps messages, with one UDP worker. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../../interop/child.ts";
import { until } from "../../interop/until.ts";
import { DOMAIN, isBound, type Server, type Wanted } from "../proxy/server.ts";

const START_MS = 10_000;
/** Its debugging allocator, the default of Debian's package, costs three times the CPU. */
const MEMORY = ["-x", "tlsf", "-X", "tlsf", "-m", "1024", "-M", "64"];
/** In the foreground, and without its own search for aliases in the DNS. */
const MANNERS = ["-DD", "-E", "-a", "no"];
const TABLES = "/usr/share/kamailio/db_sqlite";

/**
 * With `durable` what got a 2xx is in an SQLite file; without, subscriptions and publications are
 * in memory alone. Messages are in that file in both cases: `msilo` has no other place.
 */
export async function kamailio(folder: string, port: number, wanted: Wanted): Promise<Server> {
  const path = join(folder, "kamailio.cfg");
  const log = join(folder, "kamailio.log");
  const database = join(folder, "kamailio.sqlite");
  for (const name of ["standard", "usrloc", "presence", "msilo"]) {
    const input = readFileSync(join(TABLES, `${name}-create.sql`));
    execFileSync("sqlite3", [database], { input });
  }
  writeFileSync(path, configuration(database, port, wanted));
  const child = new Child(
    "taskset",
    ["-c", "0", "kamailio", "-f", path, "-w", folder, "-Y", folder, ...MANNERS, ...MEMORY],
    { log, cwd: folder },
  );
  await until("Kamailio listens", () => isBound(port) || undefined, START_MS);
  return { name: "kamailio", port, child };
}

const MODULES = [
  ...["tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "db_sqlite"],
  ...["presence", "presence_xml", "msilo"],
];

function configuration(database: string, port: number, { durable }: Wanted): string {
  const url = `sqlite:///${database}`;
  return `#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
maxbuffer=4194304
listen=udp:127.0.0.1:${port}
dns=no
rev_dns=no
use_dns_cache=off
auto_aliases=no
alias="${DOMAIN}"
${MODULES.map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("usrloc", "db_mode", 0)
modparam("usrloc", "hash_size", 14)
modparam("presence", "db_url", "${url}")
modparam("presence", "server_address", "sip:127.0.0.1:${port}")
modparam("presence", "subs_db_mode", ${durable ? 1 : 0})
modparam("presence", "publ_cache", ${durable ? 1 : 2})
modparam("presence", "subs_htable_size", 14)
modparam("presence", "pres_htable_size", 14)
modparam("presence", "max_expires", 7200)
modparam("presence_xml", "db_url", "${url}")
modparam("presence_xml", "force_active", 1)
modparam("msilo", "db_url", "${url}")
modparam("msilo", "outbound_proxy", "sip:127.0.0.1:${port}")
modparam("msilo", "add_date", 0)
request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("PUBLISH|SUBSCRIBE")) {
    if (!t_newtran()) { sl_reply_error(); exit; }
    if (is_method("PUBLISH")) handle_publish();
    else handle_subscribe();
    t_release();
    exit;
  }
  if (is_method("REGISTER")) { if (!save("location")) sl_reply_error(); exit; }
  if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  if (lookup("location")) { if (!t_relay()) sl_reply_error(); exit; }
  if (!is_method("MESSAGE")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_newtran()) { sl_reply_error(); exit; }
  if (m_store("$ru")) t_reply("202", "Accepted");
  else t_reply("503", "Service Unavailable");
}
`;
}
