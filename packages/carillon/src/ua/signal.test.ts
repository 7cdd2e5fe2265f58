import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import type { Call } from "./call.ts";

async function twoPeople() {
  const home = house();
  const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob")];
  return { ...home, alice, bob };
}

test("a signal takes a call back that rings", async () => {
  const { network, alice, bob } = await twoPeople();
  const calls = bob.calls();
  const giveUp = new AbortController();
  const call = alice.call(bob.aor, undefined, { signal: giveUp.signal });
  const { value: theirs } = await network.until(calls.next());
  giveUp.abort();
  expect((await network.until(call.ended)).code).toBe("SIP_HUNG_UP");
  expect((await network.until((theirs as Call).ended)).code).toBe("SIP_CANCELLED");
});

test("the same signal hangs up once they talk, and is left alone afterwards", async () => {
  const { network, alice, bob } = await twoPeople();
  bob.on("call", (call) => void call.answer());
  const enough = new AbortController();
  const call = alice.call(bob.aor, undefined, { signal: enough.signal });
  await network.until(call.answered);
  enough.abort();
  expect((await network.until(call.ended)).by).toBe("local");
  const other = alice.call(bob.aor);
  await network.until(other.answered);
  enough.abort();
  expect(other.state.name).toBe("Established");
});

test("with a signal that was aborted before, nobody is called", async () => {
  const { network, alice, bob } = await twoPeople();
  const heard: Call[] = [];
  bob.on("call", (call) => void heard.push(call));
  const call = alice.call(bob.aor, undefined, { signal: AbortSignal.abort() });
  expect((await network.until(call.ended)).code).toBe("SIP_HUNG_UP");
  await network.run(5000);
  expect(heard).toEqual([]);
});

test("`await using` a call hangs up at the end of its block", async () => {
  const { network, alice, bob } = await twoPeople();
  bob.on("call", (call) => void call.answer());
  const talk = async (): Promise<Call> => {
    await using call = alice.call(bob.aor);
    await call.answered;
    return call;
  };
  expect((await network.until(talk())).state.name).toBe("Ended");
});

test("whoever waits to be registered may stop waiting, and the phone goes on", async () => {
  const home = house();
  const phone = home.phone("alice");
  const wait = new AbortController();
  const registered = phone.register({ signal: wait.signal });
  wait.abort(new Error("no time"));
  await expect(home.network.until(registered)).rejects.toThrow("no time");
  await home.network.run(2000);
  expect(phone.state.name).toBe("Registered");
});

test("listeners hear of states and messages until their signal is aborted", async () => {
  const { network, alice, bob } = await twoPeople();
  const enough = new AbortController();
  const heard: string[] = [];
  bob.on("message", ({ body }) => void heard.push(body), { signal: enough.signal });
  bob.on("call", (call) => {
    call.on("state", ({ name }) => void heard.push(name), { signal: enough.signal });
  });
  await network.until(alice.message(bob.aor, "hello"));
  const call = alice.call(bob.aor);
  await network.run(1000);
  enough.abort();
  call.hangUp();
  await network.run(1000);
  expect(heard).toEqual(["hello", "Incoming"]);
});
