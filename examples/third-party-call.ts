/**
 * A server calls two people and has them talk to each other (RFC 3725): alice at a page, bob at a
 * desk phone that knows nothing of it, with a back-to-back agent between them.
 *
 *   node examples/third-party-call.ts
 *
 * All of it runs on the simulated network, with an engine that moves no sound. In a program, make
 * the endpoint with `createInnerLineEndpoint`, and put the bridging into its domain.
 */
import { bridging, type ConnectState } from "carillon/b2bua";
import { house, plainEngine } from "carillon/testing";

const bridge = bridging({ engine: plainEngine() });
const { network, server, signedIn } = house({ bridging: () => bridge });
const [alice, bob] = [await signedIn("alice", "ws"), await signedIn("bob")];

for (const phone of [alice, bob]) {
  void (async () => {
    for await (const call of phone.calls()) {
      console.log(`${phone.aor} is called by ${call.peer.uri}`);
      await call.answer();
    }
  })();
}

const wordsOf = (state: ConnectState): string => {
  switch (state.name) {
    case "Calling":
      return `the ${state.who} is called (${state.status})`;
    case "Talking":
      return "they talk";
    case "Ended":
      return `it is over: ${state.message}`;
  }
};

// As on every running endpoint, what an application wants is done in a turn of its own.
const call = network.until(
  new Promise<ReturnType<typeof bridge.connect>>((take) => {
    server.call(() => {
      const heard = (state: ConnectState) => console.log(wordsOf(state));
      take(bridge.connect({ first: alice.aor, second: bob.aor, account: "alice", heard }));
    });
  }),
);
const connecting = await call;
await network.run(3000);
server.call(() => connecting.end());
await network.run(1000);
