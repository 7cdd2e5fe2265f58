import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { tcp } from "./tcp.ts";
import { type Paused, TurnBudget } from "./turn-budget.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const nextTurn = () => new Promise((go) => setImmediate(go));

/** Somebody who sends. */
function sender(name: string, said: string[]) {
  const from: Paused = {
    pause: () => void said.push(`${name} waits`),
    resume: () => void said.push(`${name} goes on`),
  };
  return (what: string) => [from, () => void said.push(`${name}: ${what}`)] as const;
}

test("what a turn has no room for waits its turn, in order", async () => {
  const budget = new TurnBudget(100);
  const said: string[] = [];
  const [a, b] = [sender("a", said), sender("b", said)];
  budget.spend(60, ...a("one"));
  budget.spend(60, ...a("two"));
  budget.spend(60, ...a("three"));
  // Though it is small: who came before waits, too.
  budget.spend(1, ...b("one"));
  expect(said).toEqual(["a: one", "a: two", "a waits", "b waits"]);
  said.length = 0;
  await nextTurn();
  expect(said).toEqual(["a goes on", "a: three", "b goes on", "b: one"]);
  said.length = 0;
  await nextTurn();
  budget.spend(60, ...b("two"));
  expect(said).toEqual(["b: two"]);
});

test("a flood on many connections lets a turn end, and nothing of it is lost", async () => {
  const received = new Map<number, number>();
  let [inTurn, most, count] = [0, 0, 0];
  const host = {
    input() {},
    connection: () => {
      const nth = ++count;
      return {
        received(octets: string) {
          received.set(nth, (received.get(nth) ?? 0) + octets.length);
          inTurn += octets.length;
          most = Math.max(most, inTurn);
        },
        closed() {},
      };
    },
  };
  const server = await tcp(host, { host: "127.0.0.1", port: 0 });
  cleanups.push(() => server.close());
  let isOver = false;
  const turns = (async () => {
    while (!isOver) {
      await nextTurn();
      inTurn = 0;
    }
  })();
  const bytes = Buffer.alloc(2 << 20, "x");
  const sockets = Array.from({ length: 8 }, () => connect(server.address.port, "127.0.0.1"));
  for (const socket of sockets) {
    socket.on("error", () => {});
    cleanups.push(() => socket.destroy());
  }
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  for (const socket of sockets) socket.write(bytes);
  const all = () => [...received.values()].reduce((sum, one) => sum + one, 0);
  await vi.waitFor(() => expect(all()).toBe(8 * bytes.length), { timeout: 10_000 });
  isOver = true;
  await turns;
  // The budget, a piece that goes over it, and as much once more between two looks at it.
  expect(most).toBeLessThan(2 * (128 + 64) * 1024 + 1);
});
