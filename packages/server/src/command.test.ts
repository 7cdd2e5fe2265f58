import { expect, test } from "vitest";
import { bansCommands } from "./bans-command.ts";
import { clientCommands } from "./client-command.ts";
import { type Command, readCommand } from "./command.ts";
import { helpText } from "./help.ts";
import { lookCommands } from "./look-command.ts";
import { messagesCommands } from "./messages-command.ts";
import { userCommands } from "./user-command.ts";

const read = (line: string, env: Record<string, string> = {}): Command =>
  readCommand(line === "" ? [] : line.split(" "), env);

test("without a word it serves, with everything at its default", () => {
  expect(read("")).toEqual({
    kind: "Serve",
    settings: {
      data: ".carillon",
      port: 8080,
      sipPort: 5060,
      tlsPort: 5061,
      msrpPort: 2855,
      turn: "on",
      turnSecret: undefined,
      turnPort: 3478,
      httpsPort: 8443,
      plainHttp: "on",
      tlsCert: undefined,
      tlsKey: undefined,
      acme: undefined,
      domain: undefined,
      host: undefined,
      media: "auto",
      mediaPorts: { from: 30_000, to: 39_999 },
      mediaWorkers: undefined,
      mediaEngine: undefined,
      logLevel: "info",
      logFormat: "json",
      config: undefined,
    },
  });
  expect(read("serve")).toEqual(read(""));
});

test("TLS and https can be switched off, and nothing else can", () => {
  const { settings } = read("serve --tls-port off --https-port off") as { settings: object };
  expect(settings).toMatchObject({ tlsPort: undefined, httpsPort: undefined, port: 8080 });
  expect(read("serve --port off")).toMatchObject({
    kind: "Wrong",
    words: expect.stringContaining('--port expects a port from 0 to 65535, found "off".'),
  });
});

test("a page that is neither plain nor over https is none", () => {
  expect(read("serve --plain-http off")).toMatchObject({ settings: { plainHttp: "off" } });
  expect(read("serve --plain-http off --https-port off")).toMatchObject({
    kind: "Wrong",
    words: expect.stringContaining("leave one of them out"),
  });
});

test("what is said in bridged calls has ports and processes, and each is checked", () => {
  const flags = "serve --media always --media-ports 40000-40999 --media-workers 2";
  expect(read(flags)).toMatchObject({
    settings: { media: "always", mediaPorts: { from: 40_000, to: 40_999 }, mediaWorkers: 2 },
  });
  for (const bad of ["--media yes", "--media-ports 5-10", "--media-ports 40000-40010"]) {
    expect(read(`serve ${bad}`)).toMatchObject({ kind: "Wrong" });
  }
  expect(read("serve --media-workers 0")).toMatchObject({ kind: "Wrong" });
  expect(read("serve --media-engine 127.0.0.1:2223")).toMatchObject({
    settings: { mediaEngine: [{ host: "127.0.0.1", port: 2223, weight: 1 }] },
  });
  expect(read("serve --media-engine rtp.example")).toMatchObject({ kind: "Wrong" });
});

test("flags set it, and win over the environment", () => {
  const env = { CARILLON_PORT: "1", CARILLON_SIP_PORT: "2", CARILLON_HOST: "localhost" };
  expect(read("serve --port 3 --domain House.Example --data=/tmp/x", env)).toMatchObject({
    settings: {
      port: 3,
      sipPort: 2,
      host: "127.0.0.1",
      domain: "house.example",
      data: "/tmp/x",
    },
  });
});

test("an empty variable is none", () => {
  expect(read("", { CARILLON_PORT: "" })).toEqual(read(""));
});

const user = (line: string) => {
  const command = read(line);
  return command.kind === "User" ? command.command : command;
};

