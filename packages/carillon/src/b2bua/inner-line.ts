/**
 * A connection of which both ends are in one endpoint: what a part of a server sends on it comes
 * into the same server as if from a phone. So a call that the agent begins itself goes the way of
 * every other: by the operator's route, to services, to all devices of whoever is called, with its
 * record and its lamps.
 */
import { Endpoint } from "../endpoint/endpoint.ts";
import type { Input, Output } from "../endpoint/input-output.ts";
import type { EndpointOptions } from "../endpoint/role.ts";
import type { Millis } from "../grammar/millis.ts";
import type { Flow } from "../transport/flow.ts";

/** The end that the agent speaks at, and the one at which it is heard. No driver counts so far. */
const [AGENT, SERVER] = [2 ** 52 + 1, 2 ** 52 + 2];
const ACROSS: ReadonlyMap<number, number> = new Map([
  [AGENT, SERVER],
  [SERVER, AGENT],
]);
/** No socket has this port: a reader of logs sees which end is meant. */
const AGENT_PORT = 1;

/** An endpoint with such a connection, once it listens anywhere. */
export class InnerLineEndpoint extends Endpoint {
  #isOpen = false;

  /** As `Endpoint.handle`; what is said on the line has been heard when this returns. */
  override handle(input: Input, now: Millis): readonly Output[] {
    const outputs: Output[] = [];
    const inputs: Input[] = [input];
    for (let next = inputs.shift(); next; next = inputs.shift()) {
      for (const output of super.handle(next, now)) {
        const isInner = "connection" in output && ACROSS.has(output.connection);
        if (isInner) inputs.push(...heardOf(output));
        else outputs.push(output);
      }
      inputs.push(...this.#opening());
    }
    return outputs;
  }

  /** As `Endpoint.census`; the line itself counts for nothing. */
  override census(): ReturnType<Endpoint["census"]> {
    const { connections, ...rest } = super.census();
    const own = [AGENT, SERVER].filter((one) => this.connection(one) !== undefined).length;
    return { ...rest, connections: connections - own };
  }

  #opening(): readonly Input[] {
    const [here] = this.addresses;
    if (this.#isOpen || !here) return [];
    this.#isOpen = true;
    const there = { host: here.host, port: AGENT_PORT };
    // As TLS: what has to be secure from end to end is so here.
    const both = { kind: "Opened", transport: "TLS" } as const;
    const keep = (): void => {
      for (const one of [AGENT, SERVER]) this.keep(one);
    };
    return [
      { ...both, connection: AGENT, local: there, remote: here },
      { ...both, connection: SERVER, local: here, remote: there },
      { kind: "Call", run: keep },
    ];
  }
}

/** What the other end hears of an output. */
function heardOf(output: Output): readonly Input[] {
  if (output.kind !== "Send") return [];
  const connection = ACROSS.get(output.connection) ?? 0;
  return [{ kind: "Received", connection, octets: output.octets }];
}

/**
 * As `createEndpoint`, with a line into itself, which `bridging` needs to carry out transfers: what
 * it sends on that line comes into the same endpoint at once, by the rights of whoever wanted it.
 * For its driver nothing is different.
 */
export const createInnerLineEndpoint = (options: EndpointOptions): Endpoint =>
  new InnerLineEndpoint(options);

/** Where the agent speaks into its own server; undefined where there is no such line. */
export const innerFlow = (endpoint: Endpoint): Flow | undefined => endpoint.connection(AGENT);

/** Whether this came from the agent itself. */
export const isFromAgent = ({ connection }: Flow): boolean => connection === SERVER;

/** Whether this goes to the agent, or comes to it, over its own line. */
export const isInnerLine = ({ connection }: Flow): boolean => ACROSS.has(connection);
