import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ControlUser, controlSocket } from "./control-socket.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carillon-phone-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const echo: ControlUser = { line: (text, say) => say({ heard: text }) };

async function connected(path: string): Promise<Socket> {
  const socket = createConnection(path);
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  return socket;
}

async function heard(socket: Socket, lines: number): Promise<readonly unknown[]> {
  let text = "";
  for await (const piece of socket) {
    text += piece;
    const whole = text.split("\n").slice(0, -1);
    if (whole.length >= lines) return whole.map((line) => JSON.parse(line));
  }
  throw new Error("the socket was closed");
}

test("a line in, a document out, and everybody hears what is told", async () => {
  const path = join(folder, "control");
  const control = await controlSocket(path, echo);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const one = await connected(path);
  one.write("call b");
  one.write("ob\r\nhangup\n");
  expect(await heard(one, 2)).toEqual([{ heard: "call bob" }, { heard: "hangup" }]);
  const other = await connected(path);
  other.write("hello\n");
  const both = heard(other, 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  control.tell({ event: "x" });
  expect(await both).toEqual([{ heard: "hello" }, { event: "x" }]);
  await control.close();
});

test("a socket left behind is taken over; one that is alive, or a file, is not", async () => {
  const path = join(folder, "control");
  const dead = createServer().listen(path);
  await new Promise((resolve) => dead.once("listening", resolve));
  const alive = await controlSocket(path, echo).catch((error) => error);
  expect(alive.message).toBe(`--control ${path} is not to be had: EADDRINUSE. Choose another one.`);
  await new Promise((resolve) => dead.close(resolve));
  const file = join(folder, "file");
  writeFileSync(file, "precious");
  await expect(controlSocket(file, echo)).rejects.toThrow("is not to be had");
  const long = join(tmpdir(), "x".repeat(120));
  await expect(controlSocket(long, echo)).rejects.toThrow(/octets at most. Choose a shorter one./);
  expect(statSync(file).size).toBe(8);
});

test("a line without an end is cut off", async () => {
  const path = join(folder, "control");
  const control = await controlSocket(path, echo);
  const socket = await connected(path);
  // Cut off in the middle of what it writes, it sees an error or an end.
  const over = new Promise<void>((resolve) =>
    socket.on("error", () => {}).on("close", () => resolve()),
  );
  socket.resume().write("x".repeat(100_000));
  await over;
  await control.close();
});
