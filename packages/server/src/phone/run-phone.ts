/**
 * `carillon phone`: a phone in this terminal, for a person who types or a program that reads and
 * writes JSON, until they quit.
 */
import type { Phone } from "carillon/node";
import { escapeUser, formatAddress } from "carillon/uri";
import type { PhoneCommand } from "../phone-command.ts";
import { Acquaintances } from "./acquaintances.ts";
import { type ControlSocket, controlSocket } from "./control-socket.ts";
import { Desk } from "./desk.ts";
import type { DeskMedia } from "./desk-media.ts";
import { type Front, type FrontUser, type FrontWorld, personFront, scriptFront } from "./front.ts";
import type { Happening, Reply } from "./happening.ts";
import { type Identity, identity } from "./identity.ts";
import { Neighbourhood } from "./neighbourhood.ts";
import { openPhone } from "./open-phone.ts";
import { ownInstance } from "./own-instance.ts";
import { type OwnSoundParts, ownSound } from "./own-sound.ts";
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
  const who = identity(command, command.aor, host, world.login);
  const { aor, servers, user } = who;
  const password = servers.length > 0 ? await world.password(user) : undefined;
  const told = new Told();
  const sound = ownSound(command, (message) => {
    told.tell({ event: "trouble", code: "SOUND", message });
  });
  const settings = { ...command, servers };
  const device = servers.length > 0 ? { instance: ownInstance(aor) } : {};
  const wish = { settings, aor, host, target: undefined, user, password, ...device };
  await using phone = await openPhone(wish);
  await using running = new RunningPhone({ command, who, phone, sound, told });
  await running.meet(world);
  await running.left;
  return 0;
}

/** Everybody who is told what happens. */
class Told {
  front: Front | undefined;
  control: ControlSocket | undefined;

  readonly tell = (what: Happening): void => {
    this.front?.tell(what);
    this.control?.tell(what);
  };
}

interface Parts {
  readonly command: Of<"Phone">;
  readonly who: Identity;
  readonly phone: Phone<DeskMedia>;
  readonly sound: OwnSoundParts;
  readonly told: Told;
}

class RunningPhone implements AsyncDisposable {
  readonly left: Promise<void>;
  readonly #parts: Parts;
  readonly #desk: Desk;
  readonly #leave: () => void;
  #near: Neighbourhood | undefined;

  constructor(parts: Parts) {
    const { command, who, phone, sound, told } = parts;
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.left = promise;
    this.#leave = resolve;
    const { aor, domain } = who;
    const { isSeen } = command;
    const acquaintances = new Acquaintances({ phone, aor, domain, isSeen, tell: told.tell });
    this.#desk = new Desk({
      ...{ phone, domain: who.domain, tell: told.tell, autoAnswer: command.autoAnswer },
      neighbours: {
        get: (word) => this.#near?.get(word),
        list: () => this.#near?.list() ?? [],
      },
      sound: new Sound(sound),
      seconds: () => performance.now() / 1000,
      acquaintances,
      publish: (status, note) =>
        acquaintances.say(status, note) || this.#near?.say(status, note) === true,
    });
  }

  /** Opens its doors, and lets others know of it. */
  async meet(world: FrontWorld): Promise<void> {
    const { command, who, phone, told } = this.#parts;
    told.front = this.#front(world);
    if (command.control !== undefined) {
      const line = (text: string, say: (document: unknown) => void) =>
        this.#take(text, (_, reply) => say(reply));
      told.control = await controlSocket(command.control, { line });
    }
    process.once("SIGINT", this.#leave).once("SIGTERM", this.#leave);
    told.tell({ event: "listening", at: this.#where() });
    // What comes of it is told as it comes.
    if (who.servers.length > 0) phone.register().catch(() => {});
    // Only who takes calls from others on the network is of use to them.
    else if (command.isSeen) this.#near = await this.#join();
  }

  #front(world: FrontWorld): Front {
    const { command, sound, told } = this.#parts;
    const isTalking = () => this.#desk.calls.some((one) => one.isTalking);
    const user: FrontUser = {
      line: (text) =>
        this.#take(text, (words, reply) => {
          if (command.json || words !== undefined) told.front?.show(words ?? "", reply);
        }),
      // Whoever has a socket to talk to it may well have closed its input.
      left: command.control === undefined ? this.#leave : () => {},
      levels: () => (isTalking() ? sound.levels : undefined),
    };
    return command.json ? scriptFront(world, user) : personFront(world, user);
  }

  #where(): readonly string[] {
    const { who, phone } = this.#parts;
    if (who.servers.length > 0) return [who.aor];
    // One address for both, UDP and TCP.
    const all = phone.addresses.map((one) => `sip:${escapeUser(who.user)}@${formatAddress(one)}`);
    return [...new Set(all)];
  }

  #join(): Promise<Neighbourhood | undefined> {
    const { command, who, phone, told } = this.#parts;
    const { name = who.user } = command;
    const addresses = () => phone.addresses;
    return Neighbourhood.join({ name, user: who.user, tell: told.tell, addresses });
  }

  #take(text: string, say: (words: string | undefined, reply: Reply) => void): void {
    const line = readScriptLine(text);
    if (line) void this.#carryOut(line, say);
  }

  async #carryOut(
    line: ScriptLine,
    say: (words: string | undefined, reply: Reply) => void,
  ): Promise<void> {
    const reply = await carriedOut(line, this.#desk);
    const order = line.read.ok ? line.read.order : undefined;
    say(replyInWords(order, reply), reply);
    if (order?.kind === "Quit") this.#leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { phone, sound, told } = this.#parts;
    for (const { call } of this.#desk.calls) call.hangUp();
    await this.#near?.[Symbol.asyncDispose]();
    await phone.close();
    sound.close();
    told.front?.close();
    await told.control?.close();
  }
}
