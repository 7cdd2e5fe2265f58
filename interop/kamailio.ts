/**
 * Kamailio as another domain: registrar and proxy of `biloxi.example` that stays on the path of its
 * calls, and a client of the house, where its `uac` module registers.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificate } from "carillon/testing";
import { Child } from "./child.ts";
import { type Credentials, DOMAIN, SERVER, SERVER_OVER_TLS } from "./house.ts";
import { until } from "./until.ts";

export const BILOXI = "biloxi.example";
/** An address of its own, so that it can be told from the phones of the house. */
export const KAMAILIO = { host: "127.0.0.9", port: 5070 };
export const KAMAILIO_OVER_TLS = { host: KAMAILIO.host, port: 5071 };
/** How it calls itself there: RFC 5922 knows no addresses in certificates. */
const NAME = `sip.${BILOXI}`;
const START_MS = 10_000;
/** A child stopped in mid-work makes it wait: a minute, where `exit_timeout` is not set. */
const EXIT_TIMEOUT_S = 4;
const STOP_MS = 20_000;
/** Where Debian has its tables as text: these of its package are empty. */
const TABLES = "/usr/share/kamailio/dbtext/kamailio";

/** What people of its domain register with. */
export const passwordAt = (user: string): string => `p${user}`;

export interface KamailioOptions {
  readonly folder: string;
  /** Its account at the house, and whom at Biloxi it rings for. */
  readonly trunk: Trunk;
  /** Another one, where it registers over TLS. */
  readonly secureTrunk: Trunk;
  /** The file with the certificate of the house. */
  readonly believes: string;
}

interface Trunk {
  readonly credentials: Credentials;
  readonly rings: string;
}

export class Kamailio {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(options: KamailioOptions): Promise<Kamailio> {
    const { folder, trunk, secureTrunk, believes } = options;
    const own = ownFolder(folder);
    const tables = join(own, "tables");
    mkdirSync(tables, { recursive: true });
    copyFileSync(join(TABLES, "version"), join(tables, "version"));
    writeFileSync(
      join(tables, "uacreg"),
      registrations(trunk.credentials, secureTrunk.credentials),
    );
    writeFileSync(join(own, "tls.cfg"), tlsConfiguration(own, believes));
    const path = join(own, "kamailio.cfg");
    writeFileSync(path, configuration(own, [trunk, secureTrunk]));
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

/** Its certificate, made before anybody has to believe it. Gives back the file with it. */
export function makeCertificate(folder: string): string {
  const own = ownFolder(folder);
  mkdirSync(own, { recursive: true });
  const shown = certificate({ name: BILOXI, uris: [`sip:${BILOXI}`, `sip:${NAME}`] });
  writeFileSync(join(own, "cert.pem"), shown.cert);
  writeFileSync(join(own, "key.pem"), shown.key);
  return join(own, "cert.pem");
}

const ownFolder = (folder: string): string => join(folder, "kamailio");

/** It shows it to the house as well, and wants to see one of whom it calls. */
function tlsConfiguration(own: string, believes: string): string {
  const cert = join(own, "cert.pem");
  const files = `certificate = ${cert}\nprivate_key = ${join(own, "key.pem")}`;
  return `[server:default]
method = TLSv1.2+
${files}
verify_certificate = no
[client:default]
method = TLSv1.2+
${files}
verify_certificate = yes
require_certificate = yes
ca_list = ${believes}
`;
}

/** `/proc/net/udp` has an address as its octets in the order of this machine. */
function isListening(): boolean {
  const octets = KAMAILIO.host.split(".").map(Number).reverse();
  const hex = Buffer.from(octets).toString("hex").toUpperCase();
  const port = KAMAILIO.port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/net/udp", "latin1").includes(`${hex}:${port} `);
}

/**
 * Rows of `uacreg`, below the line that names its columns, of which some have to be empty. A colon
 * is escaped in them.
 */
function registrations(trunk: Credentials, secureTrunk: Credentials): string {
  const [columns = ""] = readFileSync(join(TABLES, "uacreg"), "utf8").split("\n");
  const rows = [
    registration("1", trunk, `sip:${SERVER}`, KAMAILIO.port),
    registration("2", secureTrunk, `sip:${SERVER_OVER_TLS};transport=tls`, KAMAILIO_OVER_TLS.port),
  ];
  const names = columns
    .trim()
    .split(" ")
    .map((column) => column.replace(/\(.*/, ""));
  const lines = rows.map((row) =>
    names.map((name) => (row[name] ?? "").replaceAll(":", "\\:")).join(":"),
  );
  return `${columns.replaceAll("(string)", "(string,null)")}\n${lines.join("\n")}\n`;
}

function registration(
  id: string,
  { user, password }: Credentials,
  server: string,
  port: number,
): Readonly<Record<string, string>> {
  const transport = port === KAMAILIO.port ? "" : ";transport=tls";
  return {
    ...{ id, l_uuid: user, l_username: user, l_domain: BILOXI },
    ...{ r_username: user, r_domain: DOMAIN, realm: DOMAIN },
    ...{ auth_username: user, auth_password: password, auth_proxy: server },
    ...{ expires: "60", flags: "0", reg_delay: "0" },
    ...{ contact_addr: `${KAMAILIO.host}:${port}${transport}` },
  };
}

const MODULES = [
  ...["tm", "sl", "rr", "pv", "maxfwd", "usrloc", "registrar", "textops", "siputils", "auth"],
  ...["db_text", "uac", "tls"],
];

/** Requests of over 1300 octets go over TCP: RFC 3261 §18.1.1. */
const GLOBALS = `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=2
tcp_children=2
enable_tls=yes
listen=udp:${KAMAILIO.host}:${KAMAILIO.port}
listen=tcp:${KAMAILIO.host}:${KAMAILIO.port}
udp_mtu=1300
udp_mtu_try_proto=TCP
listen=tls:${KAMAILIO.host}:${KAMAILIO_OVER_TLS.port}
exit_timeout=${EXIT_TIMEOUT_S}
dns=no
rev_dns=no
auto_aliases=no
alias="${BILOXI}"
alias="${NAME}"
`;

function configuration(own: string, trunks: readonly Trunk[]): string {
  const { host, port } = KAMAILIO;
  const tlsPort = KAMAILIO_OVER_TLS.port;
  const rings = trunks.map(
    ({ credentials, rings }) => `if ($rU == "${credentials.user}") $ru = "sip:${rings}@${BILOXI}";`,
  );
  return `${GLOBALS}${MODULES.map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("usrloc", "db_mode", 0)
modparam("auth", "nonce_expire", 300)
modparam("tls", "config", "${join(own, "tls.cfg")}")
modparam("uac", "reg_db_url", "text://${join(own, "tables")}")
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
  if (is_method("INVITE|REFER|SUBSCRIBE")) {
    if ($proto == "tls") record_route_preset("${NAME}:${tlsPort};transport=tls");
    else record_route();
  }
  if ($rd == "${DOMAIN}") {
    if ($proto == "tls") $du = "sip:${SERVER_OVER_TLS};transport=tls";
    else $du = "sip:${SERVER}";
    if (!t_relay()) sl_reply_error();
    exit;
  }
  if (uri != myself) { sl_send_reply("403", "Forbidden"); exit; }
  ${rings.join("\n  ")}
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
`;
}