test("people and their phones are added, listed and removed", () => {
  const flags = { json: false, label: "", deskPhone: false };
  expect(user("user add bob --desk-phone")).toEqual({
    ...{ kind: "Add", person: "bob" },
    ...{ ...flags, deskPhone: true },
  });
  expect(readCommand(["user", "add", "Anna Müller", "--label", "The hall"], {})).toMatchObject({
    command: { person: "Anna Müller", label: "The hall" },
  });
  expect(read("user list --data /tmp/x")).toMatchObject({ settings: { data: "/tmp/x" } });
  expect(user("user list --json")).toEqual({ kind: "List", json: true });
  expect(user("user remove bob")).toEqual({ kind: "Remove", person: "bob", json: false });
  expect(user("user device add bob")).toEqual({ kind: "AddDevice", person: "bob", ...flags });
  expect(user("user device list bob")).toEqual({ kind: "ListDevices", person: "bob", json: false });
  expect(user("user device revoke bob d1 --json")).toEqual({
    kind: "RevokeDevice",
    person: "bob",
    device: "d1",
    json: true,
  });
});

test("calls are asked for, of all or of one", () => {
  const everybody = { kind: "Calls", person: undefined, json: false };
  expect(read("calls")).toMatchObject({ kind: "Look", command: everybody });
  expect(read("calls bob --json")).toMatchObject({ command: { person: "bob", json: true } });
  expect(read("calls --csv")).toMatchObject({ command: { csv: true, json: false } });
  expect(read("calls --live")).toMatchObject({ command: { person: undefined, live: true } });
});

test("a running server is asked how it is and what it hears", () => {
  expect(read("status --json")).toMatchObject({ command: { kind: "Status", json: true } });
  expect(read("connect alice bob")).toMatchObject({
    command: { kind: "Connect", first: "alice", second: "bob", json: false },
  });
  expect(read("record 3f9a02 --webm")).toMatchObject({
    command: { kind: "Record", call: "3f9a02", stop: false, webm: true, json: false },
  });
  expect(read("record alice --stop")).toMatchObject({ command: { call: "alice", stop: true } });
  expect(read("trace alice --full")).toMatchObject({
    command: { kind: "Trace", only: "alice", full: true, json: false },
  });
  expect(read("trace --data /tmp/x")).toMatchObject({
    settings: { data: "/tmp/x" },
    command: { only: undefined },
  });
});

test("somebody is asked, written to and registered", () => {
  const usual = { json: false, server: undefined, timeoutMs: undefined };
  const nobody = { user: undefined, realm: undefined };
  expect(read("options sip:bob@a.example")).toMatchObject({
    kind: "Client",
    command: { kind: "Options", uri: "sip:bob@a.example", from: undefined, ...usual, ...nobody },
  });
  expect(readCommand(["message", "sip:b@a.example", "Come down!", "--user", "anna"], {})).toEqual(
    expect.objectContaining({
      command: {
        ...{ kind: "Message", uri: "sip:b@a.example", text: "Come down!", from: undefined },
        ...{ ...usual, user: "anna", realm: undefined },
      },
    }),
  );
  const wish = (flags: string) => {
    const command = read(`register sip:anna@a.example ${flags}`.trim());
    return command.kind === "Client" && command.command.kind === "Register" && command.command.wish;
  };
  expect(wish("")).toEqual({ kind: "Fetch" });
  const contact = "sip:anna@192.0.2.7";
  expect(wish(`--contact ${contact}`)).toEqual({ kind: "Add", contact, expiresSeconds: 3600 });
  expect(wish(`--contact ${contact} --expires 60`)).toMatchObject({ expiresSeconds: 60 });
  expect(wish(`--contact ${contact} --remove`)).toEqual({ kind: "Remove", contact });
  expect(wish("--remove")).toEqual({ kind: "RemoveAll" });
  expect(read("register sip:a@b.example --timeout 2.5 --server sip:192.0.2.1")).toMatchObject({
    command: { timeoutMs: 2500, server: "sip:192.0.2.1" },
  });
});

