import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { BindingImage } from "./binding-image.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Octets of heap, once all that nobody holds is gone. */
function held(): number {
  for (let i = 0; i < 4; i++) collect();
  return process.memoryUsage().heapUsed;
}

/** Registers so many phones, each from a message of this size; octets of heap for each. */
function each(count: number, messageOctets: number): number {
  const before = held();
  const image = new BindingImage();
  const local = { host: "192.0.2.1", port: 5060 };
  for (let i = 0; i < count; i++) {
    const host = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
    const fields = `sip:phone${i}@${host}:5060;transport=udp ${i}-a84b4c76e66710@${host}`;
    // A message of its own for each, as it comes from a socket; the fields are cut from it.
    const message = Buffer.from(fields + "x".repeat(messageOctets), "latin1").toString("latin1");
    const [contact = "", rest = ""] = message.split(" ");
    image.put(`phone${i}`, [
      {
        contact,
        callId: rest.slice(0, rest.indexOf("x")),
        q: 1000,
        cseq: i,
        expiresAt: 1_700_000_000_000 + i,
        flow: { transport: "UDP", local, remote: { host, port: 5060 }, connection: 0 },
        credential: "0123456789abc",
      },
    ]);
  }
  const octets = (held() - before) / count;
  expect(image.size).toBe(count);
  return octets;
}

test("a binding takes less than half of what the best known server needs, 984 octets", () => {
  for (const count of [10_000, 100_000]) {
    expect(each(count, 400), `${count} bindings`).toBeLessThan(984 / 2);
  }
});

test("a phone that pads its REGISTER to 32 kB keeps no more of it than others do", () => {
  expect(each(10_000, 32_000)).toBeLessThan(984 / 2);
});
