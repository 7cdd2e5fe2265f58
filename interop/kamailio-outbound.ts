/** Kamailio as a registrar that knows Path and flows, and as an edge with flow tokens. */
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Child } from "./child.ts";
import { until } from "./until.ts";

export const HOME = "biloxi.example";
export const REGISTRAR_AT = { host: "127.0.0.11", port: 5070 };
export const EDGE_AT = { host: "127.0.0.12", port: 5080 };
const START_MS = 10_000;
const STOP_MS = 5000;

export class KamailioAt {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static registrar(folder: string): Promise<KamailioAt> {
    return KamailioAt.#start(folder, REGISTRAR_AT, REGISTRAR);
  }

  /** In front of the registrar at `server`, `127.0.0.1:5060`. */
  static edge(folder: string, server: string): Promise<KamailioAt> {
    return KamailioAt.#start(folder, EDGE_AT, edge(server));
  }

  static async #start(
    folder: string,
    at: { readonly host: string; readonly port: number },
    configuration: string,
  ): Promise<KamailioAt> {
    const own = join(folder, "kamailio");
    mkdirSync(own, { recursive: true });
    const path = join(own, "kamailio.cfg");
    writeFileSync(path, configuration);
    const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "64", "-M", "8"];
    const child = new Child("kamailio", args, { log: join(folder, "kamailio.log"), cwd: own });
    await until("Kamailio listens", () => isListening(at), START_MS);
    return new KamailioAt(child);
  }

  async stop(): Promise<void> {
    await this.#child.stop(STOP_MS);
  }
}

function isListening({ host, port }: typeof EDGE_AT): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(undefined));
  });
}

const globals = ({ host, port }: typeof EDGE_AT, modules: readonly string[]): string => `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=1
listen=udp:${host}:${port}
listen=tcp:${host}:${port}
dns=no
rev_dns=no
auto_aliases=no
tcp_crlf_ping=yes
tcp_connection_lifetime=3604
tcp_accept_no_cl=yes
exit_timeout=4
${modules.map((name) => `loadmodule "${name}.so"`).join("\n")}
`;

const COMMON = ["tm", "sl", "pv", "siputils", "textops", "maxfwd"];

/**
 * It calls one flow of a device at a time, and the next one after a 430. \`path_mode\` 2: Path is
 * refused where Supported does not name it.
 */
const REGISTRAR = `${globals(REGISTRAR_AT, [...COMMON, "rr", "usrloc", "registrar", "path"])}
alias="${HOME}"
modparam("usrloc", "db_mode", 0)
modparam("tm", "fr_timer", 2000)
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 2)
modparam("registrar", "outbound_mode", 1)
modparam("registrar", "gruu_enabled", 1)
modparam("tm", "contacts_avp", "$avp(tm_contacts)")
modparam("tm", "contact_flows_avp", "$avp(tm_contact_flows)")
request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("REGISTER")) { if (!save("location")) sl_reply_error(); exit; }
  if (is_method("INVITE")) record_route();
  if (!lookup("location")) { sl_send_reply("480", "Not Online"); exit; }
  if (!t_load_contacts()) { sl_reply_error(); exit; }
  # Of one contact alone it says no, and there is none to choose.
  t_next_contacts();
  t_on_branch_failure("next_flow");
  if (!t_relay()) sl_reply_error();
}
event_route[tm:branch-failure:next_flow] {
  if (t_check_status("430|408")) {
    t_next_contact_flow();
    t_on_branch_failure("next_flow");
    t_relay();
  }
}
`;

const edge = (server: string): string => `${globals(EDGE_AT, [
  ...COMMON,
  ...["stun", "outbound", "rr", "path"],
])}
request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  # With a flow token of ours in the topmost Route: over that flow. -2: it was changed.
  $var(rc) = loose_route();
  if ($var(rc) == -2) { sl_send_reply("403", "Forbidden"); exit; }
  if (is_method("REGISTER")) {
    remove_hf("Route");
    if (!add_path()) { sl_reply_error(); exit; }
  }
  if (is_method("INVITE")) record_route();
  if ($var(rc) < 0 || is_method("REGISTER")) $du = "sip:${server}";
  t_on_failure("flow_gone");
  if (!t_relay()) sl_send_reply("430", "Flow Failed");
}
failure_route[flow_gone] {
  if (!t_branch_replied() && t_check_status("477|500|503")) t_reply("430", "Flow Failed");
}
`;
