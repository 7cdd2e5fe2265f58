/** A branch that ends here and begins anew, where its two sides do not understand each other. */
import type { Incoming } from "../endpoint/incoming.ts";
import type { Response } from "../message/message.ts";
import type { Branch } from "./branch.ts";
import type { Bridge, BridgeAsked } from "./bridge.ts";
import type { Considered } from "./considered.ts";

/** What a branch is of: whose request, for whom, and where it goes. */
export interface BranchOf {
  readonly from: Incoming;
  readonly asked: Considered;
  /** Who is called, if they live here. */
  readonly callee: string | undefined;
  readonly target: Pick<BridgeAsked, "uri" | "flow" | "path" | "device">;
}

/** This branch, or one that ends here and begins anew, where the two need that. */
export function orBridged(
  bridge: Bridge | undefined,
  branch: Branch,
  { from, asked: considered, callee, target }: BranchOf,
): Branch {
  const { account, bridge: decided, call: counted } = considered;
  const { uri, flow, path, device } = target;
  if (!bridge || from.request.method !== "INVITE") return branch;
  const heard = (response: Response): void => bridge.heard?.(asked, response);
  const forwarded = { ...branch, heard };
  const asked: BridgeAsked = {
    ...{ from, account, callee, uri, flow, path, device },
    ...{ forwarded, counted, decided },
  };
  const instead = bridge.instead(asked);
  if (instead) return instead;
  return {
    ...forwarded,
    misunderstood: (response) => {
      const after = bridge.after(asked, response);
      return after ? [after] : [];
    },
  };
}
