/** Asks the running server something, and hands over its lines. */
import { createConnection } from "node:net";
import { CannotStart } from "../cannot-start.ts";
import type { Question } from "./control-server.ts";

/**
 * Resolves when the server says no more, or `enough` says so of a line. `connected` is called once
 * there is a server. Throws CannotStart in words where none runs on this folder.
 */
export function askServer(
  path: string,
  question: string | Question,
  heard: (line: Record<string, unknown>) => "enough" | "more",
  connected: () => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      connected();
      const asked = typeof question === "string" ? { ask: question } : question;
      socket.write(`${JSON.stringify(asked)}\n`);
    });
    socket.on("data", (more: string) => {
      const lines = (text + more).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (heard(JSON.parse(line)) === "enough") socket.destroy();
      }
    });
    socket.on("error", () => reject(new CannotStart(NOBODY)));
    socket.on("close", () => resolve());
  });
}

const NOBODY =
  "No server is running on this folder. Start it with npm start, or name its folder with --data.";
