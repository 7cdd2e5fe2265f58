/**
 * A machine as a picture: every state with every input, run and printed. The tests hold it against
 * the RFC, and docs/machines.md shows it; it cannot say anything that the machine does not do.
 */
import type { Machine } from "../transaction/arrows.ts";
import { type Millis, NEVER } from "../transaction/timers.ts";

/** A machine as it was run, for people and for programs that draw. */
export interface Picture {
  /** In a few words, for a heading. */
  readonly title: string;
  /** The machine's own: `usage/registration.ts`. */
  readonly file: string;
  /** `RFC 3261 §17.1.1`. */
  readonly source: string;
  /** How it begins. */
  readonly start: Arrow;
  /** It goes on for as long as what it serves. */
  readonly endless: boolean;
  /** Its states, each as one specimen. */
  readonly boxes: readonly Box[];
  /** Steps once from every state with every input, for whoever measures; how many steps. */
  readonly run: () => number;
}

/** A state and what leads out of it. */
export interface Box {
  /** The state's. */
  readonly name: string;
  /** With its deadlines and the rest of what it holds. */
  readonly printed: string;
  /** What each of the inputs makes of this state. */
  readonly arrows: readonly Arrow[];
}

/** One input in one state, and what came of it. */
export interface Arrow {
  /** `Response 423`: what tells this input from the others. */
  readonly input: readonly string[];
  /** The input, when it was fed, the state after it and the outputs, in a line. */
  readonly printed: string;
  /** The name of the next state. */
  readonly to: string;
  /** The kinds of the outputs. */
  readonly outputs: readonly string[];
}

export interface Named {
  readonly name: string;
}
export interface Kind {
  readonly kind: string;
}

/** What has to be told about a machine before it can be drawn. */
export interface Sitter<P, S extends Named, I extends Kind, O extends Kind> {
  readonly title: string;
  readonly file: string;
  readonly source: string;
  readonly machine: Machine<P, S, I, O>;
  readonly params: P;
  readonly states: readonly S[];
  readonly inputs: readonly (readonly [input: I, now: Millis])[];
  readonly endless?: boolean;
}

export function drawn<P, S extends Named, I extends Kind, O extends Kind>(
  sitter: Sitter<P, S, I, O>,
): Picture {
  const { title, file, source, machine, params, states, inputs, endless = false } = sitter;
  const first = machine.start(params, 0);
  const boxes = states.map((s): Box => {
    const arrows = inputs.map(([input, now]) => {
      const next = machine.step(params, s, input, now);
      const became = next[0] === s ? printSame(next) : printStep(next);
      return arrow(briefly(input), `${printValue(input)} at ${now} = ${became}`, next);
    });
    return { name: s.name, printed: printValue(s), arrows };
  });
  const start = arrow(["start"], `start = ${printStep(first)}`, first);
  const run = () => {
    for (const s of states) for (const [input, now] of inputs) machine.step(params, s, input, now);
    return states.length * inputs.length;
  };
  return { title, file, source, start, endless, boxes, run };
}

type Printed = readonly [Named, ...Kind[]];

const arrow = (input: readonly string[], printed: string, [state, ...outputs]: Printed): Arrow => ({
  input,
  printed,
  to: state.name,
  outputs: outputs.map(({ kind }) => kind),
});

/** The picture as lines: a state, and below it what each input makes of it. */
export function printPicture({ start, boxes }: Picture): string {
  const lines = boxes.flatMap(({ printed, arrows }) => [
    "",
    printed,
    ...arrows.map((one) => `  ${one.printed}`),
  ]);
  return [start.printed, ...lines].join("\n");
}

/**
 * One life in time: what was fed when, and every Tick that the machine asked for in between. At
 * most `max` lines.
 */
