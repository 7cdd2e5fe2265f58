import { expect, test } from "vitest";
import { protectionOf } from "./protection-config.ts";

test("where nothing is said, the library's limits hold, and behaviour can have one banned", () => {
  const { limits, mayBan, isNever } = protectionOf({});
  expect([limits, mayBan, isNever("127.0.0.66")]).toEqual([{}, true, false]);
});

test("a limit is never exceeded within its span: half at once, half as it leaks out", () => {
  const passwords = { ofSourceForPerson: 10, forPerson: 101, ofSource: 2 };
  const { limits } = protectionOf({ protection: { passwords, answersPerSecond: 50 } });
  expect(limits).toEqual({
    pair: { burst: 5, drainMs: 120_000 },
    account: { burst: 51, drainMs: 72_000 },
    source: { burst: 1, drainMs: 3_600_000 },
    answers: { burst: 50, drainMs: 20 },
  });
});

test("own networks are addresses and networks of both families", () => {
  const never = ["192.0.2.7", "10.0.0.0/8", "2001:db8::/32"];
  const { isNever, mayBan } = protectionOf({ protection: { never, bans: false } });
  expect(mayBan).toBe(false);
  const own = ["192.0.2.7", "10.255.0.1", "2001:db8:7::1"];
  const others = ["192.0.2.8", "11.0.0.1", "2001:db9::1", "nowhere.invalid", ""];
  expect(own.map(isNever)).toEqual([true, true, true]);
  expect(others.map(isNever)).toEqual([false, false, false, false, false]);
});
