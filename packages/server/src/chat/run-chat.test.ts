import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { readCommand } from "../command.ts";
import { type Running, serve } from "../serve.ts";
import { defaultSettings, type Settings } from "../settings.ts";
import { carryOutForUser } from "../users.ts";
import { runChat } from "./run-chat.ts";

const world = { clock: systemClock, hostname: "tower", colour: false };
const secrets = new Map<string, string>();
const open: Terminal[] = [];
let data: string;
let server: Running;

const settings = (sipPort: number): Settings => ({
  ...{ ...defaultSettings, data, domain: "house.example", logLevel: "silent", sipPort },
  ...{ host: "127.0.0.1", port: 0, tlsPort: undefined, httpsPort: undefined },
});
const started = (sipPort: number): Promise<Running> => serve(settings(sipPort), world);

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "carillon-chat-"));
  server = await started(0);
  for (const person of ["Anna", "Bob", "Carol"]) {
    const add = { kind: "Add", person, deskPhone: false, label: "", json: true } as const;
    const { password } = JSON.parse(carryOutForUser(add, settings(0), world));
    secrets.set(person.toLowerCase(), password);
  }
});

afterEach(async () => {
  for (const one of open.splice(0)) await one.quit();
});

afterAll(async () => {
  await server.close();
  rmSync(data, { recursive: true, force: true });
});

/** `carillon chat` as somebody types into it, and reads what it says. */
class Terminal {
  readonly #input = new PassThrough();
  readonly #output = new PassThrough();
  readonly #left: Promise<number>;
  #said = "";

  constructor(name: string, ...more: readonly string[]) {
    const words = ["chat", `sip:${name}@house.example`, "--server", `sip:127.0.0.1:${port()}`];
    const command = readCommand([...words, ...more], {});
    if (command.kind !== "Phone" || command.command.kind !== "Chat") {
      throw new RangeError(JSON.stringify(command));
    }
    this.#output.on("data", (piece) => {
      this.#said += String(piece);
    });
    this.#left = runChat(command.command, "127.0.0.1", {
      ...{ input: this.#input, output: this.#output, login: name },
      password: async () => secrets.get(name),
    });
    open.push(this);
  }

  types(line: string): void {
    this.#input.write(`${line}\n`);
  }

  /** Waits until it has said this. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    await expect.poll(() => this.#said, { timeout: 25_000 }).toMatch(what);
    return what.exec(this.#said) as RegExpExecArray;
  }

  /** What it has said since is not looked at again. */
  forget(): void {
    this.#said = "";
  }

  get said(): string {
    return this.#said;
  }

  /** The documents of a script. */
  documents(): readonly Record<string, unknown>[] {
    return this.#said
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async quit(): Promise<number> {
    this.#input.end();
    return await this.#left;
  }
}

const port = (): number => server.sipPort;

test("two people write to each other, and see how far it has come", async () => {
  const [anna, bob] = [new Terminal("anna", "bob"), new Terminal("bob")];
  await anna.says(/All that was said is here\./);
  await bob.says(/All that was said is here\./);
  anna.types("Lunch at 12?");
  await bob.says(/^\[1\] anna: Lunch at 12\?$/m);
  await anna.says(/^\[1\] ✓✓$/m);
  bob.types("/open anna");
  await anna.says(/^\[1\] ✓✓ read$/m);
  bob.types("/reply 1 Yes");
  await anna.says(/^\[2\] bob \(to 1\): Yes$/m);
  bob.types("/edit Gladly");
  await anna.says(/^\[2\] bob \(to 1\): Gladly \(edited\)$/m);
  bob.types("/retract");
  await anna.says(/^\[2\] was taken back\.$/m);
  bob.types("/edit once more");
  await bob.says(/There is no message of yours in this conversation\./);
  anna.types("/find lunch");
  await anna.says(/^bob \[1\] you: Lunch at 12\? ✓✓ read$/m);
  anna.types("/list");
  await anna.says(/^bob$/m);
  anna.types("/sing");
  await anna.says(/There is no “sing” here/);
});

test("a group, whoever is there, and what was before", async () => {
  const [anna, bob] = [new Terminal("anna"), new Terminal("bob")];
  await anna.says(/All that was said is here\./);
  await bob.says(/All that was said is here\./);
  anna.types("/group team bob,carol Our team");
  await anna.says(/^— Our team \(team\) —$/m);
  anna.types("Hello all");
  await bob.says(/^Our team \(team\) \[\d+\] anna: Hello all$/m);
  await bob.quit();
  anna.types("Who is there?");
  const carol = new Terminal("carol", "team");
  await carol.says(/— Our team \(team\) —\n.*anna: Hello all\n.*anna: Who is there\?/);
  await anna.says(/ read by carol/);
  carol.types("/earlier");
  await carol.says(/There is nothing\./);
  anna.types("/title Everybody");
  await carol.says(/Everybody/);
  carol.types("/title Mine");
  await carol.says(/owner/);
  carol.types("/leave");
  await anna.says(/Everybody: anna, bob\./);
});

test("a server that is started anew goes on where it was", async () => {
  const [anna, bob] = [new Terminal("anna", "bob"), new Terminal("bob", "anna")];
  await anna.says(/All that was said is here\./);
  await bob.says(/All that was said is here\./);
  const { sipPort } = server;
  await server.close();
  anna.types("while it was away");
  server = await started(sipPort);
  await bob.says(/anna: while it was away/);
  bob.types("and back");
  await anna.says(/bob: and back/);
  await bob.says(/✓✓/);
}, 60_000);

test("a script gives documents and reads documents", async () => {
  const script = new Terminal("bob", "--json");
  const anna = new Terminal("anna", "bob");
  await script.says(/"state":"Current"/);
  await anna.says(/All that was said is here\./);
  script.forget();
  anna.types("a\u001b[2Jb");
  await script.says(/"event":"message"/);
  const [message] = script.documents();
  expect(message).toMatchObject({
    ...{ event: "message", conversation: "sip:anna@house.example", own: false, open: false },
    ...{ from: "sip:anna@house.example", text: "a\u001b[2Jb", state: "Sent" },
  });
  script.forget();
  script.types('{"id": 7, "do": "message anna Yes"}');
  script.types("read anna");
  script.types("open anna@@");
  await script.says(/NO_ADDRESS/);
  expect(script.documents()).toContainEqual(
    expect.objectContaining({ reply: 7, ok: true, item: expect.any(Number) }),
  );
  await anna.says(/bob: Yes/);
});

test("what another wrote does not steer the terminal", async () => {
  const [anna, bob] = [new Terminal("anna", "bob"), new Terminal("bob", "anna")];
  await anna.says(/All that was said is here\./);
  await bob.says(/All that was said is here\./);
  bob.forget();
  anna.types("\u001b]0;owned\u0007 \u202egnp.exe");
  await bob.says(/anna: \?\]0;owned\? \?gnp\.exe/);
  expect(bob.said).not.toMatch(/[\u001b\u0007\u202e]/);
});

test("what waits to be sent is there the next time", async () => {
  const keep = join(data, "kept");
  const anna = new Terminal("anna", "bob", "--keep", keep);
  await anna.says(/All that was said is here\./);
  anna.types("kept");
  await anna.says(/✓/);
  await anna.quit();
  const again = new Terminal("anna", "bob", "--keep", keep);
  await again.says(/you: kept ✓/);
});
