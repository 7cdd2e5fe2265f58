/**
 * `carillon phone`: a phone in this terminal, for a person who types or a program that reads and
 * writes JSON, until they quit.
 */
import type { PhoneCommand } from "../phone-command.ts";
import { type ControlSocket, controlSocket } from "./control-socket.ts";
import { Desk } from "./desk.ts";
import { type Front, type FrontWorld, personFront, scriptFront } from "./front.ts";
import type { Happening } from "./happening.ts";
import { identity } from "./identity.ts";
import { openPhone } from "./open-phone.ts";
import { ownSound } from "./own-sound.ts";
import { readScriptLine, type ScriptLine } from "./script-line.ts";
import { carriedOut, replyInWords } from "./secretary.ts";
import { Sound } from "./sound.ts";

export interface PhoneCommandWorld extends FrontWorld {
  /** Asks for the password of this name; undefined where there is none. */
  password(user: string): Promise<string | undefined>;
  /** The name of whoever is logged in, where no address says one. */
  readonly login: string;
}

type Of<Kind extends PhoneCommand["kind"]> = Extract<PhoneCommand, { kind: Kind }>;

/** The exit code. Throws CannotStart in words. */
export async function runPhone(
  command: Of<"Phone">,
  host: string | undefined,
  world: PhoneCommandWorld,
): Promise<number> {
  const { aor, servers, user, domain } = identity(command, command.aor, host, world.login);
  const password = servers.length > 0 ? await world.password(user) : undefined;
  const settings = { ...command, servers };
  const sound = ownSound(command, (message) => tell({ event: "trouble", code: "SOUND", message }));
  await using phone = await openPhone({ settings, aor, host, target: undefined, password });

  const { promise: leaving, resolve: leave } = Promise.withResolvers<void>();
  let front: Front | undefined;
  let control: ControlSocket | undefined;
  const tell = (what: Happening) => {
    front?.tell(what);
    control?.tell(what);
  };
  const desk = new Desk({
    ...{ phone, domain, tell, neighbours: new Map(), autoAnswer: command.autoAnswer },
    sound: new Sound(sound),
    seconds: () => performance.now() / 1000,
    publish: () => {},
  });
  const take = async (
    line: ScriptLine,
    say: (words: string | undefined, reply: unknown) => void,
  ) => {
    const reply = await carriedOut(line, desk);
    const order = line.read.ok ? line.read.order : undefined;
    say(replyInWords(order, reply), reply);
    if (order?.kind === "Quit") leave();
  };
  const line = (text: string) => {
    const read = readScriptLine(text);
    if (!read) return;
    void take(read, (words, reply) => {
      if (command.json || words !== undefined) front?.show(words ?? "", reply);
    });
  };
  const levels = () => (desk.calls.some(({ isTalking }) => isTalking) ? sound.levels : undefined);
  // Whoever has a socket to talk to it may well have closed its input.
  const left = command.control === undefined ? leave : () => {};
  const frontUser = { line, left, levels };
  front = command.json ? scriptFront(world, frontUser) : personFront(world, frontUser);
  if (command.control !== undefined) {
    control = await controlSocket(command.control, {
      line: (text, say) => {
        const read = readScriptLine(text);
        if (read) void take(read, (_, reply) => say(reply));
      },
    });
  }
  try {
    process.once("SIGINT", leave).once("SIGTERM", leave);
    tell({ event: "listening", at: [aor] });
    // What comes of it is told as it comes.
    if (servers.length > 0) phone.register().catch(() => {});
    await leaving;
  } finally {
    for (const { call } of desk.calls) call.hangUp();
    await phone.close();
    sound.close();
    front.close();
    await control?.close();
  }
  return 0;
}
