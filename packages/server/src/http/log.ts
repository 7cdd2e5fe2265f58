/**
 * The program's log: one JSON object a line on stderr, so that stdout stays for people, or plain
 * words. Control characters are escaped, so nobody writes lines of their own into it.
 */
import { type DestinationStream, type Logger, pino } from "pino";
import { type LogFormat, logLine } from "./log-line.ts";

export type Log = Logger;

/** Lines a second below `error`; over it they are counted, not written. */
const LINES_PER_SECOND = 200;

/** Secrets by their names, one level down and two: what is never logged should not be either. */
const secrets = ["token", "password", "secret", "cookie", "authorization", "invite", "ha1"];

export function createLog(
  options: { readonly level: string; readonly now: () => number; readonly format?: LogFormat },
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Log {
  const budget = { second: 0, written: 0, dropped: 0 };
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      hooks: {
        logMethod(args, method, level) {
          if (level >= 50 || spend(budget, options.now())) method.apply(this, args);
        },
      },
      mixin: () => (budget.dropped === 0 ? {} : { dropped: takeDropped(budget) }),
    },
    { write: (line) => destination.write(logLine(line, options.format ?? "json")) },
  );
}

interface Budget {
  second: number;
  written: number;
  dropped: number;
}

function spend(budget: Budget, now: number): boolean {
  const second = Math.floor(now / 1000);
  if (second !== budget.second) Object.assign(budget, { second, written: 0 });
  if (budget.written >= LINES_PER_SECOND) {
    budget.dropped++;
    return false;
  }
  budget.written++;
  return true;
}

/** How many lines went missing is told by the next that is written. */
function takeDropped(budget: Budget): number {
  const { dropped } = budget;
  budget.dropped = 0;
  return dropped;
}
