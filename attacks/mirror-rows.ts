/** What is asked of either server, row by row. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { DOMAIN } from "../interop/house.ts";
import { pause } from "../interop/until.ts";
import { LENGTHS } from "./framing.ts";
import {
  answerOf,
  aorOf,
  credentialsFor,
  finalOf,
  named,
  nextSource,
  Phone,
  person,
  type Subject,
  statusOf,
} from "./mirror-phone.ts";
import { GENERATORS } from "./pathological.ts";
import { SPELLINGS } from "./spellings.ts";
import { SIP } from "./stage.ts";
import { type Asked, METHODS, requestText, Stranger } from "./stranger.ts";

export interface Outcome {
  readonly isHeld: boolean;
  readonly figure: string;
}

interface Row {
  readonly row: string;
  readonly what: string;
  ask(subject: Subject): Promise<Outcome>;
}

export const MIRROR_ROWS: readonly Row[] = [
  { row: "A1", what: "known and unknown people are answered alike", ask: alike },
  { row: "A4", what: "credentials that were used before", ask: replayed },
  { row: "A6", what: "requests from nobody, and in somebody else's name", ask: fromNobody },
  { row: "A7", what: "BYE from elsewhere by somebody who knows the call", ask: hungUp },
  { row: "A11", what: "messages behind lengths that two readers read differently", ask: smuggled },
  { row: "A12", what: "P-Asserted-Identity in other spellings", ask: spelled },
  { row: "A14", what: "pathological datagrams of 64 KB", ask: pathological },
  { row: "A20", what: "answers to somebody who did not ask", ask: reflected },
  { row: "A22", what: "hops that are granted to who asks for 255", ask: hops },
  { row: "A26", what: "requests to another host", ask: relayed },
  { row: "A27", what: "registrations for somebody else, and * misused", ask: hijacked },
];

const WAIT_MS = 800;
const REPEATED_MS = 2500;

async function alike(subject: Subject): Promise<Outcome> {
  const known = person(subject, 0).user;
  const unknown = `${known.slice(0, -1)}${known.endsWith("x") ? "y" : "x"}`;
  const differing: string[] = [];
  const methods = ["REGISTER", "INVITE", "OPTIONS", "MESSAGE", "SUBSCRIBE"];
  for (const method of methods) {
    const plain = async (user: string) => {
      const to = `sip:${user}@${DOMAIN}`;
      const answer = await answerOf((via, nth) => requestText({ method, nth, via, from: to, to }));
      return plainly(answer ?? "nothing", user);
    };
    const [one, other] = [await plain(known), await plain(unknown)];
    if (one !== other) differing.push(`${method} ${statusOf(one)} and ${statusOf(other)}`);
  }
  const words = differing.length === 0 ? "alike" : differing.join(", ");
  return { isHeld: differing.length === 0, figure: `${methods.length} methods: ${words}` };
}

/** Without what differs between any two answers. */
const plainly = (answer: string, user: string): string =>
  answer
    .replaceAll(user, "somebody")
    .replaceAll(/127\.\d+\.\d+\.\d+/g, "there")
    .replaceAll(/(?:rport=|:)\d+/g, "n")
    .replaceAll(/(nonce="|;tag=|tm=)[^";\r\n]+/g, "$1")
    .replaceAll(/m\d+\./g, "nth");

async function replayed(subject: Subject): Promise<Outcome> {
  const phone = await Phone.of(person(subject, 0));
  const aor = aorOf(phone.who);
  const { answer, text } = await phone.asked({
    method: "REGISTER",
    from: aor,
    to: aor,
    more: ["Expires: 60"],
  });
  if (statusOf(answer) !== "200") throw new Error(`a good one: ${statusOf(answer)}`);
  const again = (nth: string, via: string): string =>
    text
      .replace(/^Via: .*$/m, `Via: SIP/2.0/${via};branch=z9hG4bK-${nth}`)
      .replace(/^Call-ID: .*$/m, `Call-ID: ${nth}@replay`);
  let [same, other] = [0, 0];
  for (let nth = 0; nth < 5; nth++) {
    const name = named("r");
    phone.at.say(again(name, phone.via));
    if (statusOf(await finalOf(phone.at, name).catch(() => undefined)) === "200") same++;
    const elsewhere = await answerOf((via, mark) => again(mark, via));
    if (statusOf(elsewhere) === "200") other++;
  }
  phone.close();
  return {
    isHeld: same + other === 0,
    figure: `${same} of 5 taken from the same place, ${other} of 5 from elsewhere`,
  };
}

