/**
 * Kamailio as a relay of MSRP (its module `msrp`, RFC 4976): phones of the library sign in to it
 * with digest, and send each other files that nobody else carries.
 */
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageSessions, receiveFiles, sendFile } from "carillon/msrp";
import { Phone, type StreamMsrp, streamMsrp } from "carillon/node";
import { certificate } from "carillon/testing";
import { Child } from "./child.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const RELAY = { host: "127.0.0.11", port: 2866 };
const NAME = "relay.biloxi.example";
const START_MS = 10_000;
const STOP_MS = 20_000;
const EXIT_TIMEOUT_S = 4;
/** It has to have a chunk whole before it looks at it: as much as its buffers are told to hold. */
const BUFFER_OCTETS = 1_048_576;
const FILE_OCTETS = 2_000_000;
/**
 * Where two sign in at the same relay it is the next hop of itself, by a TLS connection that it
 * opens with the first frame. What comes until that is set up it keeps, 64 KiB by default, and
 * drops the rest though it has answered for it ("ct write buffer full").
 */
const KEPT_OCTETS = 8 * BUFFER_OCTETS;
/** Its module has frames of its own up to 16 KB. */
const CHUNK_OCTETS = 4096;

export async function msrpRelay(above: string, report: Report): Promise<void> {
  const folder = join(above, "msrp-relay");
  mkdirSync(folder);
  const { cert, key } = certificate({ name: NAME, ips: [RELAY.host] });
  const child = await start(folder, cert, key);
  const world = await streamMsrp({ tls: { ca: cert } });
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`Kamailio's MSRP relay: ${name}`, run);
  const people = [await Person.open("ann", world), await Person.open("ben", world)] as const;
  try {
    await check("two phones that sign in there send each other a file", () => sent(...people));
    await check("and back, at the same time as another", () => both(...people));
    await check("who has another password is not relayed", () => refused(world, people[1]));
  } finally {
    for (const person of people) await person.close();
    world.close();
    await child.stop(STOP_MS);
  }
}

class Person {
  readonly phone: Phone;

  private constructor(phone: Phone) {
    this.phone = phone;
  }

  static async open(user: string, world: StreamMsrp, password = `p${user}`): Promise<Person> {
    const phone = await Phone.open({
      ...{ aor: `sip:${user}@127.0.0.1`, local: { host: "127.0.0.1", port: 0 } },
    });
    const uri = `msrps://${RELAY.host}:${RELAY.port};tcp`;
    messageSessions(phone, world, {
      relay: { uri, credentials: { username: user, password } },
      chunkOctets: CHUNK_OCTETS,
    });
    return new Person(phone);
  }

  get target(): string {
    return `${this.phone.aor}:${this.phone.addresses[0]?.port}`;
  }

  close(): Promise<void> {
    return this.phone.close();
  }
}

/** The next file that comes, whole. */
async function taken(person: Person, signal: AbortSignal): Promise<Uint8Array> {
  const { value: file } = await receiveFiles(person.phone, { signal }).next();
  if (!file) throw new Error("nothing came");
  const octets = new Uint8Array(file.size ?? 0);
  await file.accept({
    write: (at: number, some: Uint8Array) => octets.set(some, at),
    read: (at: number, length: number) => octets.subarray(at, at + length),
  });
  return octets;
}

async function carried(from: Person, to: Person): Promise<number> {
  const content = randomBytes(FILE_OCTETS);
  const ended = new AbortController();
  const came = taken(to, ended.signal);
  came.catch(() => {});
  const startMs = performance.now();
  await sendFile(from.phone, to.target, {
    ...{ name: "a.bin", type: "application/octet-stream", size: content.length },
    read: async (offset, length) => content.subarray(offset, offset + length),
  }).done;
  const [one, other] = [content, await came].map((octets) =>
    createHash("sha256").update(octets).digest("hex"),
  );
  demand(one === other, "another file came");
  ended.abort();
  return performance.now() - startMs;
}

async function sent(ann: Person, ben: Person): Promise<string> {
  return `${FILE_OCTETS} octets in ${(await carried(ann, ben)).toFixed(0)} ms`;
}

async function both(ann: Person, ben: Person): Promise<string> {
  const [one, other] = await Promise.all([carried(ann, ben), carried(ben, ann)]);
  return `${one.toFixed(0)} and ${other.toFixed(0)} ms`;
}

