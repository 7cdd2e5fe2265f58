/** Passwords guessed by hand: how many of them are looked at, and whom that keeps out. */
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { DigestClient, Registrations } from "./digest-client.ts";
import { folderIn, Stage } from "./stage.ts";
import { requestText } from "./stranger.ts";

const PHONE = "127.0.0.9";
/** Of one source for one account in ten minutes, and of all for one account in an hour. */
const [EACH, ALL] = [10, 100];
const [SOURCES, TRIES] = [70, 2];
/** A thousand guesses a second, from so many sources, for so long. */
const [MANY_SOURCES, PER_SECOND, SHORT_S, FULL_S] = [20, 1000, 5, 60];
const TICK_MS = 20;

interface Owner {
  readonly user: string;
  readonly password: string;
}

export async function guessing(folder: string, report: Report, isFull: boolean): Promise<void> {
  const stage = await Stage.open(folderIn(folder, "guessing"), 1);
  const [zoe, yan, xia, max] = await stage.house.addDeskPhones([
    "Zoe",
    "Yan",
    "Xia",
    "Max",
  ] as const);
  await report.check(`one source: ${EACH} passwords of an account are looked at, and no more`, () =>
    fromOne(stage, zoe),
  );
  await report.check(`${SOURCES} sources: ${ALL} of an account, and its owner comes in`, () =>
    fromMany(stage, yan),
  );
  await report.check("whoever guesses beside a phone, at its address, does not keep it out", () =>
    besideIt(stage, xia),
  );
  const seconds = isFull ? FULL_S : SHORT_S;
  await report.check(`${PER_SECOND} guesses a second: the phone registers meanwhile`, () =>
    manyASecond(stage, max, seconds),
  );
  await stage.close();
}

const looked = async (stage: Stage): Promise<number> =>
  (await stage.house.status()).protection.wrong;

async function fromOne(stage: Stage, { user, password }: Owner): Promise<string> {
  const before = await looked(stage);
  const guesser = await DigestClient.at("127.0.0.71", user);
  for (let nth = 0; nth < EACH + 1; nth++) {
    const { status } = await guesser.register(`guess ${nth}`);
    demand(status === 401, `a guess gets ${status}`);
  }
  const right = await guesser.register(password);
  guesser.close();
  // Another port and another Call-ID are the same source.
  const again = await DigestClient.at("127.0.0.71", user);
  const other = await again.register(password);
  again.close();
  const owner = await DigestClient.at(PHONE, user);
  const own = await owner.register(password);
  owner.close();
  const count = (await looked(stage)) - before;
  demand(right.status === 401, `the right one gets ${right.status} after all of these`);
  demand(other.status === 401, `the right one gets ${other.status} from another port`);
  demand(own.status === 200, `its owner gets ${own.status}`);
  demand(count > 0 && count <= EACH, `${count} were looked at`);
  return `${count} of ${EACH + 3} looked at, the right one behind them was not`;
}

async function fromMany(stage: Stage, { user, password }: Owner): Promise<string> {
  const owner = await DigestClient.at(PHONE, user);
  demand((await owner.register(password)).status === 200, "the owner cannot register at all");
  const before = await looked(stage);
  for (let source = 0; source < SOURCES; source++) {
    const guesser = await DigestClient.at(`127.0.1.${source + 1}`, user);
    for (let nth = 0; nth < TRIES; nth++) await guesser.register(`guess ${source} ${nth}`);
    guesser.close();
  }
  const count = (await looked(stage)) - before;
  const last = await DigestClient.at("127.0.2.1", user);
  const right = await last.register(password);
  last.close();
  const own = await owner.register(password);
  owner.close();
  demand(right.status === 401, `the right one gets ${right.status} from one more source`);
  demand(own.status === 200, `its owner gets ${own.status}`);
  demand(count > 0 && count <= ALL, `${count} were looked at`);
  return `${count} of ${SOURCES * TRIES} looked at; the owner was let in`;
}

async function besideIt(stage: Stage, { user, password }: Owner): Promise<string> {
  const phone = await DigestClient.at(PHONE, user);
  demand((await phone.register(password)).status === 200, "the phone cannot register at all");
  const guesser = await DigestClient.at(PHONE, user);
  for (let nth = 0; nth < 100; nth++) await guesser.register(`guess ${nth}`);
  const right = await guesser.register(password);
  const own = await phone.register(password);
  for (const one of [guesser, phone]) one.close();
  const { bans } = (await stage.house.status()).protection;
  demand(right.status === 401, `the guesser comes in with the right one: ${right.status}`);
  demand(own.status === 200, `the phone gets ${own.status}`);
  demand(bans === 0, "its address is banned");
  return "100 guesses, the phone is in, nobody is banned";
}

async function manyASecond(stage: Stage, { user, password }: Owner, seconds: number) {
  const phone = await DigestClient.at(PHONE, user);
  demand((await phone.register(password)).status === 200, "the phone cannot register at all");
  const guessers = await Promise.all(
    Array.from({ length: MANY_SOURCES }, (_, i) => DigestClient.at(`127.0.3.${i + 1}`, user)),
  );
  const lines = await Promise.all(
    guessers.map(async (one) => {
      const { text } = await one.say({ method: "REGISTER" });
      return one.credentials(text, { method: "REGISTER", password: "guess" });
    }),
  );
  const registrations = new Registrations();
  let [isOver, sent] = [false, 0];
  const guess = async () => {
    const startMs = performance.now();
    while (performance.now() - startMs < 1000 * seconds) {
      const due = ((performance.now() - startMs) * PER_SECOND) / 1000;
      for (; sent < due; sent++) {
        const { stranger } = guessers[sent % MANY_SOURCES]!;
        const line = lines[sent % MANY_SOURCES]!;
        const to = `sip:${user}@${DOMAIN}`;
        const asked = { method: "REGISTER", nth: `m${sent}`, via: stranger.via, from: to, to };
        stranger.say(requestText({ ...asked, more: [line] }));
        stranger.heard.length = 0;
      }
      await pause(TICK_MS);
    }
    isOver = true;
  };
  const cost = await stage.cost(async () => {
    await Promise.all([guess(), registrations.until(() => isOver, phone, password)]);
  });
  for (const one of [...guessers, phone]) one.close();
  const { bans } = (await stage.house.status()).protection;
  demand(bans === MANY_SOURCES, `${bans} of ${MANY_SOURCES} sources are banned`);
  return `${sent} guesses, all ${bans} sources banned; ${registrations.figure()}; ${cost.figure}`;
}
