import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { passwordOf } from "./password.ts";

function world(env: Record<string, string> = {}, isTTY = false) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text) };
  return { env, input, output, written };
}

test("the variable is enough, and nobody is asked", async () => {
  const at = world({ CARILLON_PASSWORD: "a secret" }, true);
  expect(await passwordOf("anna", at)).toBe("a secret");
  expect(at.written).toEqual([]);
});

test("a pipe's first line is the password, spaces and all", async () => {
  const at = world();
  at.input.end(" a secret \nmore\n");
  expect(await passwordOf("anna", at)).toBe(" a secret ");
  expect(at.written).toEqual([]);
});

test("at a terminal it is asked for, and what is typed is not shown", async () => {
  const at = world({ CARILLON_PASSWORD: "" }, true);
  const asked = passwordOf("anna", at);
  at.input.write("a secrex\u007ft\r");
  expect(await asked).toBe("a secret");
  expect(at.written.join("")).toBe("Password of anna: \n");
});

test("an input that ends, or Ctrl+C, is no password", async () => {
  const ended = world();
  ended.input.end();
  await expect(passwordOf("anna", ended)).rejects.toThrow("there is no password");
  const stopped = world({}, true);
  const asked = passwordOf("anna", stopped);
  stopped.input.write("a sec\u0003");
  await expect(asked).rejects.toThrow("there is no password");
});
