/**
 * Why an address could not be bound, in words. Undefined if it is not about that.
 */
import { CannotStart } from "./cannot-start.ts";

export interface Wanted {
  readonly protocol: "TCP" | "UDP";
  readonly host: string;
  readonly port: number;
  /** `--port`, `--sip-port` */
  readonly flag: string;
  /** How far away the port is that is suggested instead. */
  readonly step: number;
}

export function bindFailure(error: unknown, wanted: Wanted): CannotStart | undefined {
  const { protocol, host, port, flag, step } = wanted;
  const { code } = error as { code?: string };
  const another = port + step <= 65_535 ? port + step : port - step;
  const choose = `choose another: npm start -- ${flag} ${another}`;
  switch (code) {
    case "EADDRINUSE":
      return new CannotStart(
        `Port ${port} (${protocol}) is already used by another program. Stop it, or ${choose}`,
      );
    case "EACCES":
      return new CannotStart(
        `Port ${port} (${protocol}) is kept by the system for its administrator. ` +
          `Take one over 1023: npm start -- ${flag} ${port < 1024 ? port + 8000 : another}`,
      );
    case "EADDRNOTAVAIL":
      return new CannotStart(
        `${host} is not an address of this machine. Leave out --host, or give it one that is.`,
      );
    default:
      return undefined;
  }
}