async function fromNobody(subject: Subject): Promise<Outcome> {
  const [victim, attacker] = [
    await Phone.of(person(subject, 0)),
    await Phone.of(person(subject, 1)),
  ];
  await victim.register();
  const to = aorOf(victim.who);
  const third = aorOf(person(subject, 2));
  const methods = METHODS.filter((one) => !["ACK", "CANCEL", "REGISTER"].includes(one));
  for (const method of methods) {
    await answerOf((via, nth) => requestText({ method, nth, via, from: third, to }));
  }
  const unsigned = victim.requests.length;
  for (const method of ["INVITE", "MESSAGE", "OPTIONS"]) {
    await attacker.ask({ method, from: third, to }).catch(() => "");
  }
  await pause(WAIT_MS);
  const forged = victim.requests.length - unsigned;
  for (const one of [victim, attacker]) one.close();
  const nobody = `${unsigned} of ${methods.length} from nobody arrived`;
  const figure = `${nobody}, ${forged} of 3 with another's From`;
  return { isHeld: unsigned + forged === 0, figure };
}

async function hungUp(subject: Subject): Promise<Outcome> {
  const [callee, caller] = [await Phone.of(person(subject, 0)), await Phone.of(person(subject, 1))];
  await callee.register();
  const to = aorOf(callee.who);
  const answer = await caller.ask({ method: "INVITE", to, more: ["X-Talk: yes"] });
  if (statusOf(answer) !== "200") throw new Error(`the call: ${answer.slice(0, 60)}`);
  const line = (name: string) => new RegExp(`^${name}: *([^\\r]*)`, "im").exec(answer)?.[1] ?? "";
  const routes = (answer.match(/^Record-Route: *[^\r]*/gim) ?? []).toReversed();
  const before = callee.requests.length;
  const bye = (via: string, nth: string): string =>
    [
      ...[`BYE ${callee.contact} SIP/2.0`, `Via: SIP/2.0/${via};branch=z9hG4bK-${nth}`],
      ...routes.map((one) => one.replace(/^Record-Route/i, "Route")),
      ...["Max-Forwards: 70", `From: ${line("From")}`, `To: ${line("To")}`],
      ...[`Call-ID: ${line("Call-ID")}`, "CSeq: 9 BYE", "Content-Length: 0", "", ""],
    ].join("\r\n");
  const said = await answerOf((via, nth) => bye(via, nth));
  await pause(WAIT_MS);
  const arrived = callee.requests.slice(before).filter((text) => text.startsWith("BYE ")).length;
  for (const one of [callee, caller]) one.close();
  return {
    isHeld: arrived === 0,
    figure: `${arrived} of 1 arrived, answered with ${statusOf(said)}`,
  };
}

async function smuggled(): Promise<Outcome> {
  let seen = 0;
  for (const length of LENGTHS) {
    const host = nextSource();
    const socket = connect({ host: SIP.host, port: SIP.port, localAddress: host });
    let heard = "";
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
    });
    socket.on("error", () => {});
    await once(socket, "connect");
    const via = `TCP ${host}:${socket.localPort}`;
    const [nth, hidden] = [named("first"), named("hidden")];
    const uri = `sip:${DOMAIN}`;
    const first = requestText({ method: "OPTIONS", nth, via, to: uri, uri });
    const second = requestText({ method: "OPTIONS", nth: hidden, via, to: uri, uri });
    const text = first.replace(/Content-Length: 0\r\n/, `${length}\r\n`);
    socket.write(Buffer.from(`${text}hello${second}`, "latin1"));
    await pause(60);
    if (heard.includes(hidden)) seen++;
    socket.destroy();
  }
  return { isHeld: seen === 0, figure: `${seen} of ${LENGTHS.length} hidden requests answered` };
}

