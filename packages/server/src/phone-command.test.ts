import { expect, test } from "vitest";
import { readCommand } from "./command.ts";

function read(line: string) {
  const command = readCommand(line.split(" "), {});
  return command.kind === "Phone" ? command.command : "words" in command ? command.words : command;
}

test("a phone, with an address and without", () => {
  expect(read("phone sip:anna@example.com --auto-answer --json")).toMatchObject({
    ...{ kind: "Phone", aor: "sip:anna@example.com", autoAnswer: true, json: true },
    ...{
      servers: [],
      iceServers: [],
      security: "auto",
      isSeen: true,
      codecs: ["opus", "G722", "PCMA", "PCMU"],
    },
  });
  expect(read("phone --server sip:192.0.2.7,wss://example.com/sip --unseen")).toMatchObject({
    ...{ kind: "Phone", aor: undefined, servers: ["sip:192.0.2.7", "wss://example.com/sip"] },
    isSeen: false,
  });
});

test("one call", () => {
  expect(
    read("call bob --play a.wav --record b.wav --duration 10 --ring 5 --codecs opus,PCMU"),
  ).toMatchObject({
    ...{ kind: "Call", uri: "bob", play: "a.wav", record: "b.wav", durationMs: 10_000 },
    ...{ ringMs: 5000, codecs: ["opus", "PCMU"], tones: undefined },
  });
});

test.each([
  ["call", "carillon call expects WHO; found nothing."],
  ["phone a b", "carillon phone expects one ADDRESS, or nothing; found 2 words."],
  ["phone sip:example.com", '"sip:example.com"'],
  ["phone --duration 3", "--duration means nothing to: carillon phone"],
  ["call bob --duration 0", '--duration expects seconds from 0.1 to 86400, found "0".'],
  ["call bob --codecs mp3", '--codecs expects some of opus,G722,PCMA,PCMU, found "mp3".'],
  ["call bob --security rot13", '--security expects auto, none, sdes, dtls, found "rot13".'],
  ["call bob --server http://x", "--server expects an address such as sip:192.0.2.7:5060, found"],
  [
    "phone --user sip:anna@house.example",
    '--user expects the name to sign in with, such as anna, found "sip:anna@house.example".',
  ],
  ["call bob --tones 5x", '--tones expects keys: 0-9, *, #, A-D, and , for a pause, found "5x".'],
])("carillon %s: in which words it is wrong", (line, words) => {
  expect(read(line)).toContain(words);
});

test("--ice-server has URLs of STUN and TURN servers (RFC 7064, RFC 7065)", () => {
  const urls = "stun:house.example:3478,turn:1:a@house.example";
  expect(read(`phone --ice-server ${urls}`)).toMatchObject({ iceServers: urls.split(",") });
  for (const wrong of ["house.example", "stun:", ",", "turn:a,b"]) {
    expect(read(`phone --ice-server ${wrong}`)).toContain(
      `--ice-server expects stun: or turn: URLs`,
    );
  }
});
