/** Has two people called for whoever sits at the server's terminal (RFC 3725). */
import type { Connecting, ConnectOptions, ConnectState } from "carillon/b2bua";
import type { Question } from "./control-server.ts";

/** What `carillon connect` is told, one line a state. */
export type ConnectLine = ConnectState | { readonly error: string };

/** Begins it; what is returned ends it. */
export type Connector = (asked: Question, say: (line: ConnectLine) => void) => () => void;

export interface ConnectorParts {
  /** The house's, behind the `@` of whoever is named without one. */
  readonly domain: string;
  /** Of the bridge; undefined where nothing is bridged. */
  readonly connect: ((options: ConnectOptions) => Connecting) | undefined;
  /** Runs it in a turn of the endpoint. */
  inTurn(run: () => void): void;
}

export const connector =
  ({ domain, connect, inTurn }: ConnectorParts): Connector =>
  ({ first, second }, say) => {
    let call: Connecting | undefined;
    const begin = (): void => {
      const wrong = whyNot(first, second, connect !== undefined);
      if (wrong !== undefined || !connect) return say({ error: wrong ?? NOT_HERE });
      const uri = (who: unknown): string =>
        `sip:${`${who}`.includes("@") ? who : `${who}@${domain}`}`;
      const account = `${first}`;
      try {
        call = connect({ first: uri(first), second: uri(second), account, heard: say });
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        say({ error: `Nobody can be called so: ${cause.message}` });
      }
    };
    inTurn(begin);
    return () => inTurn(() => call?.end());
  };

function whyNot(first: unknown, second: unknown, isThere: boolean): string | undefined {
  if (!isThere) return NOT_HERE;
  if (typeof first !== "string" || typeof second !== "string") return TWO;
  // By their rights both are called.
  return first.includes("@") ? NEIGHBOUR : undefined;
}

const NOT_HERE = "This server bridges no calls: it was started with --media never.";
const TWO = "It takes two to talk: carillon connect NAME NAME.";
const NEIGHBOUR = "Who is called first has to live here: a name without @.";
