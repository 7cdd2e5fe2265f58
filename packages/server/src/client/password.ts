/**
 * A password from CARILLON_PASSWORD, else from who sits at the keyboard or from a pipe. Never from
 * the command line, which other people of the machine can read.
 */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

export interface PasswordWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Where it says what it waits for: not among the results. */
  readonly output: { write(text: string): unknown };
}

/** Rejects when there is none: the input has ended, or Ctrl+C. */
export async function passwordOf(user: string, world: PasswordWorld): Promise<string> {
  const { env, input, output } = world;
  const set = env["CARILLON_PASSWORD"];
  if (set !== undefined && set !== "") return set;
  const isTyped = input.isTTY === true;
  if (isTyped) output.write(`Password of ${user}: `);
  // Nothing is shown of what is typed.
  const mute = new Writable({ write: (_chunk, _encoding, written) => written() });
  const lines = createInterface({ input, output: mute, terminal: isTyped });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once("line", resolve);
      lines.once("close", () => reject(new Error("there is no password")));
    });
  } finally {
    lines.close();
    if (isTyped) output.write("\n");
  }
}
