/**
 * Where scripts talk to a phone in the terminal: a line of words or JSON in, a JSON document a line
 * out. A path is a Unix socket that only its owner may use; a number a port of this machine alone.
 */
import { chmodSync, rmSync, statSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { CannotStart } from "../cannot-start.ts";
import { MAX_LINE } from "./orders.ts";

export interface ControlUser {
  /** A line that came in; what is answered goes out through `say`. */
  line(text: string, say: (document: unknown) => void): void;
}

export interface ControlSocket {
  /** To everybody who listens. */
  tell(document: unknown): void;
  close(): Promise<void>;
}

const MAX_CLIENTS = 16;
/** Octets of a socket's path: `sun_path` without what ends it. */
const MAX_PATH = process.platform === "linux" ? 107 : 103;
/** Who does not read what they are told is cut off, so that it does not pile up here. */
const MAX_UNREAD_BYTES = 1_000_000;

/** Throws CannotStart in words. */
export async function controlSocket(where: string, user: ControlUser): Promise<ControlSocket> {
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    if (clients.size >= MAX_CLIENTS) return void client.destroy();
    clients.add(client);
    client.on("close", () => clients.delete(client)).on("error", () => client.destroy());
    readLines(client, (line) => user.line(line, (document) => write(client, document)));
  });
  await listen(server, where);
  return {
    tell: (document) => {
      for (const client of clients) write(client, document);
    },
    close: async () => {
      for (const client of clients) client.end();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      setTimeout(() => {
        for (const client of clients) client.destroy();
      }, 200).unref();
      await closed;
    },
  };
}

function write(client: Socket, document: unknown): void {
  if (client.writableLength > MAX_UNREAD_BYTES) client.destroy();
  else if (client.writable) client.write(`${JSON.stringify(document)}\n`);
}

function readLines(client: Socket, line: (text: string) => void): void {
  let rest = "";
  client.setEncoding("utf8").on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const one of lines) line(one.replace(/\r$/, ""));
    // Longer than any order, and still no end of it.
    if (rest.length > 4 * MAX_LINE) client.destroy();
  });
}

async function listen(server: Server, where: string): Promise<void> {
  const port = /^\d{1,5}$/.test(where) ? Number(where) : undefined;
  if (port === undefined && Buffer.byteLength(where) > MAX_PATH) {
    const why = `a socket's path has ${MAX_PATH} octets at most`;
    throw new CannotStart(`--control ${where} is not to be had: ${why}. Choose a shorter one.`);
  }
  if (port === undefined) await removeStale(where);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const listening = () => resolve();
      if (port === undefined) server.listen(where, listening);
      else server.listen(port, "127.0.0.1", listening);
    });
    if (port === undefined) chmodSync(where, 0o600);
  } catch (error) {
    const { code = String(error) } = error as { code?: string };
    throw new CannotStart(`--control ${where} is not to be had: ${code}. Choose another one.`);
  }
}

/** A socket that a phone left behind which was killed; not one that still answers. */
async function removeStale(path: string): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const isAlive = await new Promise<boolean>((resolve) => {
    const probe = createConnection(path, () => resolve(true)).on("error", () => resolve(false));
    probe.on("connect", () => probe.end());
  });
  if (!isAlive) rmSync(path, { force: true });
}
