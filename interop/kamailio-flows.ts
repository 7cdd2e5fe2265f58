/**
 * A phone of the library at Kamailio, as a device with a name: its GRUU is where it is called in
 * a dialog, and Kamailio answers its pings and its STUN. RFC 5626, RFC 5627.
 */
import { createSocket } from "node:dgram";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Call, Phone, type VoiceMedia } from "carillon/node";
import { Child } from "./child.ts";
import { BILOXI } from "./kamailio.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";

const AT = { host: "127.0.0.10", port: 5080 };
const START_MS = 10_000;
const STOP_MS = 5000;
/** In a call a ping goes out every three seconds. */
const PINGED_MS = 8000;

export async function kamailioFlows(folder: string, report: Report): Promise<void> {
  const own = join(folder, "kamailio-flows");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "kamailio.cfg"), CONFIGURATION);
  const path = join(own, "kamailio.cfg");
  const args = ["-f", path, "-w", own, "-Y", own, "-DD", "-E", "-a", "no", "-m", "64", "-M", "8"];
  const child = new Child("kamailio", args, { log: join(folder, "kamailio-flows.log"), cwd: own });
  await until("Kamailio listens", async () => (await answersStun()) || undefined, START_MS);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`a phone of the library at Kamailio: ${name}`, run);
  await check("is called in a dialog at its GRUU, and its pings are answered", gruu);
  await check("asks by STUN where it is seen", stun);
  await child.stop(STOP_MS);
}

async function gruu(): Promise<string> {
  const sent: string[] = [];
  const ann = await open("ann", 1, sent);
  const ben = await open("ben", 2, []);
  try {
    const calls = ben.calls();
    const call = ann.call(`sip:ben@${BILOXI}`);
    const { value: to } = (await calls.next()) as { value: Call<VoiceMedia> };
    await to.answer({ audio: true, video: false });
    await call.answered;
    const invite = sent.find((text) => text.startsWith("INVITE ")) ?? "";
    const contact = /^Contact: <([^>]*)>/m.exec(invite)?.[1] ?? "";
    demand(contact === `sip:ann@${BILOXI};gr=${instanceOf(1)}`, `its Contact was ${contact}`);
    await to.hold();
    const held = call.state.name === "Established" ? call.state.held : call.state.name;
    demand(held === "ByThem", `a re-INVITE to the GRUU did not arrive: ${held}`);
    await pause(PINGED_MS);
    const pings = sent.filter((text) => text === "\r\n\r\n").length;
    demand(pings >= 2, `${pings} pings went out`);
    demand(call.state.name === "Established", `a ping was not answered: ${call.state.name}`);
    to.hangUp();
    demand((await call.ended).by === "remote", "a BYE to the GRUU did not arrive");
    return `${contact}; ${pings} pings`;
  } finally {
    await Promise.all([ann.close(), ben.close()]);
  }
}

async function open(user: string, nth: number, sent: string[]): Promise<Phone<VoiceMedia>> {
  const phone = await Phone.open({
    ...{ aor: `sip:${user}@${BILOXI}`, password: "none", instance: instanceOf(nth) },
    servers: [`sip:${AT.host}:${AT.port};transport=tcp`],
    local: { host: "127.0.0.1" },
    trace: ({ direction, octets }) => void (direction === "out" && sent.push(octets)),
  });
  await phone.register();
  return phone;
}

const instanceOf = (nth: number): string => `urn:uuid:00000000-0000-0000-0000-00000000000${nth}`;

/** A Binding Request by hand, so that the answer is read by something that did not write it. */
async function stun(): Promise<string> {
  const seen = await answersStun();
  demand(seen !== "", "no answer came");
  return seen;
}

/** At which port it saw us, if that is ours; empty without an answer. */
async function answersStun(): Promise<string> {
  const socket = createSocket("udp4");
  try {
    const name = "0102030405060708090a0b0c";
    socket.send(Buffer.from(`000100002112a442${name}`, "hex"), AT.port, AT.host);
    let answer = "";
    socket.once("message", (bytes) => {
      answer = bytes.toString("hex");
    });
    socket.on("error", () => {});
    for (let i = 0; i < 20 && answer === ""; i++) await pause(20);
    const port = xorPortIn(answer);
    return answer.startsWith("0101") && port === socket.address().port ? `at ${port}` : "";
  } finally {
    socket.close();
  }
}

/** RFC 5389 §15.2: XOR-MAPPED-ADDRESS of an IPv4 address, in hexadecimal. */
const xorPortIn = (answer: string): number =>
  Number.parseInt(/00200008..01(....)/.exec(answer)?.[1] ?? "", 16) ^ 0x2112;

const CONFIGURATION = `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=1
tcp_children=1
listen=udp:${AT.host}:${AT.port}
listen=tcp:${AT.host}:${AT.port}
dns=no
rev_dns=no
auto_aliases=no
alias="${BILOXI}"
tcp_crlf_ping=yes
${["tm", "sl", "rr", "pv", "usrloc", "registrar", "siputils", "textops", "stun"]
  .map((name) => `loadmodule "${name}.so"`)
  .join("\n")}
modparam("usrloc", "db_mode", 0)
modparam("registrar", "gruu_enabled", 1)
request_route {
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (has_totag()) {
    if (loose_route()) {
      # A GRUU is a name of this domain, and leads to one device.
      if (uri == myself) lookup("location");
      if (!t_relay()) sl_reply_error();
      exit;
    }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not Here");
    exit;
  }
  if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("REGISTER")) { if (!save("location")) sl_reply_error(); exit; }
  if (is_method("INVITE")) record_route();
  if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
  if (!t_relay()) sl_reply_error();
}
`;