async function spelled(subject: Subject): Promise<Outcome> {
  const [callee, caller] = [await Phone.of(person(subject, 0)), await Phone.of(person(subject, 1))];
  await callee.register();
  let [shown, arrived] = [0, 0];
  const spellings = Object.values(SPELLINGS);
  for (const spell of spellings) {
    const before = callee.requests.length;
    const value = "<sip:marked-by-the-attacker@x>";
    const more = [spell("P-Asserted-Identity", value)];
    await caller.ask({ method: "OPTIONS", to: aorOf(callee.who), more }).catch(() => "");
    const came = callee.requests.slice(before);
    if (came.length > 0) arrived++;
    if (came.some((text) => isAsserted(text))) shown++;
    await pause(150);
  }
  for (const one of [callee, caller]) one.close();
  return {
    isHeld: shown === 0,
    figure: `${shown} of ${spellings.length} seen by the phone, ${arrived} passed on`,
  };
}

/** As a generous reader finds it: any line end, no folds but those of RFC 3261, any blanks. */
const isAsserted = (text: string): boolean =>
  text
    .replaceAll(/(?:\r\n|\r|\n)[ \t]+/g, " ")
    .split(/\r\n|\r|\n/)
    .some((line) => /^p-asserted-identity[^a-z0-9:]*:.*marked-by/i.test(line.replaceAll("\0", "")));

async function pathological(subject: Subject): Promise<Outcome> {
  const pids = subject.pids();
  const before = computedMs(pids);
  let sent = 0;
  for (const make of Object.values(GENERATORS)) {
    for (let nth = 0; nth < 10; nth++) {
      const socket = createSocket("udp4");
      socket.bind(0, nextSource());
      await once(socket, "listening");
      const octets = Buffer.from(make(64_000).slice(0, 65_507), "latin1");
      await new Promise((done) => socket.send(octets, SIP.port, SIP.host, done));
      socket.close();
      sent++;
    }
    await pause(15);
  }
  await pause(WAIT_MS);
  const each = (computedMs(pids) - before) / sent;
  const uri = `sip:${DOMAIN}`;
  const said = await answerOf((via, nth) =>
    requestText({ method: "OPTIONS", nth, via, to: uri, uri }),
  );
  const isAlive = said !== undefined && pids.every((pid) => existsSync(`/proc/${pid}`));
  return {
    isHeld: isAlive && each <= 5,
    figure: `${each.toFixed(2)} ms of the processor each, alive: ${isAlive}`,
  };
}

/** Milliseconds of the processor that these have used, as the system counts them: in hundredths. */
function computedMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    if (!existsSync(`/proc/${pid}/stat`)) return sum;
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return sum + 10 * (Number(fields[11]) + Number(fields[12]));
  }, 0);
}

async function reflected(subject: Subject): Promise<Outcome> {
  const to = aorOf(person(subject, 0));
  let [most, large, small] = [0, 0, 0];
  const ends: Promise<void>[] = [];
  for (const method of METHODS) {
    for (const size of [0, 600]) {
      const host = nextSource();
      const at = await Stranger.at(host);
      const [nth, via] = [named("f"), `UDP ${host}:${at.port};rport`];
      const short = requestText({ method, nth, via, to });
      const more = [`Subject: ${"x".repeat(Math.max(0, size - short.length))}`];
      const text = size === 0 ? short : requestText({ method, nth, via, to, more });
      at.say(text);
      const end = async (): Promise<void> => {
        await pause(REPEATED_MS);
        at.close();
        most = Math.max(most, at.heard.length);
        const ratio = at.heard.reduce((sum, one) => sum + one.length, 0) / text.length;
        if (text.length >= 600) large = Math.max(large, ratio);
        else small = Math.max(small, ratio);
      };
      ends.push(end());
    }
  }
  await Promise.all(ends);
  const octets = `${large.toFixed(2)} octets for one from 600 on, ${small.toFixed(2)} below`;
  const figure = `at most ${most} packets for one, ${octets}`;
  return { isHeld: most <= 1 && large <= 1.5 && small <= 3, figure };
}

