import { expect, test } from "vitest";
import { ToldRows } from "./row-changes.ts";

const row = (id: string, value = 0) => ({ id, value });

test("rows that are new, others or gone are told once; all of them where it is to be whole", () => {
  const told = new ToldRows<ReturnType<typeof row>>();
  expect(told.differs([])).toBe(false);
  expect(told.differs([row("a")])).toBe(true);
  expect(told.tell([row("a"), row("b")], true).changed).toEqual([row("a"), row("b")]);
  expect(told.differs([row("b"), row("a")])).toBe(false);
  expect(told.differs([row("a"), row("c")])).toBe(true);
  expect(told.tell([row("a"), row("b", 1)], false)).toEqual({ changed: [row("b", 1)], gone: [] });
  expect(told.tell([row("b", 1)], false)).toEqual({ changed: [], gone: [row("a")] });
  expect(told.tell([row("b", 1)], false)).toEqual({ changed: [], gone: [] });
  expect(told.tell([row("b", 1)], true)).toEqual({ changed: [row("b", 1)], gone: [] });
});
