/** What sngrep decodes of our HEP, beside what the program says of itself (`carillon trace`). */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "./child.ts";
import { DOMAIN, House } from "./house.ts";
import { OwnPhone } from "./own-phone.ts";
import { talks } from "./own-phone-talk.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const COLLECTOR = "127.0.0.1:9060";
const TLS = { host: "127.0.0.1", port: 5061 };
const SECRET = "nobody-else-reads-this";
const WAIT_MS = 10_000;
/** Of a pcap file and of each packet in it. */
const [FILE_HEAD, PACKET_HEAD] = [24, 16];

/** With a house of its own: what goes over TLS sngrep hears from us alone. */
export async function hep(folder: string, report: Report): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await report.check("HEP: sngrep reads each message of a call over TLS, without its secrets", () =>
    compared(join(folder, "hep")),
  );
}

async function compared(folder: string): Promise<string> {
  const config = { hep: { to: COLLECTOR, id: 7, password: "north" } };
  const house = await House.start(folder, { log: "info", config });
  const file = join(folder, "heard.pcap");
  const listened = ["-N", "-q", "-L", `udp:${COLLECTOR}`, "-O", file];
  const sngrep = new Child("sngrep", listened, { log: join(folder, "sngrep.log") });
  const asked = ["packages/server/src/main.ts", "trace", "--json", "--full"];
  const trace = new Child(process.execPath, [...asked, "--data", join(folder, "data")], {
    ...{ log: join(folder, "trace.log"), cwd: ROOT },
  });
  await until("sngrep listens", () => listens(9060), WAIT_MS);
  const figure = await happens(house, trace);
  const told = headsIn(trace.printed.split("\n").flatMap(messageIn));
  await until("sngrep has all of it", () => hasAll(file, told), WAIT_MS).catch(() => {});
  await sngrep.stop(WAIT_MS);
  await trace.stop(WAIT_MS);
  await house.stop();
  const heard = messagesIn(file);
  const heads = headsIn(heard);
  const missing = [...told].filter((head) => !heads.has(head));
  demand(missing.length === 0, `${missing.length} of ${told.size} are missing: ${missing[0]}`);
  const all = heard.join("");
  demand(!all.includes(SECRET) && /\r\n\r\nx+/.test(all), "what was said is told");
  demand(!/response="/.test(all) && /\(left out\)/.test(all), "credentials are told");
  return `${told.size} messages, each with its octets; ${figure}`;
}

/** A call, and a message between two phones over TLS. */
async function happens(house: House, trace: Child): Promise<string> {
  const believes = readFileSync(house.certificate, "utf8");
  const [kim, lee] = await house.addDeskPhones(["Kim", "Lee"] as const);
  const open = ({ user, password }: typeof kim, rtpPort: number) =>
    OwnPhone.open({ aor: `sip:${user}@${DOMAIN}`, password, server: TLS, rtpPort, believes });
  const one = await open(kim, 30_060);
  const other = await open(lee, 30_062);
  await until("the trace begins", () => trace.printed.includes("REGISTER") || undefined, WAIT_MS);
  const figure = await talks(one, other, other.phone.aor);
  await one.phone.message(other.phone.aor, SECRET).catch(() => {});
  await pause(500);
  await Promise.all([one.close(), other.close()]);
  await pause(500);
  return figure;
}

function messageIn(line: string): readonly string[] {
  if (!line.startsWith("{")) return [];
  const { message } = JSON.parse(line) as { message?: string };
  return message === undefined ? [] : [message];
}

/** Each up to its body. */
const headsIn = (messages: readonly string[]): ReadonlySet<string> =>
  new Set(messages.map((message) => message.split("\r\n\r\n", 1)[0] ?? ""));

function hasAll(file: string, told: ReadonlySet<string>): true | undefined {
  const heads = headsIn(messagesIn(file));
  return [...told].every((head) => heads.has(head)) || undefined;
}

/** What of each packet is SIP. */
function messagesIn(file: string): readonly string[] {
  const octets = readFileSync(file);
  const messages: string[] = [];
  for (let at = FILE_HEAD; at + PACKET_HEAD <= octets.length; ) {
    const length = octets.readUInt32LE(at + 8);
    const packet = octets.subarray(at + PACKET_HEAD, at + PACKET_HEAD + length).toString("latin1");
    at += PACKET_HEAD + length;
    const start = /SIP\/2\.0 \d{3} |[A-Z]{3,10} sips?:[^\r\n]* SIP\/2\.0\r\n/.exec(packet);
    if (start) messages.push(packet.slice(start.index));
  }
  return messages;
}

function listens(port: number): true | undefined {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return readFileSync("/proc/net/udp", "latin1").includes(wanted) || undefined;
}
