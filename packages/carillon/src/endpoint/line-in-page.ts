/**
 * One open WebSocket: a message of its is a SIP message, and its driver ends it. See line.ts for
 * streams, in which messages have to be found, and for peers that may be silent for too long.
 */
import type { Octets } from "../grammar/octets.ts";
import type { Frame } from "../message/framing.ts";
import type { Flow } from "../transport/flow.ts";
import type { LineOptions, LineUser } from "./line.ts";

export type { LineOptions, LineUser } from "./line.ts";

export class Line {
  readonly number: number;
  readonly flow: Flow;
  readonly identities: readonly string[] = [];

  constructor(_: LineUser, { number, flow }: LineOptions) {
    this.number = number;
    this.flow = flow;
  }

  received(text: Octets): readonly Frame[] {
    return [{ kind: "Message", text }];
  }
}
