/** Specimens of the states of a stream, and of what comes on it. */
import { type Frame, type Framing, frame, startFraming } from "../../message/framing.ts";
import { NEVER } from "../../transaction/timers.ts";
import { drawn, type Picture } from "../picture.ts";

const HEAD = "BYE sip:a@b SIP/2.0\r\nContent-Length: 4\r\n\r\n";

/** What comes, by a name that can be read; the octets themselves have line ends in them. */
const OCTETS = {
  Cr: "\r",
  Lf: "\n",
  "Half a head": HEAD.slice(0, 20),
  "A head without Content-Length": "BYE sip:a@b SIP/2.0\r\n\r\n",
  "A head": HEAD,
  "Two octets": "ab",
  "A message": `${HEAD}body`,
  "A message and more": `${HEAD}body${HEAD}`,
} as const;

interface Input {
  readonly kind: keyof typeof OCTETS;
}

/** Octets by their number: what they are is nothing for a page. */
const RAW: unique symbol = Symbol("state");
interface Shown {
  readonly name: string;
  readonly seen?: number;
  readonly octets?: number;
  readonly size?: number;
  readonly [RAW]: Framing;
}

function shown(state: Framing): Shown {
  const raw = { [RAW]: state };
  switch (state.name) {
    case "Between":
      return { name: state.name, seen: state.seen, ...raw };
    case "Headers":
      return { name: state.name, octets: state.text.length, ...raw };
    case "Body":
      return { name: state.name, octets: state.text.length, size: state.size, ...raw };
    case "Closed":
      return { name: state.name, ...raw };
  }
}

const told = (one: Frame) => {
  const { kind } = one;
  if (one.kind === "Message") return { kind, octets: one.text.length };
  return one.kind === "Error"
    ? { kind, reason: one.error.code, octets: one.text.length }
    : { kind };
};

type Step = readonly [Shown, ...{ readonly kind: string }[]];

const machine = {
  start: (): Step => [shown(startFraming)],
  step: (_: undefined, state: Shown, { kind }: Input): Step => {
    const [next, ...frames] = frame(state[RAW], OCTETS[kind]);
    return [next === state[RAW] ? state : shown(next), ...frames.map(told)];
  },
  deadline: () => NEVER,
};

const after = (octets: string): Shown => shown(frame(startFraming, octets)[0]);

export const framing = (): Picture =>
  drawn({
    title: "Messages on a stream",
    file: "message/framing.ts",
    source: "RFC 3261 §18.3, RFC 5626 §4.4.1",
    machine,
    params: undefined,
    states: [
      after(""),
      after("\r"),
      after("\r\n\r"),
      after(HEAD.slice(0, 20)),
      after(`${HEAD}bo`),
      shown({ name: "Closed" }),
    ],
    inputs: (Object.keys(OCTETS) as Input["kind"][]).map((kind) => [{ kind }, 0] as const),
  });
