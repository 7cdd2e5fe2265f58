/** Has orders carried out one by one, and says what came of each. */
import { SipError } from "carillon/ua";
import type { Desk } from "./desk.ts";
import type { Reply } from "./happening.ts";
import { type Order, ordersHelp } from "./orders.ts";
import { OrderRefused } from "./refusal-of-order.ts";
import type { ScriptLine } from "./script-line.ts";
import { inWords, sentence } from "./words.ts";

export async function carriedOut({ id, read }: ScriptLine, desk: Desk): Promise<Reply> {
  if (!read.ok) return failed(id, "WRONG_ORDER", read.words);
  try {
    return { reply: id, ok: true, ...(await desk.carryOut(read.order)) };
  } catch (error) {
    if (error instanceof OrderRefused) return failed(id, error.code, error.message);
    if (error instanceof SipError) return failed(id, error.code, sentence(error.message));
    // What the library says to who calls it wrongly: a call that rings cannot be held.
    if (error instanceof Error) {
      return failed(id, "NOT_NOW", sentence(error.message));
    }
    throw error;
  }
}

/** The same for a person; nothing where what happens says it already. */
export function replyInWords(order: Order | undefined, reply: Reply): string | undefined {
  if (reply.error) return reply.error.message;
  if (order?.kind === "Help") return ordersHelp().trimEnd();
  if (!reply.list) return done(order);
  const lines = reply.list.flatMap((one) => inWords(one) ?? []);
  return lines.length > 0 ? lines.join("\n") : nothing(order);
}

/** For what nothing else tells of. */
function done(order: Order | undefined): string | undefined {
  switch (order?.kind) {
    case "Mute":
      return order.muted ? "They do not hear you." : "They hear you again.";
    case "AutoAnswer":
      return order.on
        ? "Whoever calls while you talk to nobody is answered."
        : "Whoever calls waits for you to answer.";
    case "Tones":
      return `You pressed ${order.tones}.`;
    case "Register":
      return "You are signed in.";
    case "Unwatch":
      return "You are told nothing more of them.";
    case "UnwatchAll":
      return "You are told nothing more of those in your list.";
    case "Decide":
      return order.may ? "They are told how you are." : "They are not told how you are.";
    default:
      return undefined;
  }
}

function nothing(order: Order | undefined): string {
  switch (order?.kind) {
    case "Neighbours":
      return "Nobody else is on this network.";
    case "Watchers":
      return "Nobody asks to be told how you are.";
    case "Statistics":
      return "Nobody has been heard yet.";
    default:
      return "There is no call.";
  }
}

const failed = (reply: Reply["reply"], code: string, message: string): Reply => ({
  ...{ reply, ok: false, error: { code, message } },
});
