/** What flows of transfers have in common: three people, and what became of a transfer. */
import type { Call } from "../../ua/call.ts";
import type { Phone } from "../../ua/phone.ts";
import { SipError } from "../../ua/sip-error.ts";
import type { Transfer } from "../../ua/transfer.ts";
import { Desk } from "./desk.ts";
import type { FlowStage, Party } from "./flow-stage.ts";

interface ThreeOptions {
  /** With it Carol's is a device that refuses every call so. */
  readonly refusal?: number;
}

/** Alice, Carol, and Bob, whose phone does as it is asked to: all signed in. The story begins. */
export async function three(
  stage: FlowStage,
  { refusal }: ThreeOptions = {},
): Promise<{ readonly alice: Phone; readonly bob: Phone; readonly carol: Party }> {
  const alice = await stage.signedIn("alice");
  const bob = await stage.signedIn("bob", "udp", { transfers: "follow" });
  const carol =
    refusal === undefined ? await stage.signedIn("carol") : await refusing(stage, refusal);
  stage.begin();
  return { alice, bob, carol };
}

async function refusing(stage: FlowStage, refusal: number): Promise<Desk> {
  const address = "203.0.113.50";
  const carol = new Desk(stage, { user: "carol", address, refusal });
  await carol.register([["Contact", `<sip:carol@${address}:5060>`]]);
  return carol;
}

/** `Transferred`, or the code of why not. Rejects if somebody said nothing for too long. */
export async function fateOf(transfer: Transfer): Promise<string> {
  try {
    await transfer.done;
    return transfer.state.name;
  } catch (cause) {
    if (!(cause instanceof SipError) || cause.code === "SIP_TIMEOUT") throw cause;
    return cause.code;
  }
}

/** The call that this one was to be followed by. */
export function successorOf({ successor }: Call): Call {
  if (!successor) throw new Error("no call follows this one");
  return successor;
}
