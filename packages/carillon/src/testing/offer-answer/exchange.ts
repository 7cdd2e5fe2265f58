/** For tests of offer and answer: both ends of a dialog, and messages that may cross on the way. */
import type { Description } from "../../sdp/description.ts";
import {
  type Input,
  type Message,
  printOutput,
  type State,
  start,
  step,
} from "../../sdp/offer-answer.ts";

/** A description that is known by its name. */
export const named = (name: string): Description => ({
  session: [{ kind: "s", text: name }],
  media: [],
});

/**
 * `A> INVITE(a)`: A sends it, `B< INVITE(a)`: B receives it, `A! UPDATE(c)`: it comes from A though
 * A would not send it. What is received has to have been sent and not been received yet; what never
 * is, is on its way for ever. Each line with what came out of it, but for what is only sent.
 */
export function exchange(...lines: readonly string[]): readonly string[] {
  const ends: Record<string, State> = { A: start(), B: start() };
  const onTheWay: string[] = [];
  return lines.map((line) => {
    const [, end = "", way, said = "", message, name] =
      /^([AB])([<>!]) ((\S+?)(?:\((.*)\))?)$/.exec(line) ?? [];
    const state = ends[end];
    if (!state || message === undefined) throw new Error(`cannot be read: ${line}`);
    const other = end === "A" ? "B" : "A";
    if (way === "<") {
      const at = onTheWay.indexOf(`${other} ${said}`);
      if (at < 0) throw new Error(`${other} has not sent it: ${line}`);
      onTheWay.splice(at, 1);
    } else onTheWay.push(`${end} ${said}`);
    if (way === "!") return line;
    const input: Input = {
      kind: way === ">" ? "Sent" : "Received",
      message: message as Message,
      ...(name === undefined ? {} : { sdp: named(name) }),
    };
    const [next, ...outputs] = step(state, input);
    ends[end] = next;
    const heard = outputs.filter(({ kind }) => kind !== "Sends").map(printOutput);
    // What an end would not send does not leave it.
    if (way === ">" && heard.some((one) => one.startsWith("Illegal"))) onTheWay.pop();
    return [line, ...heard].join(": ");
  });
}

/** Only the lines out of which something came. */
export const told = (...lines: readonly string[]): readonly string[] =>
  exchange(...lines).filter((line) => line.includes(": "));

/** A message that crosses nothing: sent and received. */
export const over = (from: "A" | "B", said: string): readonly string[] => [
  `${from}> ${said}`,
  `${from === "A" ? "B" : "A"}< ${said}`,
];

/** A call that A made, and one that B made. */
export const CALLS: Readonly<Record<"A" | "B", readonly string[]>> = {
  A: [...over("A", "INVITE(x)"), ...over("B", "2xx-INVITE(y)"), ...over("A", "ACK")],
  B: [...over("B", "INVITE(x)"), ...over("A", "2xx-INVITE(y)"), ...over("B", "ACK")],
};
