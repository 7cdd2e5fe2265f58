/**
 * Kamailio as another domain: registrar and proxy of `biloxi.example` that stays on the path of its
 * calls, and a client of the house, where its `uac` module registers.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, SERVER } from "./house.ts";
import { until } from "./until.ts";

export const BILOXI = "biloxi.example";
/** An address of its own, so that it can be told from the phones of the house. */
export const KAMAILIO = { host: "127.0.0.9", port: 5070 };
const START_MS = 10_000;
const STOP_MS = 5_000;
/** Where Debian has its tables as text: these of its package are empty. */
const TABLES = "/usr/share/kamailio/dbtext/kamailio";

/** What people of its domain register with. */
export const passwordAt = (user: string): string => `p${user}`;

export interface KamailioOptions {
  readonly folder: string;
  /** Its account at the house, and whom at Biloxi it rings for. */
  readonly trunk: { readonly credentials: Credentials; readonly rings: string };
}

export class Kamailio {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start({ folder, trunk }: KamailioOptions): Promise<Kamailio> {
    const own = join(folder, "kamailio");
    const tables = join(own, "tables");
    mkdirSync(tables, { recursive: true });
    copyFileSync(join(TABLES, "version"), join(tables, "version"));
    writeFileSync(join(tables, "uacreg"), registrations(trunk.credentials));
    const path = join(own, "kamailio.cfg");
    writeFileSync(path, configuration(tables, trunk));
    const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "64", "-M", "8"];
    const child = new Child("kamailio", args, { log: join(folder, "kamailio.log"), cwd: own });
    await until("Kamailio listens", () => isListening() || undefined, START_MS);
    return new Kamailio(child);
  }

  get log(): string {
    return this.#child.printed;
  }

  async stop(): Promise<void> {
    await this.#child.stop(STOP_MS);
  }
}

/** `/proc/net/udp` has an address as its octets in the order of this machine. */
function isListening(): boolean {
  const octets = KAMAILIO.host.split(".").map(Number).reverse();
  const hex = Buffer.from(octets).toString("hex").toUpperCase();
  const port = KAMAILIO.port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`${hex}:${port} `);
}

/**
 * One row of `uacreg`, below the line that names its columns, of which some have to be empty. A
 * colon is escaped in it.
 */
function registrations({ user, password }: Credentials): string {
  const [columns = ""] = readFileSync(join(TABLES, "uacreg"), "utf8").split("\n");
  const values: Readonly<Record<string, string>> = {
    ...{ id: "1", l_uuid: "trunk", l_username: user, l_domain: BILOXI },
    ...{ r_username: user, r_domain: DOMAIN, realm: DOMAIN },
    ...{ auth_username: user, auth_password: password, auth_proxy: `sip:${SERVER}` },
    ...{ expires: "60", flags: "0", reg_delay: "0" },
    ...{ contact_addr: `${KAMAILIO.host}:${KAMAILIO.port}` },
  };
  const names = columns
    .trim()
    .split(" ")
    .map((column) => column.replace(/\(.*/, ""));
  const row = names.map((name) => (values[name] ?? "").replaceAll(":", "\\:"));
  return `${columns.replaceAll("(string)", "(string,null)")}\n${row.join(":")}\n`;
}

const MODULES = [
  ...["tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "auth"],
  ...["db_text", "uac"],
];

function configuration(tables: string, { credentials, rings }: KamailioOptions["trunk"]): string {
  const { host, port } = KAMAILIO;
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=2
disable_tcp=yes
listen=udp:${host}:${port}
dns=no
rev_dns=no
auto_aliases=no
alias="${BILOXI}"
${MODULES.map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("usrloc", "db_mode", 0)
modparam("auth", "nonce_expire", 300)
modparam("uac", "reg_db_url", "text://${tables}")
modparam("uac", "reg_contact_addr", "${host}:${port}")
modparam("uac", "reg_timer_interval", 1)
modparam("uac", "restore_mode", "none")
request_route {
  if (!mf_process_maxfwd_header("70")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) { if (!t_relay()) sl_reply_error(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${BILOXI}", "p$au", "0")) { www_challenge("${BILOXI}", "1"); exit; }
    if (!save("location")) sl_reply_error();
    exit;
  }
  # Who calls from here has to show it; from elsewhere anybody may call people here.
  if ($fd == "${BILOXI}") {
    if (!pv_proxy_authenticate("${BILOXI}", "p$au", "0")) {
      proxy_challenge("${BILOXI}", "1");
      exit;
    }
    consume_credentials();
  } else if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  remove_hf("Route");
  if (is_method("INVITE")) record_route();
  if ($rd == "${DOMAIN}") {
    $du = "sip:${SERVER}";
    if (!t_relay()) sl_reply_error();
    exit;
  }
  if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  if ($rU == "${credentials.user}") $ru = "sip:${rings}@${BILOXI}";
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
`;
}
