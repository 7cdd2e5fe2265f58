/** Kamailio as a stateful record-routing proxy and registrar with one UDP worker. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../../interop/child.ts";
import { until } from "../../interop/until.ts";
import { DOMAIN, isBound, type Server, type Wanted } from "./server.ts";

const START_MS = 10_000;
/** Its debugging allocator, the default of Debian's package, costs three times the CPU. */
const MEMORY = ["-x", "tlsf", "-X", "tlsf", "-m", "2048", "-M", "16"];
/** In the foreground, and without its own search for aliases in the DNS. */
const MANNERS = ["-DD", "-E", "-a", "no"];

export async function kamailio(folder: string, port: number, wanted: Wanted): Promise<Server> {
  const path = join(folder, "kamailio.cfg");
  const log = join(folder, "kamailio.log");
  writeFileSync(path, configuration(folder, port, wanted));
  if (wanted.durable) makeTables(folder);
  const child = new Child(
    "taskset",
    ["-c", "0", "kamailio", "-f", path, "-w", folder, "-Y", folder, ...MANNERS, ...MEMORY],
    { log, cwd: folder },
  );
  await until("Kamailio listens", () => isBound(port) || undefined, START_MS);
  return { name: "kamailio", port, child };
}

const modparam = (module: string, name: string, value: string): string =>
  `modparam("${module}", "${name}", "${value}")`;

const TABLES = "/usr/share/kamailio/db_sqlite";

function makeTables(folder: string): void {
  const database = join(folder, "kamailio.sqlite");
  for (const name of ["standard", "usrloc"]) {
    const input = readFileSync(join(TABLES, `${name}-create.sql`));
    execFileSync("sqlite3", [database], { input });
  }
}

/** What is asked of a message before it is worked on: who is let in, and what it costs. */
const admission = ({ costMs, limit }: Wanted) => ({
  modules: `${costMs ? 'loadmodule "cfgutils.so"' : ""}
${typeof limit === "number" ? 'loadmodule "ratelimit.so"' : ""}`,
  params:
    typeof limit === "number"
      ? `modparam("ratelimit", "timer_interval", 1)
modparam("ratelimit", "queue", "0:INVITE")
modparam("ratelimit", "pipe", "0:TAILDROP:${limit}")`
      : "",
  request: `${
    typeof limit === "number"
      ? `if (is_method("INVITE") && !has_totag()) {
    t_check_trans();
    if (!rl_check_pipe("0")) {
      append_to_reply("Retry-After: 10\\r\\n");
      sl_send_reply("503", "Service Unavailable");
      exit;
    }
  }`
      : ""
  }
  ${costMs ? `usleep("${1000 * costMs}");` : ""}`,
  reply: costMs ? `reply_route { usleep("${1000 * costMs}"); }` : "",
});

function configuration(folder: string, port: number, wanted: Wanted): string {
  const { digest, durable } = wanted;
  const admitted = admission(wanted);
  const database = `sqlite:///${join(folder, "kamailio.sqlite")}`;
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
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "textops.so"
loadmodule "siputils.so"
${durable ? 'loadmodule "db_sqlite.so"' : ""}
${digest ? 'loadmodule "auth.so"' : ""}
${admitted.modules}
${admitted.params}
modparam("usrloc", "db_mode", ${durable ? 1 : 0})
${durable ? modparam("usrloc", "db_url", database) : ""}
modparam("usrloc", "hash_size", 14)
modparam("registrar", "max_expires", 7200)
${digest ? 'modparam("auth", "nonce_expire", 300)' : ""}
${admitted.reply}
request_route {
  ${admitted.request}
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  ${
    digest
      ? `if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${DOMAIN}", "p$au", "0")) { www_challenge("${DOMAIN}", "1"); exit; }
  } else if (!pv_proxy_authenticate("${DOMAIN}", "p$au", "0")) {
    proxy_challenge("${DOMAIN}", "1");
    exit;
  }
  consume_credentials();`
      : ""
  }
  remove_hf("Route");
  if (is_method("INVITE")) record_route();
  if (is_method("REGISTER")) { if (!save("location")) sl_reply_error(); exit; }
  if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
`;
}
