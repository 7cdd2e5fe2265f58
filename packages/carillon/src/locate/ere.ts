/**
 * Extended regular expressions of strangers, matched in linear time: every place in the pattern
 * where a match can be is followed at once, one character of the text after the other (Thompson
 * 1968, with the captures of Pike). No pattern makes it go back, so none can make it slow.
 *
 * The match is POSIX's, the leftmost and of these the longest. Which part of it a group has, where
 * there is a choice, is decided by greedy repetition from the left, which only rarely differs.
 */
import { type CharSet, type Node, readEre } from "./ere-tree.ts";

type Instruction =
  | CharSet
  | { readonly kind: "Start" | "End" | "Match" }
  | { readonly kind: "Save"; readonly slot: number }
  | { readonly kind: "Jump"; to: number }
  /** `to` first, `or` after it. */
  | { readonly kind: "Split"; to: number; or: number };

/** Where groups begin and end, two slots each; the whole match has the first two. */
type Slots = readonly number[];
interface Thread {
  readonly at: number;
  readonly slots: Slots;
}

export type EreMatch =
  /** The text of each group; of one that took no part, "". The first is the whole match. */
  | { readonly kind: "Match"; readonly groups: readonly string[] }
  | { readonly kind: "NoMatch" }
  | { readonly kind: "Declined"; readonly why: string };

/** A pattern of 255 octets needs no more, unless its repetitions are nested to do harm. */
export const MAX_INSTRUCTIONS = 512;

/** Looks for the pattern in the text. Steps: at most MAX_INSTRUCTIONS a character. */
export function matchEre(pattern: string, text: string): EreMatch {
  const reading = readEre(pattern);
  if (!reading.ok) return { kind: "Declined", why: reading.why };
  if (sizeOf(reading.tree) > MAX_INSTRUCTIONS - 1) {
    return { kind: "Declined", why: "repetitions that make it too long" };
  }
  const program: Instruction[] = [];
  compile(program, reading.tree);
  program.push({ kind: "Match" });
  const slots = run(program, text, 2 * (reading.groups + 1));
  if (slots === undefined) return { kind: "NoMatch" };
  const groups = Array.from({ length: reading.groups + 1 }, (_, i) =>
    text.slice(slots[2 * i] ?? 0, slots[2 * i + 1] ?? 0),
  );
  return { kind: "Match", groups };
}

/** Instructions that a tree comes to, without writing them: they may be very many. */
function sizeOf(node: Node): number {
  switch (node.kind) {
    case "Sequence":
      return node.nodes.reduce((sum, each) => sum + sizeOf(each), 0);
    case "Either":
      return node.nodes.reduce((sum, each) => sum + sizeOf(each) + 2, -2);
    case "Group":
      return sizeOf(node.node) + 2;
    case "Repeat":
      return sizeOfRepeat(sizeOf(node.node), node.min, node.max);
    default:
      return 1;
  }
}

const sizeOfRepeat = (size: number, min: number, max: number): number =>
  size * min + (max === Number.POSITIVE_INFINITY ? size + 2 : (size + 1) * (max - min));

function compile(program: Instruction[], node: Node): void {
  switch (node.kind) {
    case "Sequence":
      for (const each of node.nodes) compile(program, each);
      return;
    case "Either":
      return compileEither(program, node.nodes);
    case "Group":
      program.push({ kind: "Save", slot: 2 * node.number });
      compile(program, node.node);
      program.push({ kind: "Save", slot: 2 * node.number + 1 });
      return;
    case "Repeat":
      return compileRepeat(program, node.node, node.min, node.max);
    default:
      program.push(node);
  }
}

function compileEither(program: Instruction[], nodes: readonly Node[]): void {
  const jumps: { to: number }[] = [];
  for (const [i, node] of nodes.entries()) {
    if (i === nodes.length - 1) {
      compile(program, node);
      break;
    }
    const split = { kind: "Split" as const, to: program.length + 1, or: 0 };
    const jump = { kind: "Jump" as const, to: 0 };
    program.push(split);
    compile(program, node);
    program.push(jump);
    jumps.push(jump);
    split.or = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
}

function compileRepeat(program: Instruction[], node: Node, min: number, max: number): void {
  for (let i = 0; i < min; i++) compile(program, node);
  if (max === Number.POSITIVE_INFINITY) {
    const start = program.length;
    const split = { kind: "Split" as const, to: start + 1, or: 0 };
    program.push(split);
    compile(program, node);
    program.push({ kind: "Jump", to: start });
    split.or = program.length;
    return;
  }
  const splits: { or: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { kind: "Split" as const, to: program.length + 1, or: 0 };
    program.push(split);
    splits.push(split);
    compile(program, node);
  }
  for (const split of splits) split.or = program.length;
}

function run(program: readonly Instruction[], text: string, slotCount: number): Slots | undefined {
  let best: Slots | undefined;
  let threads: Thread[] = [];
  for (let at = 0; at <= text.length; at++) {
    const followed = new Set<number>();
    const waiting: Thread[] = [];
    const found = (slots: Slots): void => {
      if (best === undefined || beats(slots, best)) best = slots;
    };
    const follow = (thread: Thread): void =>
      followFrom(program, thread, at, text.length, followed, waiting, found);
    for (const thread of threads) follow(thread);
    // Only while nothing is found: a match that starts further left is the better one.
    if (best === undefined) {
      const slots = new Array<number>(slotCount).fill(0);
      slots[0] = at;
      follow({ at: 0, slots });
    }
    const code = text.charCodeAt(at);
    threads = waiting.flatMap(({ at: place, slots }) => {
      const instruction = program[place];
      const goesOn = at < text.length && instruction?.kind === "Set" && holds(instruction, code);
      return goesOn ? [{ at: place + 1, slots }] : [];
    });
  }
  return best;
}

/** Follows a thread until it waits for a character or has matched, each place once. */
function followFrom(
  program: readonly Instruction[],
  first: Thread,
  at: number,
  end: number,
  followed: Set<number>,
  waiting: Thread[],
  found: (slots: Slots) => void,
): void {
  const stack: Thread[] = [first];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    const { at: place, slots } = thread;
    const instruction = program[place];
    if (instruction === undefined || followed.has(place)) continue;
    followed.add(place);
    if (instruction.kind === "Jump") stack.push({ at: instruction.to, slots });
    else if (instruction.kind === "Split") {
      stack.push({ at: instruction.or, slots }, { at: instruction.to, slots });
    } else if (instruction.kind === "Save") {
      stack.push({ at: place + 1, slots: slots.with(instruction.slot, at) });
    } else if (instruction.kind === "Set") waiting.push(thread);
    else if (instruction.kind === "Match") found(slots.with(1, at));
    else if (instruction.kind === "Start" ? at === 0 : at === end) {
      stack.push({ at: place + 1, slots });
    }
  }
}

const beats = ([start = 0, end = 0]: Slots, [thatStart = 0, thatEnd = 0]: Slots): boolean =>
  start < thatStart || (start === thatStart && end > thatEnd);

const holds = ({ ranges, negated }: CharSet, code: number): boolean =>
  ranges.some(([from, to]) => from <= code && code <= to) !== negated;
