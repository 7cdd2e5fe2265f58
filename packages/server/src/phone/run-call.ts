/** `carillon call`: one call, what it is like while it goes on, and how it went. */
import type { CallEnd } from "carillon/ua";
import { CannotStart } from "../cannot-start.ts";
import type { PhoneCommand } from "../phone-command.ts";
import { DeskCall } from "./desk-call.ts";
import type { Happening } from "./happening.ts";
import { identity } from "./identity.ts";
import { notesOf, openPhone } from "./open-phone.ts";
import { ownSound } from "./own-sound.ts";
import { exitCode } from "./phone-exit.ts";
import { qualityOf } from "./quality-of.ts";
import type { PhoneCommandWorld } from "./run-phone.ts";
import { signIn } from "./sign-in.ts";
import { Sound } from "./sound.ts";
import { targetOf } from "./target.ts";
import { inWords } from "./words.ts";

type Of<Kind extends PhoneCommand["kind"]> = Extract<PhoneCommand, { kind: Kind }>;

/** The exit code. Throws CannotStart in words. */
export async function runCall(
  command: Of<"Call">,
  host: string | undefined,
  world: PhoneCommandWorld,
): Promise<number> {
  const { aor, servers, user, domain } = identity(command, command.from, host, world.login);
  const target = targetOf(command.uri, domain);
  if (!target.ok) throw new CannotStart(target.words);
  const password = servers.length > 0 ? await world.password(user) : undefined;
  const tell = (what: Happening) => {
    const words = command.json ? JSON.stringify(what) : inWords(what);
    if (words !== undefined) world.output.write(`${words}\n`);
  };
  const sound = ownSound(command, (message) => tell({ event: "trouble", code: "SOUND", message }));
  const settings = { ...command, servers };
  await using phone = await openPhone({ settings, aor, host, target: target.uri, user, password });
  try {
    if (servers.length > 0) await signIn(phone, { user, password });
    const call = phone.call(target.uri, { audio: true, video: false });
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const watched = new DeskCall(1, call, {
      ...{ tell, sound: new Sound(sound), isMuted: () => false, over: () => resolve() },
      seconds: () => performance.now() / 1000,
      transferAsked: (_, wish) => wish.refuse(),
      notes: notesOf(phone),
    });
    const stop = () => call.hangUp();
    process.once("SIGINT", stop).once("SIGTERM", stop);
    const ringing = setTimeout(stop, command.ringMs);
    const talked = await call.answered.then(
      () => true,
      () => false,
    );
    clearTimeout(ringing);
    if (talked) await talk(command, watched, tell);
    const end: CallEnd = await call.ended;
    await over;
    return exitCode(end, talked);
  } finally {
    await phone.close();
    sound.close();
  }
}

async function talk(
  { durationMs, tones }: Of<"Call">,
  watched: DeskCall,
  tell: (what: Happening) => void,
): Promise<void> {
  const { call } = watched;
  if (tones !== undefined) {
    call.sendDtmf(tones).catch(({ message }: Error) => {
      tell({ event: "trouble", code: "TONES", message });
    });
  }
  const isOver = call.ended.then(() => true);
  const { promise: enough, resolve } = Promise.withResolvers<false>();
  const timer = durationMs === undefined ? undefined : setTimeout(resolve, durationMs, false);
  if (!(await Promise.race([isOver, enough]))) {
    for (const quality of qualityOf(watched)) tell(quality);
    call.hangUp();
  }
  clearTimeout(timer);
}