test("messages are counted, exported and swept", () => {
  const messages = (line: string) => {
    const command = read(`messages ${line}`);
    if (command.kind === "Wrong") return command.words.split("\n")[0];
    return command.kind === "Messages" ? command.command : command;
  };
  expect(messages("usage --json")).toEqual({ kind: "Usage", json: true });
  expect(messages("export anna")).toEqual({ kind: "Export", person: "anna", json: false });
  expect(messages("sweep")).toEqual({ kind: "Sweep", json: false });
  expect(messages("export anna --json")).toBe("--json means nothing to: carillon messages export");
  expect(messages("sweep --full")).toBe("--full means nothing to: carillon messages sweep");
  expect(messages("export Anna Müller")).toBe(
    "carillon messages export expects NAME; found 2 words. Names with spaces need quotes.",
  );
  expect(messages("sweep all")).toBe("carillon messages sweep expects nothing more; found 1 word.");
  expect(messages("delete")).toBe(
    'Expected one of usage, export, sweep after messages; found "delete".',
  );
  expect(read("messages sweep --data /tmp/x")).toMatchObject({ settings: { data: "/tmp/x" } });
});

test("the help for messages has every command", () => {
  for (const { word, args } of messagesCommands) {
    const command = ["carillon messages", word, ...args].join(" ");
    expect(helpText("messages")).toContain(command);
    expect(helpText()).toContain(command);
  }
  for (const line of helpText("messages").split("\n")) {
    expect(line.length, line).toBeLessThanOrEqual(100);
  }
});

test("the help for what asks the running server has every command and its flags", () => {
  const text = helpText("running");
  for (const [word, { args, flags }] of Object.entries(lookCommands)) {
    expect(text).toContain(["carillon", word, ...args].join(" "));
    for (const flag of flags) expect(text).toContain(`--${flag}`);
  }
  for (const { word } of bansCommands) expect(text).toContain(`carillon bans ${word}`);
  const examples = text
    .split("\n")
    .slice(-7)
    .filter((line) => line.startsWith("  carillon "));
  expect(examples.length).toBe(4);
  for (const line of examples) {
    expect(["Look", "Bans"]).toContain(read(line.replace("  carillon ", "")).kind);
  }
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
});

test("the help for clients has every command, its flags and an example that is right", () => {
  const text = helpText("client");
  for (const [word, { args, flags, example }] of Object.entries(clientCommands)) {
    expect(text).toContain(["carillon", word, ...args].join(" "));
    expect(helpText()).toContain(["carillon", word, ...args].join(" "));
    for (const flag of flags) expect(text).toContain(`--${flag}`);
    expect(text).toContain(example);
    expect(read(example.replaceAll('"', "").replace("carillon ", "")).kind).toBe("Client");
  }
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
});

test.each([
  ["user add --help", "user"],
  ["user", "user"],
  ["user help", "user"],
  ["help user", "user"],
  ["help", "all"],
  ["messages", "messages"],
  ["messages export --help", "messages"],
  ["messages help", "messages"],
  ["help messages", "messages"],
  ["help client", "client"],
  ["message --help", "client"],
  ["help register", "client"],
  ["help call", "phone"],
  ["help serve", "all"],
  ["help doctor", "running"],
  ["help bans", "running"],
  ["help record", "running"],
  ["status --help", "running"],
])("%s is help about %s", (line, about) => {
  expect(read(line)).toEqual({ kind: "Help", about });
});

test("the help has every command of the table, its flags and the exit codes", () => {
  for (const { words, flags, args } of userCommands) {
    expect(helpText("user")).toContain(["carillon user", words, ...args].join(" "));
    for (const flag of flags) expect(helpText("user")).toContain(`--${flag}`);
  }
  expect(helpText("user")).toContain("exits with 0");
  for (const line of [...helpText("user").split("\n"), ...helpText().split("\n")]) {
    expect(line.length, line).toBeLessThanOrEqual(100);
  }
});

test.each(["help", "--help", "-h", "user add --help"])("%s is help", (line) => {
  expect(read(line).kind).toBe("Help");
});

const expected =
  "Expected serve, user, messages, bans, doctor, calls, connect, record, status, trace, options, " +
  "message, register, phone, call, chat or help";

