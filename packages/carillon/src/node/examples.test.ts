import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const FOLDER = fileURLToPath(new URL("../../../../examples", import.meta.url));
const MAX_LINES = 80;

/** What each example says last: it got to its end. */
const LAST_WORDS: Readonly<Record<string, RegExp>> = {
  "server-in-20-lines.ts": /For Alice: They hung up\.\n$/,
  "own-role.ts": /^200: IS ANYBODY THERE\?\n$/,
  "call.ts": /The call is over: You hung up\.\n$/,
  "answering-machine.ts": /^message\.wav: \d\.\d s\n1 message was left\.\n$/m,
  "echo-bot.ts": /^The tone came back: true\n$/,
  "message-bot.ts": /→ 19 \+ 23 = 42\n$/,
  "dtmf-menu.ts": /They pressed 2: the time\.\nThe call is over: They hung up\.\n$/,
  "attended-transfer.ts": /Transferred\.\nThe caller talks to colleague@127\.0\.0\.1 now\.\n$/,
  "dial-out-with-retry.ts": /^Try 1: They are not online\..*\nBob answered\.\n$/s,
  "load-test.ts": /50 of 50 calls were answered\.\n$/,
  "presence-board.ts": /anna is on-the-phone\n.*The board is closed\.\n$/s,
  "lan-phones.ts": /^Ben is on this network: online\.\nAnna talks to Ben\.\nBoth have left\.\n$/,
  "recorder.ts": /Alice's tone is in it: true\. Bob's: true\.\n$/,
  "third-party-call.ts": /they talk\nit is over: It was taken back\.\n$/,
  "click-to-call.ts": /The page says: You are connected\.\n$/,
  "call-in-bad-weather.ts": /messages were lost \(x\), the call was not\.\n$/,
};

describe("the examples", () => {
  test("are all run here, and short enough to be read", () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));
    expect(files.sort()).toEqual(Object.keys(LAST_WORDS).sort());
    for (const name of files) {
      const lines = readFileSync(`${FOLDER}/${name}`, "utf8").split("\n").length - 1;
      expect(lines, name).toBeLessThanOrEqual(MAX_LINES);
    }
  });

  test("the tests of those that have some pass", async () => {
    const program = promisify(execFile)(
      process.execPath,
      ["--test", `${FOLDER}/tested/*.test.ts`],
      {
        timeout: 60_000,
        env: { PATH: process.env["PATH"] },
      },
    );
    const { stdout } = await program.catch((failed: { readonly stdout: string }) => failed);
    expect(stdout).toMatch(/^ℹ fail 0$/m);
    expect(Number(/^ℹ pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(25);
  }, 70_000);

  for (const [name, words] of Object.entries(LAST_WORDS)) {
    test(`${name} does what it says and ends by itself: no handle is left open`, async () => {
      const program = promisify(execFile)(process.execPath, [`${FOLDER}/${name}`], {
        timeout: 20_000,
      });
      const { stdout, stderr } = await program;
      expect(stderr).toBe("");
      expect(stdout).toMatch(words);
    }, 30_000);
  }
});
