/** Requests from nobody, with the Via of somebody else: what that one hears of it. */
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { folderIn, Stage } from "./stage.ts";
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
