/** Files and the connections they come by: others' sessions, sizes, names, and who says nothing. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { messageSessions, sendFile } from "carillon/msrp";
import { Phone, type StreamMsrp, streamMsrp } from "carillon/node";
import type { Seeded } from "../durability/seed.ts";
import { DOMAIN } from "../interop/house.ts";
import { demand, type Report } from "../interop/report.ts";
import { pause, until } from "../interop/until.ts";
import { folderIn, SIP, Stage } from "./stage.ts";

const MSRP = { host: "127.0.0.1", port: 2855 };
const PAGE = { host: "127.0.0.1", port: 8080 };
const BOX = `sip:files@${DOMAIN}`;
const MB = 1024 * 1024;
const GUESSES = 2000;
const WAIT_MS = 20_000;
/** A stranger has half a minute. RFC 4976 §6.1. */
const SILENT_MS = 36_000;

export async function files(folder: string, report: Report): Promise<void> {
  const own = folderIn(folder, "msrp");
  const stage = await Stage.open(own, 2);
  const open = await Sender.open(stage.people[0], stage.house.certificate);
  try {
    await report.check("a session that goes on is nobody else's, with its URI or without", () =>
      hijacked(stage, open),
    );
    await report.check("a file is no larger than it was said to be, and none is over 100 MB", () =>
      overfilled(open, own),
    );
    await report.check("no name leads out of where files are kept", () => escaped(open, own));
    await report.check("two hundred strangers who say nothing are hung up on", () => silent(stage));
  } finally {
    await open.close();
  }
  await report.check("files: the program is as it was", () => stage.close());
}

/** Somebody who lives there, and sees the descriptions that come. */
class Sender {
  readonly phone: Phone;
  readonly #world: StreamMsrp;
  /** Every path that was told. */
  readonly paths: string[] = [];

  private constructor(phone: Phone, world: StreamMsrp) {
    this.phone = phone;
    this.#world = world;
  }

  static async open(who: Seeded | undefined, believes: string): Promise<Sender> {
    if (!who) throw new Error("somebody lives there");
    const ca = readFileSync(believes, "utf8");
    const world = await streamMsrp({ tls: { ca } });
    const phone = await Phone.open({
      ...{ aor: `sip:${who.account}@${DOMAIN}`, server: SIP, transport: "TCP" },
      token: async () => who.token,
      trace: ({ octets: text }) => {
        const path = /^a=path:(msrps:\/\/[^ ]+:2855\/[0-9a-f]+;tcp)/m.exec(text)?.[1];
        if (path !== undefined) sender.paths.push(path);
      },
    });
    const sender = new Sender(phone, world);
    messageSessions(phone, {
      ...world,
      connect: (to, user) => world.connect({ ...to, host: MSRP.host }, user),
    });
    await phone.register();
    return sender;
  }

  send(content: Uint8Array, more: Partial<{ size: number; name: string; slow: boolean }> = {}) {
    const { size = content.length, name = "a.bin", slow = false } = more;
    return sendFile(this.phone, BOX, {
      ...{ name, size, type: "application/octet-stream" },
      read: async (offset, length) => {
        if (slow) await pause(20);
        const octets = content.subarray(offset, offset + length);
        return octets.length === length ? octets : new Uint8Array(length);
      },
    });
  }

  async close(): Promise<void> {
    await this.phone.close();
    this.#world.close();
  }
}

/** Somebody who speaks MSRP by hand. */
class Stranger {
  readonly #socket: TLSSocket;
  heard = "";
  isClosed = false;

  constructor() {
    this.#socket = connect({ ...MSRP, rejectUnauthorized: false });
    this.#socket.on("data", (bytes) => {
      this.heard += bytes.toString("latin1");
    });
    this.#socket.on("error", () => {});
    this.#socket.once("close", () => {
      this.isClosed = true;
    });
  }

  async ready(): Promise<void> {
    await once(this.#socket, "secureConnect");
  }

  say(path: string, id: string, body: string): void {
    this.#socket.write(
      [
        ...[`MSRP ${id} SEND`, `To-Path: ${path}`, "From-Path: msrps://eve.invalid:9/eve1;tcp"],
        ...["Message-ID: evil1", "Byte-Range: 1-*/*", "Content-Type: text/plain", ""],
        ...[body, `-------${id}$`, ""],
      ].join("\r\n"),
    );
  }

  /** Statuses of the answers so far. */
  get statuses(): readonly string[] {
    return [...this.heard.matchAll(/^MSRP \S+ (\d{3})/gm)].map(([, status = ""]) => status);
  }

  close(): void {
    this.#socket.destroy();
  }
}

const digest = (octets: Uint8Array): string => createHash("sha256").update(octets).digest("hex");

