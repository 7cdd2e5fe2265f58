/**
 * A machine printed: every state with every input as one readable line, and one life in time. The
 * tests review these against the RFC's figures.
 */
import { type Millis, NEVER } from "./timers.ts";

interface Named {
  readonly name: string;
}
interface Kind {
  readonly kind: string;
}
interface Tick {
  readonly kind: "Tick";
}

/** What the four machines have in common. */
export interface Machine<P, S extends Named, I extends Kind, O extends Kind> {
  readonly start: (params: P, now: Millis) => readonly [S, ...O[]];
  readonly step: (params: P, state: S, input: I, now: Millis) => readonly [S, ...O[]];
  readonly deadline: (state: S) => Millis;
}

/** `Calling + 180 = Proceeding: ToUser 180`, a line for each pair. */
export function arrows<P, S extends Named, I extends Kind, O extends Kind>(
  machine: Machine<P, S, I, O>,
  params: P,
  states: readonly S[],
  inputs: readonly (readonly [input: I, now: Millis])[],
): string {
  const lines = states.flatMap((s) =>
    inputs.map(([input, now]) => {
      const next = printStep(machine.step(params, s, input, now));
      return `${s.name} + ${printKind(input)} at ${now} = ${next}`;
    }),
  );
  return lines.join("\n");
}

/**
 * The lines of one life: what was fed at which time, and every Tick the machine asked for in
 * between, `500 Tick = Calling (A 1500, B 32000): Send INVITE`. At most `max` lines.
 */
export function life<P, S extends Named, I extends Kind, O extends Kind>(
  machine: Machine<P, S, I | Tick, O>,
  params: P,
  script: readonly (readonly [at: Millis, input: I | Tick])[] = [],
  max = 50,
): string[] {
  let next = machine.start(params, 0);
  const lines = [`0 start = ${printStep(next)}`];
  for (const [at, input] of [...script, [NEVER, undefined] as const]) {
    for (let now = machine.deadline(next[0]); now < at; now = machine.deadline(next[0])) {
      if (lines.length === max) return lines;
      next = machine.step(params, next[0], { kind: "Tick" }, now);
      lines.push(`${now} Tick = ${printStep(next)}`);
    }
    if (input === undefined) break;
    next = machine.step(params, next[0], input, at);
    lines.push(`${at} ${printKind(input)} = ${printStep(next)}`);
  }
  return lines;
}

function printStep([state, ...outputs]: readonly [Named, ...Kind[]]): string {
  const timers = Object.entries(state)
    .filter(([key, value]) => key.startsWith("timer") && value !== NEVER)
    .map(([key, value]) => `${key.slice("timer".length)} ${value}`);
  const name = timers.length === 0 ? state.name : `${state.name} (${timers.join(", ")})`;
  return [name, ...outputs.map(printKind)].join(", ").replace(`${name}, `, `${name}: `);
}

/** `Send INVITE`, `ToUser 180`, `Failed timeout`; of a response that comes in, its status. */
function printKind(one: Kind): string {
  const { text, response, status, reason } = one as Kind & {
    readonly text?: string;
    readonly response?: { readonly status: number };
    readonly status?: number;
    readonly reason?: string;
  };
  const what = status ?? response?.status ?? reason ?? (text === undefined ? "" : titleOf(text));
  return `${one.kind} ${what}`.trimEnd();
}

/** A request's method, a response's status. */
function titleOf(text: string): string {
  const [first = "", second = ""] = text.split(" ", 2);
  return first.startsWith("SIP/") ? second : first;
}
