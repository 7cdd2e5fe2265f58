/**
 * Kamailio as an exchange in the house: phones of people who live there register at it, and it
 * tells the house's server how they are: `pua_usrloc`, `pua_dialoginfo`. It watches there as well:
 * registrations by `pua_reginfo`, and by `rls` the people of a list, for whoever subscribes to it.
 * What it asks the house is signed with its people's own credentials.
 */
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, SERVER } from "./house.ts";
import { isListening, listRow } from "./presence-server.ts";
import { until } from "./until.ts";

export const EXCHANGE = { host: "127.0.0.11", port: 5070 };
const START_MS = 10_000;
/** A child stopped in mid-work makes it wait: a minute, where `exit_timeout` is not set. */
const EXIT_TIMEOUT_S = 4;
const STOP_MS = 20_000;
/** Where Debian has its tables as text: these of its package are empty. */
const TABLES = "/usr/share/kamailio/dbtext/kamailio";
/** What it calls its list. */
export const FRIENDS = `sip:friends@${DOMAIN}`;

export interface ExchangeOptions {
  readonly folder: string;
  /** Whose phones are at it; the first one watches registrations for it, and has the list. */
  readonly people: readonly Credentials[];
  /** The users of its list. */
  readonly friends: readonly string[];
}

export class Exchange {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(options: ExchangeOptions): Promise<Exchange> {
    const own = join(options.folder, "exchange");
    const tables = join(own, "tables");
    mkdirSync(own, { recursive: true });
    cpSync(TABLES, tables, { recursive: true });
    const owner = `${options.people[0]?.user}@${DOMAIN}`;
    const friends = options.friends.map((user) => `sip:${user}@${DOMAIN}`);
    appendFileSync(join(tables, "xcap"), `${listRow({ owner, uri: FRIENDS }, friends)}\n`);
    const path = join(own, "kamailio.cfg");
    writeFileSync(path, configuration(tables, options.people));
    const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "64", "-M", "8"];
    const child = new Child("kamailio", args, { log: join(own, "exchange.log"), cwd: own });
    await until("the exchange listens", () => isListening(EXCHANGE) || undefined, START_MS);
    return new Exchange(child);
  }

  get log(): string {
    return this.#child.printed;
  }

  async stop(): Promise<void> {
    await this.#child.stop(STOP_MS);
  }
}

const MODULES = [
  ...["tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "xlog"],
  ...["db_text", "uac", "dialog", "presence", "presence_xml", "pua", "pua_usrloc"],
  ...["pua_dialoginfo", "pua_reginfo", "rls"],
];

function parameters(tables: string, [first]: readonly Credentials[]): string {
  const { host, port } = EXCHANGE;
  const self = `sip:${host}:${port}`;
  return `modparam("usrloc", "db_mode", 0)
modparam("usrloc", "use_domain", 1)
modparam("presence|presence_xml|pua|rls", "db_url", "text://${tables}")
modparam("presence", "server_address", "${self}")
modparam("presence_xml", "force_active", 1)
modparam("pua", "outbound_proxy", "${self}")
modparam("pua", "check_remote_contact", 0)
modparam("pua", "dlginfo_increase_version", 1)
modparam("pua_usrloc", "default_domain", "${DOMAIN}")
modparam("pua_reginfo", "default_domain", "${DOMAIN}")
modparam("pua_reginfo", "publish_reginfo", 0)
modparam("pua_reginfo", "server_address", "sip:${first?.user}@${DOMAIN}")
modparam("pua_reginfo", "outbound_proxy", "${self}")
modparam("pua_dialoginfo", "override_lifetime", 60)
modparam("rls", "integrated_xcap_server", 1)
modparam("rls", "waitn_time", 1)
modparam("rls", "outbound_proxy", "${self}")
modparam("rls", "server_address", "sip:rls@${host}:${port}")
modparam("uac", "auth_realm_avp", "$avp(realm)")
modparam("uac", "auth_username_avp", "$avp(user)")
modparam("uac", "auth_password_avp", "$avp(password)")
`;
}

function configuration(tables: string, people: readonly Credentials[]): string {
  const { host, port } = EXCHANGE;
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=4
listen=udp:${host}:${port}
exit_timeout=${EXIT_TIMEOUT_S}
dns=no
rev_dns=no
auto_aliases=no
# Of others it tells nothing.
alias="${DOMAIN}"
${MODULES.map((name) => `loadmodule "${name}.so"`).join("\n")}
${parameters(tables, people)}${routes(people)}`;
}

function routes(people: readonly Credentials[]): string {
  const { host } = EXCHANGE;
  const signed = people.map(
    ({ user, password }) => `if ($fU == "${user}") $avp(password) = "${password}";`,
  );
  return `request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  # What it asks itself, it asks by way of itself.
  if (is_method("PUBLISH|SUBSCRIBE") && $si == "${host}") { route(HOUSE); exit; }
  if (has_totag()) {
    if (is_method("NOTIFY") && $si == "127.0.0.1" && $sp == 5060) { route(TOLD); exit; }
    if (is_method("SUBSCRIBE")) { route(LIST); exit; }
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("REGISTER")) {
    pua_set_publish();
    if (!save("location")) { sl_reply_error(); exit; }
    exit;
  }
  if (is_method("OPTIONS")) {
    # Whoever it asks for is watched from then on.
    reginfo_subscribe("sip:$rU@${DOMAIN}");
    sl_send_reply("200", "OK");
    exit;
  }
  if (is_method("SUBSCRIBE")) { route(LIST); exit; }
  if (is_method("INVITE")) { record_route(); dlg_manage(); }
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
route[LIST] {
  if (!t_newtran()) { sl_reply_error(); exit; }
  rls_handle_subscribe();
  t_release();
}
route[HOUSE] {
  $avp(realm) = "${DOMAIN}";
  $avp(user) = $fU;
  ${signed.join("\n  ")}
  $du = "sip:${SERVER}";
  t_on_failure("SIGN");
  if (!t_relay()) sl_reply_error();
}
failure_route[SIGN] {
  if (t_check_status("401|407") && uac_auth()) {
    $du = "sip:${SERVER}";
    t_relay();
  }
}
route[TOLD] {
  if (!t_newtran()) { sl_reply_error(); exit; }
  if ($hdr(Event) =~ "^reg") {
    $var(told) = reginfo_handle_notify("location");
    xlog("L_ERR", "registrations: $var(told)\\n");
    t_reply("200", "OK");
  } else rls_handle_notify();
  t_release();
}
`;
}
