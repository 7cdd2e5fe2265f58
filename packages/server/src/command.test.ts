import { expect, test } from "vitest";
import { type Command, readCommand } from "./command.ts";
import { helpText } from "./help.ts";

const read = (line: string, env: Record<string, string> = {}): Command =>
  readCommand(line === "" ? [] : line.split(" "), env);

test("without a word it serves, with everything at its default", () => {
  expect(read("")).toEqual({
    kind: "Serve",
    settings: {
      data: ".carillon",
      port: 8080,
      sipPort: 5060,
      domain: undefined,
      host: undefined,
      logLevel: "info",
      config: undefined,
    },
  });
  expect(read("serve")).toEqual(read(""));
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

test("people are added and listed", () => {
  expect(read("user add bob --desk-phone")).toMatchObject({
    kind: "AddUser",
    person: "bob",
    deskPhone: true,
  });
  expect(readCommand(["user", "add", "Anna Müller"], {})).toMatchObject({
    person: "Anna Müller",
    deskPhone: false,
  });
  expect(read("user list --data /tmp/x")).toMatchObject({ kind: "ListUsers" });
});

test.each(["help", "--help", "-h", "user add --help"])("%s is help", (line) => {
  expect(read(line).kind).toBe("Help");
});

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
  ["serve --desk-phone", "--desk-phone belongs to: carillon user add NAME"],
  ["user add", "carillon user add expects one name, in quotes if it has spaces; found nothing."],
  [
    "user add a b",
    "carillon user add expects one name, in quotes if it has spaces; found 2 words.",
  ],
  ["user add a --desk-phone=no", '--desk-phone takes no value, found "no".'],
  ["dance", 'Expected serve, user add NAME, user list or help; found "dance".'],
  ["serve now", 'Expected serve, user add NAME, user list or help; found "serve now".'],
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