test.each([
  ["serve --port abc", '--port expects a port from 0 to 65535, found "abc".'],
  ["serve --port 65536", '--port expects a port from 0 to 65535, found "65536".'],
  ["serve --port -1", '--port expects a port from 0 to 65535, found "-1".'],
  ["serve --sip-port", "--sip-port expects a port from 0 to 65535, found nothing."],
  ["serve --domain bad_name", '--domain expects a name such as house.example, found "bad_name".'],
  [
    "serve --host example.org",
    '--host expects an address of this machine, such as 127.0.0.1, found "example.org".',
  ],
  ["serve --colour red", "There is no option --colour."],
  ["serve -x", "There is no option -x."],
  ["serve --desk-phone", "--desk-phone means nothing to: carillon serve"],
  ["user add", "carillon user add expects NAME; found nothing. Names with spaces need quotes."],
  ["user add a b", "carillon user add expects NAME; found 2 words. Names with spaces need quotes."],
  [
    "user device revoke a",
    "carillon user device revoke expects NAME and DEVICE; found 1 word. " +
      "Names with spaces need quotes.",
  ],
  ["user list all", "carillon user list expects nothing more; found 1 word."],
  ["user list --label x", "--label means nothing to: carillon user list"],
  ["user add a --label", "--label expects a name such as Kitchen, found nothing."],
  ["calls a b", "carillon calls expects one NAME, or nothing; found 2 words."],
  ["calls --label x", "--label means nothing to: carillon calls"],
  ["status now", "carillon status expects nothing more; found 1 word."],
  ["status --full", "--full means nothing to: carillon status"],
  ["connect alice", "carillon connect expects NAME and NAME; found 1 word."],
  ["trace a b", "carillon trace expects one TEXT, or nothing; found 2 words."],
  [
    "user dance",
    "Expected one of add, list, remove, device add, device list, device revoke after user; " +
      'found "dance".',
  ],
  ["options", "carillon options expects URI; found nothing."],
  ["options bob", 'URI expects an address such as sip:bob@example.com, found "bob".'],
  [
    "options sip:bob@a.example?Subject=x",
    'URI expects an address such as sip:bob@example.com, found "sip:bob@a.example?Subject=x".',
  ],
  [
    "options sip:bob@a.example --from <sip:a@b>",
    '--from expects an address such as sip:bob@example.com, found "<sip:a@b>".',
  ],
  ["options sip:a.example --contact sip:a@b", "--contact means nothing to: carillon options"],
  [
    "message sip:bob@a.example hi --user sip:anna@b.example",
    '--user expects the name to sign in with, such as anna, found "sip:anna@b.example".',
  ],
  ["options sip:a.example --timeout 0", '--timeout expects seconds from 0.1 to 300, found "0".'],
  [
    "message sip:bob@a.example",
    "carillon message expects URI and TEXT; found 1 word. Texts with spaces need quotes.",
  ],
  [
    "register sip:bob@a.example --contact sip:bob@b --expires 0",
    '--expires expects seconds from 1 to 4294967295, found "0".',
  ],
  ["register sip:bob@a.example --expires 5", "--expires means nothing without --contact"],
  ["register sip:bob@a.example --remove --expires 5", "--expires means nothing beside --remove"],
  ["serve --remove", "--remove means nothing to: carillon serve"],
  ["user add a --desk-phone=no", '--desk-phone takes no value, found "no".'],
  ["dance", `${expected}; found "dance".`],
  ["serve now", `${expected}; found "serve now".`],
])("%s is wrong, with what was expected and found", (line, words) => {
  const command = read(line);
  expect(command.kind === "Wrong" && command.words.split("\n")[0]).toBe(words);
});

test("a wrong variable is named like a wrong flag", () => {
  expect(read("", { CARILLON_PORT: "x" })).toMatchObject({
    words: expect.stringContaining('CARILLON_PORT expects a port from 0 to 65535, found "x".'),
  });
});

test("the help names every flag and every variable, in 100 columns", () => {
  const text = helpText();
  for (const name of ["--data", "--port", "--sip-port", "--domain", "--host", "--desk-phone"]) {
    expect(text).toContain(name);
  }
  expect(text).toContain("CARILLON_LOG");
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});
