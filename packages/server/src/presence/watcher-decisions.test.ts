import { publish, rawEvents } from "carillon/events";
import { house } from "carillon/testing";
import { expect, test } from "vitest";
import { done, type Outcome, refused } from "../refusal.ts";
import { DECISION_EVENT, DECISION_TYPE, WatcherDecisions } from "./watcher-decisions.ts";

const decisions = rawEvents(DECISION_EVENT, [DECISION_TYPE]);
const type = { type: "application", subtype: "json", params: new Map() };

const written = async (): Promise<Outcome<unknown>> => done(undefined);

async function stage(outcome = written) {
  const decided: string[] = [];
  const service = new WatcherDecisions({
    domain: "house.example",
    decide: (account, { who, action }) => {
      decided.push(`${account}: ${action} ${who}`);
      return outcome();
    },
    inTurn: (run) => server.call(run),
  });
  const { network, server, signedIn } = house({ services: () => [service] });
  const alice = await signedIn("alice");
  const say = (body: string, target = alice.aor) =>
    publish(alice, decisions, { type, body }, { target });
  return { network, say, decided };
}

test("what a phone decides is written before the answer, and never taken back", async () => {
  const { network, say, decided } = await stage();
  const said = say('{"who":"Gran@other.example","action":"allow"}');
  await network.until(said.published);
  await network.until(said.remove());
  expect(decided).toEqual(["alice: allow sip:Gran@other.example"]);
});

test.each([
  ["no JSON", "{"],
  ["nothing of it", "{}"],
  ["no answer", '{"who":"gran","action":"confirm"}'],
  ["no address", '{"who":"@","action":"allow"}'],
])("what is %s decides nothing", async (_, body) => {
  const { network, say, decided } = await stage();
  await expect(network.until(say(body).published)).rejects.toMatchObject({ status: 400 });
  expect(decided).toEqual([]);
});

test("nobody decides for others, and what cannot be written is refused", async () => {
  const { network, say, decided } = await stage(async () => refused("TOO_MANY_RULES"));
  const body = '{"who":"gran","action":"allow"}';
  const other = say(body, "sip:bob@house.example");
  await expect(network.until(other.published)).rejects.toMatchObject({ status: 403 });
  expect(decided).toEqual([]);
  await expect(network.until(say(body).published)).rejects.toMatchObject({ status: 403 });
  expect(decided).toHaveLength(1);
});

test("a disk that fails is no answer for good: the phone tries again", async () => {
  const { network, say } = await stage(() => Promise.reject(new Error("full")));
  const said = say('{"who":"gran","action":"allow"}');
  for (let i = 0; i < 20 && said.state.name === "Publishing"; i++)
    await network.until(network.sleep(100));
  expect(said.state).toMatchObject({ name: "Waiting", error: { status: 503 } });
});