export function lifeOf<P, S extends Named, I extends Kind, O extends Kind>(
  machine: Machine<P, S, I, O>,
  params: P,
  script: readonly (readonly [at: Millis, input: I])[] = [],
  max = 50,
): string[] {
  // Every machine takes a Tick.
  const tick = { kind: "Tick" } as Kind as I;
  let next = machine.start(params, 0);
  const lines = [`0 start = ${printStep(next)}`];
  for (const [at, input] of [...script, [NEVER, undefined] as const]) {
    for (let now = machine.deadline(next[0]); now < at; now = machine.deadline(next[0])) {
      if (lines.length === max) return lines;
      next = machine.step(params, next[0], tick, now);
      lines.push(`${now} Tick = ${printStep(next)}`);
    }
    if (input === undefined) break;
    next = machine.step(params, next[0], input, at);
    lines.push(`${at} ${printValue(input)} = ${printStep(next)}`);
  }
  return lines;
}

export const printStep = ([state, ...outputs]: Printed): string =>
  [printValue(state), ...outputs.map(printValue)].join(" | ");

const printSame = ([state, ...outputs]: Printed): string =>
  [`${state.name} as it was`, ...outputs.map(printValue)].join(" | ");

/** What is said without its name, because it says itself. */
const BARE = new Set("status method reason operation state to response what".split(" "));

/** `Active (Expires 3600000, asked 3600)`, `Refuse 423 (minExpiresSeconds 60)`. */
export function printValue(value: Named | Kind): string {
  const fields = Object.entries(value).filter(([key]) => key !== "name" && key !== "kind");
  const shown = fields.filter(([, field]) => isSaid(field));
  const head = "name" in value ? value.name : value.kind;
  const bare = shown.filter(([key, field]) => isBare(key, field)).map(([, field]) => print(field));
  const rest = shown.filter(([key, field]) => !isBare(key, field));
  const tail = rest.length === 0 ? [] : [`(${rest.map(printField).join(", ")})`];
  return [head, ...bare, ...tail].join(" ");
}

const isSaid = (field: unknown): boolean =>
  field !== undefined && field !== NEVER && field !== false && field !== "";

const isBare = (key: string, field: unknown): boolean =>
  BARE.has(key) && (typeof field !== "object" || key === "response");

function printField([key, field]: readonly [string, unknown]): string {
  const name = key.startsWith("timer") ? key.slice("timer".length) : key;
  return field === true ? name : `${name} ${print(field)}`;
}

function print(field: unknown): string {
  if (Array.isArray(field)) return `[${field.map(print).join(", ")}]`;
  if (typeof field === "string") return titleOf(field);
  if (field === NEVER) return "never";
  if (typeof field !== "object" || field === null) return String(field);
  if (field instanceof Map) return print([...field.values()]);
  const short = known(field);
  if (short !== undefined) return short;
  // A message is known by its status; it is not for this page.
  if ("status" in field && "text" in field) return String(field.status);
  return `{${Object.entries(field)
    .filter(([, one]) => isSaid(one))
    .map(printField)
    .join(", ")}}`;
}

/** `NAPTR example.com`, `UDP 192.0.2.1:5060`: what is asked, and where a server is. */
function known(field: object): string | undefined {
  if ("type" in field && "name" in field) return `${field.type} ${field.name}`;
  if ("host" in field && "port" in field) return `${field.host}:${field.port}`;
  if (!("transport" in field) || !("address" in field)) return undefined;
  return `${field.transport} ${print(field.address)}`;
}

/** Of a message its method or its status. */
function titleOf(text: string): string {
  if (!text.includes("\r\n")) return text;
  const [first = "", second = ""] = text.split(" ", 2);
  return first.startsWith("SIP/") ? second : first;
}

/** The words that tell one input from another of its kind, those of what it holds among them. */
function briefly(input: Kind): readonly string[] {
  const words = Object.entries(input).flatMap(([key, field]) => {
    if (!isSaid(field)) return [];
    if (isBare(key, field)) return [print(field)];
    return isRecord(field) ? bareIn(field) : [];
  });
  return [input.kind, ...words];
}

const isRecord = (field: unknown): field is object =>
  typeof field === "object" && field !== null && !Array.isArray(field);

const bareIn = (field: object): readonly string[] =>
  Object.entries(field)
    .filter(([key, one]) => isBare(key, one) || key === "kind")
    .map(([, one]) => print(one));