async function hops(subject: Subject): Promise<Outcome> {
  const [callee, caller] = [await Phone.of(person(subject, 0)), await Phone.of(person(subject, 1))];
  await callee.register();
  const seen: string[] = [];
  for (const asked of ["255", undefined]) {
    const { text } = await caller.asked({ method: "OPTIONS", to: aorOf(callee.who) });
    const nth = named("h");
    const line = asked === undefined ? "" : `Max-Forwards: ${asked}\r\n`;
    const before = callee.requests.length;
    // A nonce is good once here, so that credentials are made anew for what is changed.
    const first = requestText({
      method: "OPTIONS",
      nth,
      via: caller.via,
      from: aorOf(caller.who),
      to: aorOf(callee.who),
    });
    caller.at.say(first);
    const challenge = await finalOf(caller.at, nth);
    const credentials = credentialsFor(challenge, "OPTIONS", aorOf(callee.who), caller.who);
    const again = named("h");
    const whole = requestText({
      ...{
        method: "OPTIONS",
        nth: again,
        via: caller.via,
        from: aorOf(caller.who),
        to: aorOf(callee.who),
      },
      more: [credentials],
    });
    caller.at.say(whole.replace(/Max-Forwards: 70\r\n/, line));
    await finalOf(caller.at, again).catch(() => "");
    const came = callee.requests.slice(before).at(-1) ?? text;
    seen.push(/^Max-Forwards: *(\d+)/im.exec(came)?.[1] ?? "none");
  }
  for (const one of [callee, caller]) one.close();
  const isHeld = seen.every((one) => Number(one) <= 70);
  return { isHeld, figure: `255 became ${seen[0]}, none became ${seen[1]}` };
}

async function relayed(subject: Subject): Promise<Outcome> {
  const foreign = await Stranger.at("127.0.0.99", 5060);
  const member = await Phone.of(person(subject, 1));
  const here = `${SIP.host}:${SIP.port}`;
  const there = "127.0.0.99";
  const ways: readonly Partial<Asked>[] = [
    ...[
      { uri: `sip:x@${there}` },
      { uri: `sip:x@${DOMAIN};maddr=${there}` },
      { uri: `sip:${there}` },
    ],
    ...[`<sip:${there};lr>`, `<sip:${there}>`, `<sip:${here};lr>, <sip:${there};lr>`].map(
      (route) => ({
        more: [`Route: ${route}`],
      }),
    ),
  ];
  const methods = ["INVITE", "OPTIONS", "MESSAGE", "BYE", "SUBSCRIBE", "REFER"];
  for (const way of ways) {
    for (const method of methods) {
      await answerOf((via, nth) =>
        requestText({
          method,
          nth,
          via,
          from: `sip:x@${DOMAIN}`,
          to: `sip:y@${DOMAIN};tag=1`,
          ...way,
        }),
      );
    }
  }
  const unsigned = branchesOf(foreign.heard);
  for (const way of ways) {
    for (const method of ["INVITE", "OPTIONS"]) {
      await member.ask({ method, to: `sip:y@${DOMAIN}`, ...way }).catch(() => "");
    }
  }
  await pause(WAIT_MS);
  const signed = branchesOf(foreign.heard) - unsigned;
  for (const one of [foreign, member]) one.close();
  const nobody = `${unsigned} of ${ways.length * methods.length} from nobody arrived there`;
  const figure = `${nobody}, ${signed} of ${ways.length * 2} of somebody known`;
  return { isHeld: unsigned + signed === 0, figure };
}

const branchesOf = (texts: readonly string[]): number =>
  new Set(texts.map((text) => /branch=[^;\r]*/.exec(text)?.[0])).size;

async function hijacked(subject: Subject): Promise<Outcome> {
  const [victim, attacker] = [
    await Phone.of(person(subject, 0)),
    await Phone.of(person(subject, 1)),
  ];
  await victim.register();
  const to = aorOf(victim.who);
  const statuses: string[] = [];
  const register = async (what: Partial<Asked>) =>
    statuses.push(
      statusOf(await attacker.ask({ method: "REGISTER", to, ...what }).catch(() => undefined)),
    );
  await register({ more: ["Expires: 600"] });
  await register({ from: to, more: ["Expires: 600"] });
  const own = aorOf(attacker.who);
  await register({ to: own, contact: `x@y>, *, <sip:z@${attacker.host}`, more: ["Expires: 600"] });
  await register({ to: own, contact: "sip:x@224.0.1.75", more: ["Expires: 600"] });
  await register({ to: own, contact: "sip:x@255.255.255.255", more: ["Expires: 600"] });
  const taken = statuses.filter((one) => one === "200").length;
  for (const one of [victim, attacker]) one.close();
  return {
    isHeld: taken === 0,
    figure: `${taken} of ${statuses.length} taken (${statuses.join(", ")})`,
  };
}
