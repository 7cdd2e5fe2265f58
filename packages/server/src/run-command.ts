/**
 * Does what the command line asked and says how it went: the exit code.
 */
import { hostname } from "node:os";
import { listCalls } from "./calls.ts";
import { CannotStart } from "./cannot-start.ts";
import { systemClock } from "./clock.ts";
import { type Command, readCommand } from "./command.ts";
import { helpText } from "./help.ts";
import { carryOutForUser } from "./users.ts";

const WENT_WELL = 0;
const IN_THE_WAY = 1;
const ASKED_WRONGLY = 2;

export async function runCommand(args: readonly string[]): Promise<number> {
  const command = readCommand(args, process.env);
  if (command.kind === "Wrong") {
    process.stderr.write(`${command.words}\n`);
    return ASKED_WRONGLY;
  }
  try {
    process.stdout.write(await carryOut(command));
    return WENT_WELL;
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    const isForProgram =
      (command.kind === "User" && command.command.json) ||
      (command.kind === "Calls" && command.wanted.json);
    process.stderr.write(`${isForProgram ? inJson(error) : error.message}\n`);
    return IN_THE_WAY;
  }
}

/** In the shape of the HTTP interface's errors. */
export function inJson({ message, refusal }: CannotStart): string {
  const { code, hint } = refusal ?? { code: "CANNOT_START", hint: "" };
  return JSON.stringify({ error: { code, message: refusal?.message ?? message, hint } });
}

/** What to print at the end. A server prints for itself and returns when it is stopped. */
async function carryOut(command: Exclude<Command, { kind: "Wrong" }>): Promise<string> {
  const world = { clock: systemClock, hostname: hostname() };
  switch (command.kind) {
    case "Help":
      return helpText(command.about);
    case "User":
      return carryOutForUser(command.command, command.settings, world);
    case "Calls":
      return listCalls(command.wanted, command.settings, world);
    case "Serve": {
      // Loaded only now: adding a user should not wait for the whole server.
      const { serveUntilStopped } = await import("./serve-until-stopped.ts");
      await serveUntilStopped(command.settings, world);
      return "";
    }
  }
}
