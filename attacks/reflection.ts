/** Requests from nobody, with the Via of somebody else: what that one hears of it. */
import { readFileSync } from "node:fs";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";
import { METHODS, requestText, Stranger } from "./stranger.ts";

const VICTIM = "127.0.0.66";
const PORTS = { source: 5066, other: 5070 } as const;
/** The bounds, in octets out for each in, by the size of what came in. */
const [LARGE, LARGE_RATIO, SMALL_RATIO] = [600, 1.5, 3];
/** In which a final response would be repeated: T1, twice T1. In the long form all of timer H. */
const [REPEATED_MS, TIMER_H_MS] = [2500, 33_000];

interface Sent {
  readonly name: string;
  readonly branch: string;
  readonly text: string;
}

export async function reflection(folder: string, report: Report, isFull: boolean): Promise<void> {
  const what = `${METHODS.length} methods from nobody, in somebody else's name`;
  const name = `${what}: not much more comes out than goes in`;
  await report.check(name, async () => {
    const stage = await Stage.open(folderIn(folder, "reflection"), 1);
    // With one in the house, more algorithms are offered, and answers are longest.
    await stage.house.addDeskPhones(["Zoe"]);
    const victims = await Promise.all([
      Stranger.at(VICTIM, PORTS.source),
      Stranger.at(VICTIM, PORTS.other),
      Stranger.at("127.0.0.67", PORTS.other),
    ]);
    const sent = requests();
    const cost = await stage.cost(async () => {
      for (const { text } of sent) {
        victims[0]?.say(text);
        await pause(2);
      }
      await pause(isFull ? TIMER_H_MS : REPEATED_MS);
    });
    const heard = victims.flatMap((victim) => victim.heard);
    for (const victim of victims) victim.close();
    const worst = judge(sent, heard);
    await stage.close();
    const packets = `${sent.length} packets in, ${heard.length} out`;
    const octets = `for each octet at most ${worst.large} from ${LARGE} on, ${worst.small} below`;
    return `${packets}; ${octets}; ${cost.figure}`;
  });
  await report.check("ports and addresses that are nobody's hear nothing", () =>
    forgedPorts(folderIn(folder, "reflection-ports")),
  );
}

// ---- ports and addresses that are nobody's -----------------------------------------------------

/** Services that answer whatever comes: echo, chargen, DNS, NTP, SNMP, SSDP, memcached. */
const SERVICES = [7, 19, 53, 123, 161, 1900, 11_211];
const NOWHERE = ["255.255.255.255", "127.255.255.255", "239.1.2.3", "224.0.1.75", "0.0.0.0"];
const OTHERS = ["127.0.0.67", SIP.host];

/** What stands in Via, and whether nothing may come of it at all. */
function forgedVias(): readonly { readonly via: string; readonly isDropped: boolean }[] {
  const ports = [0, ...SERVICES];
  const forms = (host: string): readonly string[] => [
    ...[`UDP ${host}:5070`, `UDP ${host}:5070;rport`, `UDP ${host};received=${host}`],
    ...ports.map((port) => `UDP ${host}:${port}`),
  ];
  const nobodys = NOWHERE.filter((host) => !host.startsWith("127."));
  return [
    ...nobodys.flatMap(forms).map((via) => ({ via, isDropped: true })),
    ...SERVICES.map((port) => ({ via: `UDP ${VICTIM}:${port}`, isDropped: true })),
    ...[`UDP ${VICTIM}:0`, `UDP ${SIP.host}:${SIP.port}`, `UDP ${SIP.host}:${SIP.port};rport`]
      .concat([`UDP ${VICTIM}:19;rport`, `UDP ${VICTIM}:5070;rport=19`])
      .concat(NOWHERE.map((host) => `UDP ${VICTIM}:5070;received=${host};rport`))
      .concat(NOWHERE.map((host) => `UDP ${VICTIM}:5070;maddr=${host}`))
      .map((via) => ({ via, isDropped: false })),
  ];
}

/**
 * The kernel counts all that leaves this network: what the program sent, and did not arrive at
 * those who are meant to hear it, went somewhere else.
 */
