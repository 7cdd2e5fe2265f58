import { afterEach, expect, test, vi } from "vitest";
import { watchNetwork } from "./network-watch.ts";

class Connection extends EventTarget {
  type: string | undefined = "wifi";
  becomes(type: string | undefined): void {
    this.type = type;
    this.dispatchEvent(new Event("change"));
  }
}

/** A page's events and what Chromium says of its network. */
function page(connection?: Connection) {
  const events = new EventTarget();
  vi.stubGlobal("navigator", { connection });
  vi.stubGlobal("addEventListener", events.addEventListener.bind(events));
  let count = 0;
  const stop = watchNetwork(() => void count++);
  return { events, stop, count: () => count };
}

afterEach(() => void vi.unstubAllGlobals());

test("a page that is online again, or on another kind of network, says so", () => {
  const connection = new Connection();
  const { events, count } = page(connection);
  events.dispatchEvent(new Event("online"));
  expect(count()).toBe(1);
  connection.becomes("cellular");
  expect(count()).toBe(2);
});

test("a guess at the speed is no other network, and none is nothing to connect over", () => {
  const connection = new Connection();
  const { count } = page(connection);
  connection.becomes("wifi");
  connection.becomes("none");
  expect(count()).toBe(0);
  connection.becomes("wifi");
  expect(count()).toBe(1);
});

test("nothing is said after its end, and nothing is missed where a browser knows nothing", () => {
  const { events, stop, count } = page();
  stop();
  events.dispatchEvent(new Event("online"));
  expect(count()).toBe(0);
});
