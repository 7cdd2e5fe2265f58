/**
 * Does what the command line asked and says how it went: the exit code.
 */
import { hostname, userInfo } from "node:os";
import { listCalls } from "./calls.ts";
import { CannotStart } from "./cannot-start.ts";
import { passwordOf } from "./client/password.ts";
import type { ClientError, Report } from "./client/report.ts";
import type { ClientCommand } from "./client-command.ts";
import { systemClock } from "./clock.ts";
import { type Command, readCommand } from "./command.ts";
import { showConnect } from "./control/show-connect.ts";
import { showLive } from "./control/show-live.ts";
import { showRecord } from "./control/show-record.ts";
import { showStatus } from "./control/show-status.ts";
import { showTrace } from "./control/show-trace.ts";
import type { DoctorCommand } from "./doctor-command.ts";
import { helpText } from "./help.ts";
import type { LookCommand } from "./look-command.ts";
import { carryOutMessages } from "./messages.ts";
import type { PhoneCommand } from "./phone-command.ts";
import { carryOutBans } from "./protection/bans.ts";
import type { Settings } from "./settings.ts";
import { carryOutForUser, type World } from "./users.ts";

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
    if (command.kind === "Client") return await askAsClient(command.command, command.settings);
    if (command.kind === "Phone") return await usePhone(command.command, command.settings);
    if (command.kind === "Doctor") return await askDoctor(command.command, command.settings);
    process.stdout.write(await carryOut(command));
    return WENT_WELL;
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error;
    const isForProgram = "command" in command && command.command.json;
    process.stderr.write(`${isForProgram ? inJson(error) : error.message}\n`);
    return IN_THE_WAY;
  }
}

/** In the shape of the HTTP interface's errors. */
export function inJson({ message, refusal }: CannotStart): string {
  const { code, hint } = refusal ?? { code: "CANNOT_START", hint: "" };
  return JSON.stringify({ error: { code, message: refusal?.message ?? message, hint } });
}

/** One request to somebody; what it came to is printed. */
async function askAsClient(command: ClientCommand, settings: Settings): Promise<number> {
  const { carryOutAsClient } = await import("./client/carry-out.ts");
  const world = { env: process.env, input: process.stdin, output: process.stderr };
  const password = (user: string) => passwordOf(user, world);
  const report = await carryOutAsClient(command, settings, { password });
  const text = reportText(report, command.json);
  (report.ok ? process.stdout : process.stderr).write(text);
  return report.ok ? WENT_WELL : IN_THE_WAY;
}

/** What is in the way is printed; and if anything is, the exit code says so. */
async function askDoctor(command: DoctorCommand, settings: Settings): Promise<number> {
  const { runDoctor } = await import("./doctor/run-doctor.ts");
  const world = { clock: systemClock, hostname: hostname() };
  const { text, isWell } = await runDoctor(settings, command, world);
  process.stdout.write(text);
  return isWell ? WENT_WELL : IN_THE_WAY;
}

/** A phone in this terminal, or one call; it prints for itself. */
async function usePhone(command: PhoneCommand, { host }: Settings): Promise<number> {
  const { env, stdin: input, stdout: output } = process;
  const world = {
    ...{ input, output, login: userInfo().username },
    // What is piped in are orders.
    password: async (user: string) =>
      env["CARILLON_PASSWORD"] !== undefined || input.isTTY
        ? passwordOf(user, { env, input, output: process.stderr }).catch(() => {
            throw new CannotStart(
              `No password for ${user} was given. It comes from CARILLON_PASSWORD.`,
            );
          })
        : undefined,
  };
  if (command.kind === "Call") {
    const { runCall } = await import("./phone/run-call.ts");
    return runCall(command, host, world);
  }
  if (command.kind === "Chat") {
    const { runChat } = await import("./chat/run-chat.ts");
    return runChat(command, host, world);
  }
  const { runPhone } = await import("./phone/run-phone.ts");
  return runPhone(command, host, world);
}

function reportText(report: Report, isForProgram: boolean): string {
  if (report.ok) {
    return isForProgram ? `${JSON.stringify(report.json, undefined, 2)}\n` : report.words;
  }
  const { error } = report;
  return isForProgram ? `${JSON.stringify({ error })}\n` : `${inWords(error)}\n`;
}

const inWords = ({ message, hint }: ClientError): string => `${message} ${hint}`;

/** What to print at the end. A server prints for itself and returns when it is stopped. */
async function carryOut(
  command: Exclude<Command, { kind: "Wrong" | "Client" | "Phone" | "Doctor" }>,
): Promise<string> {
  const world = { clock: systemClock, hostname: hostname() };
  switch (command.kind) {
    case "Help":
      return helpText(command.about);
    case "User":
      return carryOutForUser(command.command, command.settings, world);
    case "Bans":
      return carryOutBans(command.command, command.settings, world);
    case "Messages":
      // Whoever reads it may have enough: what is printed then says so.
      process.stdout.on("error", () => {});
      await carryOutMessages(command.command, command.settings, { ...world, print });
      return "";
    case "Look":
      return look(command.command, command.settings, world);
    case "Serve": {
      // Loaded only now: adding a user should not wait for the whole server.
      const { serveUntilStopped } = await import("./serve-until-stopped.ts");
      await serveUntilStopped(command.settings, world);
      return "";
    }
  }
}

/** A reader that is slow is waited for: an export may be larger than memory. */
const print = (text: string): Promise<void> =>
  new Promise((written, failed) => {
    process.stdout.write(text, (error) => {
      if (!error) written();
      else failed(new CannotStart(`It cannot be printed: ${error.message}.`));
    });
  });

async function look(command: LookCommand, settings: Settings, world: World): Promise<string> {
  switch (command.kind) {
    case "Calls":
      return command.live ? showLive(settings, command) : listCalls(command, settings, world);
    case "Connect":
      await showConnect(settings, command, (text) => process.stdout.write(text));
      return "";
    case "Record":
      return showRecord(settings, command);
    case "Status":
      return showStatus(settings, command);
    case "Trace":
      await showTrace(settings, command, (text) => process.stdout.write(text));
      return "";
  }
}
