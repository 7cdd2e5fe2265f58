/** What went over the wire, where the end of a flow has to say more than its ladder shows. */
import { header } from "../../message/headers.ts";
import { parseMessage, type Request } from "../../message/message.ts";
import type { FlowStage } from "./flow-stage.ts";

/** The requests of this method that have come to this host since the story began. */
export const requestsTo = (stage: FlowStage, host: string, method: string): readonly Request[] =>
  stage.network.sights.slice(stage.curtain).flatMap(({ to, lost, octets }) => {
    if (to !== host || lost) return [];
    const message = parseMessage(octets);
    const isAsked = message.ok && message.value.kind === "Request";
    return isAsked && message.value.method === method ? [message.value] : [];
  });

/** What the last of them says of this. */
export function lastSaid(
  stage: FlowStage,
  host: string,
  method: string,
  name: string,
): string | undefined {
  const last = requestsTo(stage, host, method).at(-1);
  return last && header(last, name);
}
