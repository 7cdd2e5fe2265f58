/** What two phones of the library do in a call. */
import type { Call, DescribedMedia } from "carillon/node";
import type { OwnPhone } from "./own-phone.ts";
import { demand } from "./report.ts";
import { until } from "./until.ts";

const WAIT_MS = 8000;

/** A call that is answered, held and resumed by its caller, and ended by who was called. */
export async function talks(caller: OwnPhone, callee: OwnPhone, uri: string): Promise<string> {
  let from: Call<DescribedMedia> | undefined;
  const to = await callee.answered(() => {
    from = caller.phone.call(uri);
  });
  if (!from) throw new Error("no call was made");
  await from.answered;
  await from.hold();
  await until("the call is held", () => heldIn(to) === "ByThem" || undefined, WAIT_MS);
  await from.resume();
  await until("the call is resumed", () => heldIn(to) === "nobody" || undefined, WAIT_MS);
  to.hangUp();
  const { by, code } = await from.ended;
  demand(by === "remote" && code === "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
  return "answered, held, resumed, hung up by the callee";
}

const heldIn = ({ state }: Call<DescribedMedia>): string =>
  state.name === "Established" ? (state.held ?? "nobody") : state.name;
