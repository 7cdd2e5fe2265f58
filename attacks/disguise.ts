/**
 * Stands between an attacker's tool and the program, over UDP, and gives the tool another
 * User-Agent: one to which the only challenge is offered that the tool understands. sipvicious
 * 0.3.3 ends with a fault of its own at any challenge but MD5.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { SIP } from "./stage.ts";

const NAMES_ITSELF = /^User-Agent:[^\r\n]*/im;

export class Disguise {
  /** What went to the program. */
  passed = 0;
  readonly #tool: Socket;
  readonly #program: Socket;

  private constructor(tool: Socket, program: Socket, userAgent: string) {
    this.#tool = tool;
    this.#program = program;
    let last = { address: "127.0.0.1", port: 9 };
    tool.on("message", (octets, from) => {
      last = from;
      this.passed++;
      const text = octets.toString("latin1").replace(NAMES_ITSELF, `User-Agent: ${userAgent}`);
      program.send(Buffer.from(text, "latin1"), SIP.port, SIP.host);
    });
    program.on("message", (octets) => tool.send(octets, last.port, last.address));
    for (const socket of [tool, program]) socket.on("error", () => {});
  }

  /** `listen` is what the tool is told to attack; to the program it comes from `source`. */
  static async between(listen: string, source: string, userAgent: string): Promise<Disguise> {
    const [tool, program] = [createSocket("udp4"), createSocket("udp4")];
    tool.bind(5060, listen);
    program.bind(0, source);
    await Promise.all([once(tool, "listening"), once(program, "listening")]);
    return new Disguise(tool, program, userAgent);
  }

  close(): void {
    this.#tool.close();
    this.#program.close();
  }
}