async function forgedPorts(folder: string): Promise<string> {
  const stage = await Stage.open(folder, 1);
  const sender = await Stranger.at(VICTIM, PORTS.source);
  const services = await Promise.all(SERVICES.map((port) => Stranger.at(VICTIM, port)));
  const others = await Promise.all(OTHERS.map((host) => Stranger.at(host, PORTS.other)));
  // Where answers go that are the sender's own: its other port, and the usual one.
  const own = await Promise.all([PORTS.other, 5060].map((port) => Stranger.at(VICTIM, port)));
  const at = [sender, ...own];
  const all = forgedVias();
  let [said, asked] = [0, 0];
  const before = datagramsOut();
  const cost = await stage.cost(async () => {
    for (const [i, { via }] of all.entries()) {
      for (const method of ["OPTIONS", "INVITE", "REGISTER", "BYE"]) {
        sender.say(requestText({ method, nth: `v${i}${method}`, via }));
        said++;
        await pause(4);
      }
    }
    // And from the ports of such services: made up, and not looked at.
    for (const [i, one] of services.entries()) {
      // Higher ones a NAT may have given to a phone.
      if ((SERVICES[i] ?? 0) >= 1024) continue;
      one.say(requestText({ method: "OPTIONS", nth: `s${i}`, via: `UDP ${VICTIM};rport` }));
      one.say(requestText({ method: "INVITE", nth: `t${i}`, via: one.via }));
      said += 2;
    }
    await pause(REPEATED_MS);
  });
  const left = datagramsOut() - before - said;
  for (const [i, { via, isDropped }] of all.entries()) {
    const answers = at.flatMap(({ heard }) => heard.filter((one) => isOf(one, `v${i}`)));
    asked += isDropped ? 0 : 4;
    demand(!isDropped || answers.length === 0, `${via}: ${answers.length} answers`);
    demand(answers.length <= 4, `${via}: ${answers.length} answers to 4 requests`);
    const octets = answers.reduce((sum, { length }) => sum + length, 0);
    const sent = 4 * requestText({ method: "OPTIONS", nth: `v${i}OPTIONS`, via }).length;
    demand(octets <= SMALL_RATIO * sent, `${via}: ${octets} octets for ${sent}`);
  }
  const atServices = services.reduce((sum, { heard }) => sum + heard.length, 0);
  const atOthers = others.reduce((sum, { heard }) => sum + heard.length, 0);
  const heard = at.reduce((sum, one) => sum + one.heard.length, 0);
  for (const one of [...at, ...services, ...others]) one.close();
  demand(atServices === 0, `${atServices} datagrams came to ports of such services`);
  demand(atOthers === 0, `${atOthers} datagrams came to others`);
  demand(heard > 0, "nothing was answered at all");
  demand(left <= heard, `${left} datagrams left, and ${heard} came back to their sender`);
  await stage.close();
  const forged = `${all.length} forged Vias and ${SERVICES.length} forged sources`;
  const answers = `${said} requests; ${heard} answers to ${asked}, 0 elsewhere`;
  return `${forged}, ${answers}; ${cost.figure}`;
}

const isOf = (answer: string, nth: string): boolean =>
  ["OPTIONS", "INVITE", "REGISTER", "BYE"].some((method) =>
    answer.includes(`Call-ID: ${nth}${method}@`),
  );

/** All UDP datagrams that anybody in this network has sent. */
function datagramsOut(): number {
  const lines = readFileSync("/proc/net/snmp", "utf8").split("\n");
  const [names = "", values = ""] = lines.filter((line) => line.startsWith("Udp:"));
  return Number(values.split(" ")[names.split(" ").indexOf("OutDatagrams")]);
}

type TextOf = (method: string, nth: string, via: string) => string;

const SIZES: Readonly<Record<string, TextOf>> = {
  usual: (method, nth, via) => requestText({ method, nth, via }),
  large(method, nth, via) {
    const missing = LARGE - requestText({ method, nth, via }).length;
    return requestText({ method, nth, via, more: [`Subject: ${"x".repeat(missing)}`] });
  },
  /** Of headers that the answer repeats. */
  repeated(method, nth, via) {
    const missing = LARGE - requestText({ method, nth, via }).length;
    return requestText({ method, nth, via, from: `sip:${"x".repeat(missing)}@${DOMAIN}` });
  },
  /** Nothing but what every request must have, in its shortest form. */
  smallest: (method, nth, via) =>
    [
      `${method} sip:${DOMAIN} SIP/2.0`,
      `v:SIP/2.0/${via};branch=z9hG4bK-${nth}`,
      ...[`f:<sip:a@b>;tag=1`, `t:<sip:a@${DOMAIN}>`, `i:${nth}`, `CSeq:1 ${method}`],
      ...["Max-Forwards:9", "", ""],
    ].join("\r\n"),
};

function requests(): readonly Sent[] {
  const vias = {
    "with rport": `UDP ${VICTIM}:${PORTS.source};rport`,
    "at another port": `UDP ${VICTIM}:${PORTS.other}`,
    "with maddr": `UDP ${VICTIM}:${PORTS.source};maddr=127.0.0.67`,
    "of another host": `UDP 127.0.0.67:${PORTS.other}`,
  };
  const all: Sent[] = [];
  for (const method of METHODS) {
    for (const [what, via] of Object.entries(vias)) {
      for (const [size, textOf] of Object.entries(SIZES)) {
        const nth = `r${all.length}.`;
        const text = textOf(method, nth, via);
        all.push({ name: `${size} ${method}, ${what}`, branch: `z9hG4bK-${nth}`, text });
      }
    }
  }
  return all;
}

/** The largest ratios of octets; throws over a bound. */
function judge(sent: readonly Sent[], heard: readonly string[]) {
  const worst = { large: 0, small: 0 };
  let answered = 0;
  for (const { name, branch, text } of sent) {
    const answers = heard.filter((one) => one.includes(branch));
    demand(answers.length <= 1, `${name}: ${answers.length} packets for one`);
    answered += answers.length;
    const ratio = answers.reduce((sum, { length }) => sum + length, 0) / text.length;
    const size = text.length >= LARGE ? "large" : "small";
    const bound = size === "large" ? LARGE_RATIO : SMALL_RATIO;
    demand(ratio <= bound, `${name}: ${ratio.toFixed(2)} octets for each of ${text.length}`);
    worst[size] = Math.max(worst[size], ratio);
  }
  demand(heard.length === answered, `${heard.length - answered} packets that answer nothing`);
  demand(answered > 0, "nothing was answered at all");
  return { large: worst.large.toFixed(2), small: worst.small.toFixed(2) };
}