async function hijacked(stage: Stage, sender: Sender): Promise<string> {
  const content = randomBytes(8 * MB);
  const transfer = sender.send(content, { slow: true });
  const path = await until("a session", () => sender.paths.at(-1), WAIT_MS);
  await until("some of it arrived", () => transfer.sent > MB || undefined, WAIT_MS);
  const eve = new Stranger();
  await eve.ready();
  eve.say(path, "knows123", "mine now");
  await until("an answer", () => eve.statuses[0], WAIT_MS);
  const knowing = eve.statuses[0];
  const cost = await stage.cost(async () => {
    for (let i = 0; i < GUESSES; i++) {
      const guess = path.replace(/\/[0-9a-f]+;/, `/${randomBytes(20).toString("hex")};`);
      eve.say(guess, `guess${i}`, "x");
    }
    const all = () => eve.statuses.length > GUESSES || eve.isClosed || undefined;
    await until("all answers", all, WAIT_MS);
  });
  const taken = eve.statuses.slice(1).filter((status) => status !== "481").length;
  eve.close();
  const file = await transfer.done;
  const kept = await fetchFile(new URL(file?.url ?? "").pathname);
  demand(knowing === "506", `who knew the URI was answered with ${knowing}`);
  demand(taken === 0, `${taken} guesses were answered with something else than 481`);
  const isSame = digest(kept) === digest(content);
  demand(isSame, `what is kept is another file, of ${kept.length} octets`);
  return `506 to who knew it, 481 to ${GUESSES} guesses, the file whole; ${cost.figure}`;
}

async function overfilled(sender: Sender, folder: string): Promise<string> {
  const why = await sender.send(new Uint8Array(0), { size: 101 * MB }).done.then(
    () => "taken",
    (error: Error) => error.message,
  );
  const before = bytesIn(folder);
  // What is announced as ten octets, and goes on: by hand, in a session of one's own.
  const transfer = sender.send(randomBytes(10), { slow: true });
  const known = sender.paths.length;
  const path = await until("a session", () => sender.paths[known] ?? sender.paths.at(-1), WAIT_MS);
  await transfer.done.catch(() => {});
  const eve = new Stranger();
  await eve.ready();
  eve.say(path, "more1234", "x".repeat(5 * MB));
  await until("an answer", () => eve.statuses[0] ?? (eve.isClosed ? "closed" : undefined), WAIT_MS);
  const said = eve.statuses[0] ?? "closed";
  eve.close();
  const grown = bytesIn(folder) - before;
  demand(why !== "taken", "101 MB were taken");
  demand(grown < 4096, `${grown} octets more are kept`);
  return `101 MB: "${why}"; 5 MB into a session of 10 octets: ${said}, ${grown} octets kept`;
}

const NAMES = [
  ...["../../../../tmp/evil", "..\\..\\evil.exe", "/etc/passwd", "..", ".", "\0evil", "a/../../b"],
  ...["CON", "x".repeat(5000), "a\r\nSet-Cookie: x=1", "%2e%2e%2fevil", "\u202egnp.exe"],
];

async function escaped(sender: Sender, folder: string): Promise<string> {
  const before = everyFile(folder);
  const urls: string[] = [];
  for (const name of NAMES) {
    const file = await sender.send(randomBytes(10), { name }).done;
    if (file) urls.push(file.url);
  }
  const added = everyFile(folder).filter((path) => !before.includes(path));
  const strange = added.filter((path) => !/\/files\/[0-9a-f]{32}\.(?:data|json)$/.test(path));
  demand(strange.length === 0, `there are now ${strange.join(", ")}`);
  const paths = [
    ...["/f/../../etc/passwd", "/f/%2e%2e/%2e%2e/etc/passwd", "/f/..%2f..%2ftls-key.pem/x"],
    ...["/f/x.json/x", `/f/${"0".repeat(32)}/x`, "/f/", "/f/%00/x", `/f/${"a".repeat(9000)}/x`],
    ...urls.map((url) => new URL(url).pathname.replace(/^\/f\/[0-9a-f]{32}/, "/f/..%2ffiles")),
  ];
  for (const path of paths) {
    const { status } = await get(path);
    demand(status >= 400, `${path} was answered with ${status}`);
  }
  for (const url of urls) {
    const { status, headers } = await get(new URL(url).pathname);
    demand(status === 200 && headers["set-cookie"] === undefined, `${url}: ${status}`);
    demand(/^attachment;/.test(headers["content-disposition"] ?? ""), `${url} is shown`);
  }
  return `${NAMES.length} names, ${paths.length} paths; nothing outside of the folder`;
}

async function silent(stage: Stage): Promise<string> {
  const strangers: Stranger[] = [];
  const cost = await stage.cost(async () => {
    for (let i = 0; i < 200; i++) strangers.push(new Stranger());
    await Promise.allSettled(strangers.slice(0, 200).map((one) => one.ready()));
    const gone = () => strangers.every(({ isClosed }) => isClosed) || undefined;
    await until("all are hung up on", gone, SILENT_MS);
  });
  return `${strangers.length} connections, all ended by the program; ${cost.figure}`;
}

const bytesIn = (folder: string): number =>
  everyFile(folder)
    .filter((path) => path.includes("/data/files/"))
    .reduce((sum, path) => sum + readFileSync(path).length, 0);

const everyFile = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(?:log|db|db-wal|db-shm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

/** As the path is written: `fetch` would straighten it first. */
function get(path: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...PAGE, path }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (bytes: Buffer) => parts.push(bytes));
      answer.on("end", () => {
        const headers = answer.headers as Record<string, string | undefined>;
        resolve({ status: answer.statusCode ?? 0, headers, body: Buffer.concat(parts) });
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

const fetchFile = async (path: string): Promise<Uint8Array> => (await get(path)).body;