async function refused(world: StreamMsrp, ben: Person): Promise<string> {
  const eve = await Person.open("eve", world, "guessed");
  const source = { name: "x", type: "text/plain", size: 1, read: async () => Uint8Array.of(1) };
  const why = await sendFile(eve.phone, ben.target, source).done.then(
    () => "it was sent",
    (error: Error) => error.message,
  );
  await eve.close();
  demand(why.includes("(401)"), why);
  return why;
}

async function start(folder: string, cert: string, key: string): Promise<Child> {
  const own = join(folder, "kamailio");
  mkdirSync(own);
  writeFileSync(join(own, "cert.pem"), cert);
  writeFileSync(join(own, "key.pem"), key);
  const files = `certificate = ${join(own, "cert.pem")}\nprivate_key = ${join(own, "key.pem")}`;
  const tls = `[server:default]\nmethod = TLSv1.2+\n${files}\nverify_certificate = no\n`;
  writeFileSync(join(own, "tls.cfg"), `${tls}[client:default]\nverify_certificate = no\n`);
  const path = join(own, "kamailio.cfg");
  writeFileSync(path, configuration(own));
  const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "128", "-M", "32"];
  const child = new Child("kamailio", args, { log: join(folder, "relay.log"), cwd: own });
  await until(
    "the relay listens",
    () => child.printed.includes("children") || child.printed.includes("TLS") || undefined,
    START_MS,
  );
  return child;
}

const MODULES = [
  "tm",
  "sl",
  "pv",
  "textops",
  "textopsx",
  "auth",
  "tls",
  "htable",
  "cfgutils",
  "msrp",
];

/** As its module's manual has it, with passwords of a rule in the place of a table. */
function configuration(own: string): string {
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=2
enable_tls=yes
listen=tls:${RELAY.host}:${RELAY.port}
tcp_accept_no_cl=yes
tcp_rd_buf_size=${BUFFER_OCTETS}
tcp_conn_wq_max=${8 * BUFFER_OCTETS}
exit_timeout=${EXIT_TIMEOUT_S}
dns=no
rev_dns=no
auto_aliases=no
alias="${NAME}"
${MODULES.map((name) => `loadmodule "${name}.so"`).join("\n")}
modparam("tls", "config", "${join(own, "tls.cfg")}")
modparam("tls", "con_ct_wq_max", ${KEPT_OCTETS})
modparam("tls", "ct_wq_max", ${2 * KEPT_OCTETS})
modparam("auth", "nonce_expire", 300)
modparam("htable", "htable", "msrp=>size=8;autoexpire=600;")
request_route { exit; }
event_route[msrp:frame-in] {
  msrp_reply_flags("1");
  if (msrp_is_reply()) {
    msrp_relay();
  } else if ($msrp(method) == "AUTH") {
    if ($msrp(nexthops) > 0) { msrp_relay(); exit; }
    if (!pv_www_authenticate("${NAME}", "p$au", "0", "$msrp(method)")) {
      if (auth_get_www_authenticate("${NAME}", "1", "$var(wauth)"))
        msrp_reply("401", "Unauthorized", "$var(wauth)");
      else msrp_reply("500", "Server Error");
      exit;
    }
    $var(cnt) = $var(cnt) + 1;
    $var(sessid) = "s" + $pp + "." + $var(cnt) + "." + $RANDOM;
    $sht(msrp=>$var(sessid)::srcaddr) = $msrp(srcaddr);
    $sht(msrp=>$var(sessid)::srcsock) = $msrp(srcsock);
    $shtex(msrp=>$var(sessid)) = 600;
    $var(hdrs) = "Use-Path: msrps://${RELAY.host}:${RELAY.port}/" + $var(sessid);
    $var(hdrs) = $var(hdrs) + ";tcp\\r\\nExpires: 500\\r\\n";
    msrp_reply("200", "OK", "$var(hdrs)");
  } else if ($msrp(method) == "SEND" || $msrp(method) == "REPORT") {
    if ($msrp(nexthops) > 1) {
      if ($msrp(method) != "REPORT") msrp_reply("200", "OK");
      msrp_relay();
      exit;
    }
    $var(sessid) = $msrp(sessid);
    if ($sht(msrp=>$var(sessid)::srcaddr) == $null) {
      msrp_reply("481", "Session-does-not-exist");
      exit;
    } else if ($msrp(method) != "REPORT") {
      msrp_reply("200", "OK");
    }
    msrp_relay_flags("1");
    msrp_set_dst("$sht(msrp=>$var(sessid)::srcaddr)", "$sht(msrp=>$var(sessid)::srcsock)");
    msrp_relay();
  } else {
    msrp_reply("501", "Request-method-not-understood");
  }
}
`;
}
