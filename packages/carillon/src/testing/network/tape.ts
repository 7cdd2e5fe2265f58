/** A machine that writes down what happens to it, and says what it is told to say. */
import type { Input } from "../../endpoint/input-output.ts";
import { type Millis, NEVER } from "../../grammar/millis.ts";
import type { Octets } from "../../grammar/octets.ts";
import type { Machine, MachineOutput } from "./machine.ts";

/** A machine that only listens, for tests that look at the wire. */
export class Tape implements Machine {
  /** Everything but `Listening`, `Call` and `Tick`. */
  readonly heard: { readonly at: Millis; readonly input: Input }[] = [];
  #outputs: MachineOutput[] = [];

  /** For a `Call`: what it asks of the network then. */
  say(...outputs: readonly MachineOutput[]): void {
    this.#outputs.push(...outputs);
  }

  /** For hosts: something happens to it. */
  handle(input: Input, now: Millis): readonly MachineOutput[] {
    if (input.kind === "Call") input.run();
    else if (input.kind !== "Listening" && input.kind !== "Tick")
      this.heard.push({ at: now, input });
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** For hosts: it never wants to be woken. */
  deadline(): Millis {
    return NEVER;
  }

  /** What was heard of one kind. */
  all<K extends Input["kind"]>(kind: K): readonly Extract<Input, { kind: K }>[] {
    return this.heard
      .map(({ input }) => input)
      .filter((one): one is Extract<Input, { kind: K }> => one.kind === kind);
  }

  /** The octets of datagrams, or of what came on connections. */
  octets(kind: "Datagram" | "Received"): readonly Octets[] {
    return this.all(kind).map(({ octets }) => octets);
  }

  /** `Opened`, `Received hello`, `Closed ECONNRESET`, …: a line for each. */
  story(): readonly string[] {
    return this.heard.map(({ input }) => {
      if ("octets" in input) return `${input.kind} ${input.octets}`;
      return "cause" in input && input.cause ? `${input.kind} ${input.cause}` : input.kind;
    });
  }
}
