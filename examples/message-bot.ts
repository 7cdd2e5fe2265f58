/**
 * A bot that answers texts: send it a sum, and it sends the result.
 *
 *   node examples/message-bot.ts
 */
import { Phone } from "carillon/node";

const here = { host: "127.0.0.1", port: 0 };
const at = (phone: { addresses: readonly { port: number }[] }, name: string) =>
  `sip:${name}@127.0.0.1:${phone.addresses[0]?.port}`;

await using bot = await Phone.open({ aor: "sip:sums@127.0.0.1", local: here, voice: {} });
await using asker = await Phone.open({ aor: "sip:ada@127.0.0.1", local: here, voice: {} });

const answering = (async () => {
  for await (const { text } of bot.messages()) {
    const numbers = text.split("+").map(Number);
    const isSum = numbers.length > 1 && numbers.every(Number.isFinite);
    const sum = numbers.reduce((all, one) => all + one, 0);
    // A real bot answers to where the message came from; here we know where that is.
    await bot.message(at(asker, "ada"), isSum ? `${text} = ${sum}` : "I only know sums: 1 + 2");
  }
})();

const answers = asker.messages();
for (const text of ["hello", "19 + 23"]) {
  const { isDelivered } = await asker.message(at(bot, "sums"), text);
  const { value } = await answers.next();
  console.log(`${text} (delivered: ${isDelivered}) → ${value?.text}`);
}
await bot.close();
await answering;
