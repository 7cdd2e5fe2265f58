import { expect, test } from "vitest";
import { house } from "../testing/house.ts";
import { SipError } from "../ua/sip-error.ts";
import { chat } from "./chat.ts";

/** A network that loses nearly half of all datagrams, doubles some, and lets others overtake. */
const STORM = { delayMs: 20, jitterMs: 60, loss: 0.48, duplication: 0.1 };
const SEEDS = 40;
const MESSAGES = 10;

test(`messages are shown once each, whatever is sent again, over ${SEEDS} seeds`, async () => {
  let resent = 0;
  let displayed = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const home = house({ seed });
    const { network } = home;
    const [alice, bob] = [await home.signedIn("alice"), await home.signedIn("bob")];
    const chats = { alice: chat(alice), bob: chat(bob) };
    const shown: string[] = [];
    void (async () => {
      for await (const message of chats.bob.messages()) {
        shown.push(message.text);
        message.displayed();
      }
    })();
    network.weather = STORM;
    const texts = Array.from({ length: MESSAGES }, (_, i) => `${seed}-${i}`);
    for (const text of texts) {
      const options = { receipts: ["displayed"], id: `id-${text}` } as const;
      const send = () =>
        chats.alice
          .send("sip:bob@house.example", text, options)
          .catch((error: unknown) => error as SipError);
      let outcome = await network.until(send(), 200_000);
      // Whoever hears nothing sends it again: it may have arrived all the same.
      for (; outcome instanceof SipError; resent++) outcome = await network.until(send(), 200_000);
      const { notifications } = outcome;
      void (async () => {
        for await (const { status } of notifications()) if (status === "displayed") displayed++;
      })();
    }
    await network.run(100_000);
    expect(shown, `seed ${seed}: each once, and in order`).toEqual(texts);
  }
  expect(resent, "some had to be sent again").toBeGreaterThan(0);
  // Nobody answers for a receipt: it is sent once, and its transaction does what it can.
  expect(displayed / (SEEDS * MESSAGES), "most were heard to be shown").toBeGreaterThan(0.8);
});
