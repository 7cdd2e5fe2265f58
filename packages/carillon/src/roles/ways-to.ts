/** Where bindings are reached, whose edges may have names. RFC 3263, RFC 3327 §5.4. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Outcome } from "../endpoint/locator.ts";
import type { Flow } from "../transport/flow.ts";
import type { Reachable } from "./forking.ts";
import type { Binding } from "./location.ts";
import { bindingFlow, isBelieved, namedHop } from "./target.ts";

//= RFC 3261 §16.6
//# Otherwise, the proxy MUST apply the procedures to the first value in the Route header field, if
//# present, else the Request-URI.
/**
 * Those that have a way, in their order: at once where nothing has to be looked up, and within the
 * time of a look-up otherwise. What is found counts only at the host that the REGISTER came from,
 * since whoever signs in may write any name; where nothing is found there, they are reached where
 * it came from. An open connection is used as it is.
 */
export function waysTo(
  endpoint: Endpoint,
  bindings: readonly Binding[],
  done: (reachable: readonly Reachable[]) => void,
): void {
  const flows = bindings.map((binding) => bindingFlow(endpoint, binding));
  let waiting = 1;
  const arrived = (): void => {
    if (--waiting > 0) return;
    done(
      bindings.flatMap((binding, nth): Reachable[] => {
        const flow = flows[nth];
        return flow ? [{ binding, flow }] : [];
      }),
    );
  };
  for (const [nth, binding] of bindings.entries()) {
    const flow = flows[nth];
    const wanted = flow === undefined || flow.connection === 0 ? namedHop(binding) : undefined;
    if (!wanted) continue;
    waiting++;
    endpoint.servers.locate(wanted, (outcome) => {
      flows[nth] = foundFlow(endpoint, binding, outcome) ?? flow;
      arrived();
    });
  }
  arrived();
}

function foundFlow(endpoint: Endpoint, binding: Binding, outcome: Outcome): Flow | undefined {
  if (outcome.kind !== "Located") return undefined;
  const isOwn = ({ host, port }: Flow["remote"]): boolean =>
    endpoint.locals.some((local) => local.host === host && local.port === port);
  const target = outcome.targets.find(
    ({ address }) => isBelieved(binding, address) && !isOwn(address),
  );
  return target && endpoint.reach(target);
}
