import { expect, test } from "vitest";
import { question } from "../../locate/naming.ts";
import { aboutOther, foundOf, inTurn, LyingDns, manySrv, NXDOMAIN, SERVFAIL } from "./lying-dns.ts";
import { stage } from "./stage.ts";

const NAME = question("example.com", "A");
const at = (address: string) => foundOf([{ type: "A", address }]);

/** What a host hears within ten seconds that asks so many times. */
async function heard(dns: LyingDns, times = 1) {
  const { network, a } = stage({ dns });
  const askedAt = network.now;
  for (let i = 0; i < times; i++) a.call(() => a.endpoint.say({ kind: "Query", question: NAME }));
  await network.run(10_000);
  return a.endpoint.all("Answered").map(({ question: about, answer }, i) => {
    return { about, answer, afterMs: (a.endpoint.heard[i]?.at ?? 0) - askedAt };
  });
}

test("a DNS answers from its zone", async () => {
  const dns = new LyingDns().zone("example.com A 192.0.2.1\nexample.com A 192.0.2.2");
  const [reply] = await heard(dns);
  expect(reply?.answer).toMatchObject({
    records: [{ address: "192.0.2.1" }, { address: "192.0.2.2" }],
  });
  expect(dns.packets).toEqual(["A example.com"]);
});

test("it answers late, and never", async () => {
  const late = new LyingDns().tell("A example.com", { afterMs: 3000, answer: at("192.0.2.1") });
  expect((await heard(late))[0]?.afterMs).toBe(3000);
  expect(await heard(new LyingDns().otherwise("never"))).toEqual([]);
});

test("it fails, and knows no such name", async () => {
  const broken = new LyingDns().otherwise(SERVFAIL);
  expect((await heard(broken))[0]?.answer).toEqual({ kind: "Failed", why: "SERVFAIL" });
  expect((await heard(new LyingDns()))[0]?.answer).toEqual(NXDOMAIN);
});

test("it answers what nobody asked", async () => {
  const told = aboutOther("A other.example", at("192.0.2.66"));
  const [reply] = await heard(new LyingDns().tell("A example.com", told));
  expect(reply?.about).toEqual({ name: "other.example", type: "A" });
});

test("it changes its mind", async () => {
  const told = inTurn(SERVFAIL, at("192.0.2.1"), at("192.0.2.2"));
  const replies = await heard(new LyingDns().tell("A example.com", told), 4);
  const kinds = replies.map(({ answer }) => answer.kind);
  expect(kinds).toEqual(["Failed", "Found", "Found", "Found"]);
  expect(replies[3]?.answer).toEqual(at("192.0.2.2"));
});

test("it says more than anybody wants, and points in circles", async () => {
  const answer = manySrv(10_000, "example.com");
  expect(answer.kind === "Found" && answer.records.length).toBe(10_000);
  const circle = new LyingDns().alias("example.com", "b.example").alias("b.example", "example.com");
  expect((await heard(circle))[0]?.answer).toMatchObject({ kind: "Alias", name: "b.example" });
});

test("a network without a DNS says that it failed", async () => {
  const { network, a } = stage();
  a.call(() => a.endpoint.say({ kind: "Query", question: NAME }));
  await network.run(1);
  expect(a.endpoint.all("Answered")[0]?.answer).toEqual(SERVFAIL);
});
