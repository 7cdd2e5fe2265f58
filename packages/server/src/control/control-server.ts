/**
 * How commands at a terminal speak with the running server: a socket in its data folder, which only
 * the user who runs it can open. One line of JSON asks; lines of JSON answer.
 */
import { rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { CannotStart } from "../cannot-start.ts";

/**
 * What answers: each `say` is a line, and `closed` hears when nobody listens any more. `asked` is
 * all of the question, as it came.
 */
export type Answering = (
  say: (line: object) => void,
  closed: (run: () => void) => void,
  asked: Question,
) => void;

/** `ask` is the word that asks. */
export type Question = Readonly<Record<string, unknown>>;

/** By the word that asks. */
export type Answers = ReadonlyMap<string, Answering>;

/** Longer questions there are none. */
const MAX_QUESTION = 256;
/** Lines that a slow terminal has not taken yet, in octets; over it, lines are left out. */
const MAX_WAITING = 1 << 20;
/** Terminals that look on at the same time. */
const MAX_LISTENERS = 16;

/** A path a system can bind: they are short. On Windows a named pipe. */
export const controlPath = (data: string): string =>
  process.platform === "win32"
    ? `\\\\.\\pipe\\carillon-${hashOf(data)}`
    : join(data, "control.sock");

export async function controlServer(path: string, answers: Answers): Promise<{ close(): void }> {
  // A server that was killed leaves its socket behind; one that runs would have kept us away.
  if (process.platform !== "win32") rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    listen(socket, answers);
  });
  server.maxConnections = MAX_LISTENERS;
  await listening(server, path);
  return {
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function listen(socket: Socket, answers: Answers): void {
  let asked = "";
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    asked += text;
    const end = asked.indexOf("\n");
    if (end < 0 && asked.length <= MAX_QUESTION) return;
    socket.removeAllListeners("data").resume();
    const question = questionIn(asked.slice(0, Math.max(0, end)));
    const answering = answers.get(`${question["ask"]}`);
    if (!answering) return void socket.end('{"error":"there is no such question"}\n');
    answering(
      (line) => {
        if (socket.writableLength < MAX_WAITING) socket.write(`${JSON.stringify(line)}\n`);
      },
      (run) => socket.on("close", run),
      question,
    );
  });
}

function questionIn(line: string): Question {
  try {
    const question: unknown = JSON.parse(line);
    return typeof question === "object" && question !== null ? { ...question } : {};
  } catch {
    return {};
  }
}

/**
 * Throws CannotStart in words where a server runs on this folder already. Each of two would answer
 * for its own half: what one of them has acknowledged, the other writes over.
 */
export async function refuseSecond(data: string): Promise<void> {
  if (!(await isHeard(controlPath(data)))) return;
  throw new CannotStart(
    `Another Carillon serves the folder ${data} already. Stop that one, or choose another ` +
      "folder with --data.",
  );
}

const isHeard = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const before = process.umask(0o177);
    server.once("error", (cause) => {
      process.umask(before);
      reject(cause);
    });
    server.listen(path, () => {
      process.umask(before);
      resolve();
    });
  });
}

/** Short, and the same for the same folder. */
function hashOf(text: string): string {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
  return (hash >>> 0).toString(36);
}
