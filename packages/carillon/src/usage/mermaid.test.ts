import { expect, test } from "vitest";
import { mermaid } from "./mermaid.ts";
import { pictures } from "./pictures/index.ts";

const named = (title: string) => {
  const picture = pictures().find((one) => one.title === title);
  if (!picture) throw new Error(title);
  return mermaid(picture);
};

test("RFC 3261 §17.1.2, Figure 6: the non-INVITE client transaction as a diagram", () => {
  expect(named("Non-INVITE client transaction").split("\n")).toEqual([
    "stateDiagram-v2",
    "  [*] --> Trying: Send",
    "  Trying --> Proceeding: Response 100 180 / ToUser",
    "  Trying --> Completed: Response 200 302 486 600 / ToUser",
    "  Trying --> Trying: Tick / Send",
    "  Trying --> Terminated: Tick, TransportError, Abandon / Failed",
    "  Proceeding --> Proceeding: Response 100 180 / ToUser",
    "  Proceeding --> Completed: Response 200 302 486 600 / ToUser",
    "  Proceeding --> Proceeding: Tick / Send",
    "  Proceeding --> Terminated: Tick, TransportError, Abandon / Failed",
    "  Completed --> Terminated: Tick, Abandon",
    "  Terminated --> [*]",
  ]);
});

test("a machine is drawn the same every time, with every state reached from the beginning", () => {
  for (const picture of pictures()) {
    expect(mermaid(picture)).toBe(mermaid(picture));
    const arrows = [...mermaid(picture).matchAll(/^ {2}(\S+) --> (\w+)/gm)];
    const reached = new Set(["[*]"]);
    for (const _ of arrows) {
      for (const [, from = "", to = ""] of arrows) if (reached.has(from)) reached.add(to);
    }
    for (const { name } of picture.boxes)
      expect(reached, `${picture.title}: ${name}`).toContain(name);
  }
});
