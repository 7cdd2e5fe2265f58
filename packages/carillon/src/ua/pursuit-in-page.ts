/** A page looks for no servers but its own: see pursuit.ts. */
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Wanted } from "../locate/wanted.ts";
import type { Pursuing } from "./pursuit.ts";

export function pursue(endpoint: Endpoint, _: Wanted, _method: string, user: Pursuing): undefined {
  endpoint.later(() => user.failed("transport"));
}
