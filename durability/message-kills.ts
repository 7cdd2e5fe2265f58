/**
 * Ten thousand messages to people who are away, with kill -9 in the middle of it. Then they come:
 * with Carillon's clients, which show each message once and in order, and with plain phones, which
 * are sent each until they have answered it.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { seeded } from "carillon/testing";
import { demand } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { readAll } from "./journal-readers.ts";
import { type Letters, MessageSenders, messageId } from "./message-senders.ts";
import { PlainReader } from "./plain-readers.ts";
import { Program } from "./program.ts";
import { addressOf, type Seeded, seedPeople } from "./seed.ts";

const SENDERS = 100;
const READERS = 15;
const PLAIN = 5;
/** Each sender writes to four readers and one who has a plain phone. */
const EACH = 20;
const ANSWER_MS = 120_000;
/** Of each plain phone, all answers to this one are lost the first time. */
const LOST = 7;
/** By then the server has given up on a phone that does not answer (timer F), and a little. */
const GIVEN_UP_MS = 33_000;

export async function killMessages(folder: string, kills: number, seed: number): Promise<string> {
  await Program.prepare(folder);
  const people = seedPeople(folder, SENDERS + READERS + PLAIN);
  const readers = people.slice(SENDERS, SENDERS + READERS);
  const plain = people.slice(SENDERS + READERS);
  const letters = lettersOf(people.slice(0, SENDERS), readers, plain);
  let program = Program.start(folder);
  const phones = await Promise.all(
    plain.map((person) => PlainReader.at(person, (nth) => nth === LOST)),
  );
  await makeKnown(folder, phones);
  const senders = await MessageSenders.at(letters);
  const random = seeded(seed);
  const startMs = performance.now();
  const { done } = senders.start();
  for (let nth = 0; nth < kills; nth++) {
    // Somewhere in this part of them.
    const share = (nth + 0.25 + random() / 2) / kills;
    const isThere = () => senders.acknowledged.length >= share * senders.total || undefined;
    await until(`${Math.round(100 * share)}% of the messages`, isThere, ANSWER_MS);
    await program.kill();
    program = Program.start(folder);
  }
  await done;
  const seconds = (performance.now() - startMs) / 1000;
  senders.stop();
  demand(senders.refused.length === 0, `refused: ${senders.refused[0]}`);
  for (const reader of readers) await compare(reader, letters);
  const copies = await readPlainly(phones, plain, letters);
  for (const phone of phones) phone.close();
  await program.stop();
  const { sent, total, turnedAway } = senders;
  return (
    `${total} messages acknowledged in ${seconds.toFixed(1)} s through ${kills} kills, ${sent} ` +
    `sent, ${turnedAway} told to come later; each shown once, in order, by ${readers.length} ` +
    `clients; ${copies} by ${phones.length} plain phones`
  );
}

function lettersOf(
  senders: readonly Seeded[],
  readers: readonly Seeded[],
  plain: readonly Seeded[],
): readonly Letters[] {
  const count = EACH;
  return senders.flatMap((from, i) => {
    const to = [0, 4, 7, 11].map((step) => readers[(i + step) % readers.length]);
    to.push(plain[i % plain.length]);
    return to.map((person) => ({ from, to: person?.account ?? "", count }));
  });
}

/** A phone is sent what comes after it has registered for the first time. */
async function makeKnown(folder: string, phones: readonly PlainReader[]): Promise<void> {
  await Promise.all(phones.map((phone) => phone.register(3600)));
  const db = new DatabaseSync(join(folder, "data", "carillon.sqlite"), { readOnly: true });
  const known = db.prepare("SELECT count(*) AS phones FROM cursor");
  const isSo = () => (known.get() as { phones: number }).phones === phones.length || undefined;
  await until("the plain phones are known", isSo, ANSWER_MS).finally(() => db.close());
  await Promise.all(phones.map((phone) => phone.register(0)));
}

const idsOf = ({ from, to, count }: Letters): readonly string[] =>
  Array.from({ length: count }, (_, i) => messageId(from.account, to, i));

/** What this reader's client shows is what was written to them, and nothing else. */
async function compare(reader: Seeded, letters: readonly Letters[]): Promise<void> {
  const shown = await readAll(reader);
  const own = letters.filter(({ to }) => to === reader.account);
  demand(shown.size === own.length, `${reader.account} is shown ${shown.size} conversations`);
  for (const letter of own) {
    const found = shown.get(addressOf(letter.from.account)) ?? [];
    const expected = idsOf(letter);
    const at = expected.findIndex((id, i) => found[i] !== id);
    const isSame = at < 0 && found.length === expected.length;
    demand(isSame, `${reader.account} is shown ${found[at]} where ${expected[at]} has to be`);
  }
}

/** How many came, and how many of them twice. */
async function readPlainly(
  phones: readonly PlainReader[],
  plain: readonly Seeded[],
  letters: readonly Letters[],
): Promise<string> {
  const own = plain.map(({ account }) => letters.filter(({ to }) => to === account));
  const expected = own.map((some) => some.flatMap(idsOf));
  await Promise.all(phones.map((phone) => phone.register(3600)));
  const haveLost = () => phones.every(({ lost }) => lost.size === 1) || undefined;
  await until("each phone has lost an answer", haveLost, ANSWER_MS);
  await pause(GIVEN_UP_MS);
  await Promise.all(phones.map((phone) => phone.register(3600)));
  const haveAll = () =>
    phones.every(({ got }, i) => new Set(got).size >= (expected[i]?.length ?? 0)) || undefined;
  await until("each phone has all", haveAll, ANSWER_MS);
  // What would come twice would come now.
  await pause(1000);
  for (const [i, phone] of phones.entries()) judge(phone, expected[i] ?? [], own[i] ?? []);
  const all = phones.flatMap(({ got }) => got);
  const messages = new Set(all).size;
  return `${messages} taken, and ${all.length - messages} twice since their answers were lost,`;
}

function judge(
  { got, lost }: PlainReader,
  expected: readonly string[],
  letters: readonly Letters[],
): void {
  const counts = Map.groupBy(got, (id) => id);
  const stranger = got.find((id) => !expected.includes(id));
  demand(stranger === undefined, `a plain phone got ${stranger}`);
  for (const id of expected) {
    const copies = counts.get(id)?.length ?? 0;
    const right = lost.has(id) ? 2 : 1;
    demand(copies === right, `a plain phone got ${copies} of ${id}, and not ${right}`);
  }
  const first = [...counts.keys()];
  for (const letter of letters) {
    const prefix = messageId(letter.from.account, letter.to, 0).slice(0, -1);
    const some = first.filter((id) => id.startsWith(prefix));
    demand(some.join() === idsOf(letter).join(), `a plain phone got them in the order ${some}`);
  }
}
