import { describe, expect, test } from "vitest";
import type { Incoming } from "../endpoint/incoming.ts";
import { header } from "../message/headers.ts";
import { answerTo, lonePhone, read } from "../testing/lone-phone.ts";
import { requestText } from "../testing/request-text.ts";
import { partsOf } from "./phone-parts.ts";
import type { DialogTaker } from "./takers.ts";

async function takingPublish() {
  const lone = lonePhone();
  await lone.register();
  const { agent } = partsOf(lone.phone);
  const taken: Incoming[] = [];
  agent.takers.addMethod("PUBLISH", {
    request: (from) => {
      if (agent.takers.answer(agent.endpoint, from, { status: 200 })) taken.push(from);
    },
    capabilities: () => [["Recv-Info", "nothing"]],
  });
  const ask = (method: string, parts: Parameters<typeof requestText>[1] = {}) =>
    lone.wire.datagram(requestText(method, parts), lone.server).map(read);
  return { ...lone, agent, taken, ask };
}

const dialog = (heard: string[]): DialogTaker => ({
  ...{ callId: "c1", localTag: "here" },
  request: (from) => void heard.push(from.request.method),
  cutOff: () => void heard.push("cut off"),
  back: () => void heard.push("back"),
  leave: () => void heard.push("left"),
  abandon: () => void heard.push("abandoned"),
});

describe("what a phone takes beside calls", () => {
  test("RFC 3261 §8.2.1 is allowed once somebody takes it, and refused before", async () => {
    const { ask, taken } = await takingPublish();
    const [answer] = ask("PUBLISH", { callId: "i1" });
    expect(answer).toMatchObject({ status: 200 });
    expect(taken).toHaveLength(1);
    const [refused] = ask("REGISTER", { callId: "p1", branch: "z9hG4bKp" });
    expect(refused).toMatchObject({ status: 405 });
    expect(refused && header(refused, "Allow")).toMatch(/, PUBLISH$/);
  });

  test("RFC 3261 §11.2 is told to whoever asks with OPTIONS", async () => {
    const { ask } = await takingPublish();
    const [told] = ask("OPTIONS", { callId: "o1", branch: "z9hG4bKo" });
    expect(told && header(told, "Allow")).toMatch(/, PUBLISH$/);
    expect(told && header(told, "Recv-Info")).toBe("nothing");
  });

  test("RFC 3261 §8.2.2.2 is a loop if it comes by another way, until forgotten", async () => {
    const { ask, taken, agent, wait } = await takingPublish();
    const parts = { callId: "i1", from: "<sip:bob@example.com>;tag=b" };
    ask("PUBLISH", { ...parts, branch: "z9hG4bK1" });
    //= RFC 3261 §8.2.2.2
    //# If the From tag, Call-ID, and CSeq exactly match those associated with an ongoing
    //# transaction, but the request does not match that transaction (based on the matching rules in
    //# Section 17.2.3), the UAS core SHOULD generate a 482 (Loop Detected) response and pass it to
    //# the server transaction.
    expect(ask("PUBLISH", { ...parts, branch: "z9hG4bK2" })[0]).toMatchObject({ status: 482 });
    // Again by the same way, it is answered as before.
    expect(ask("PUBLISH", { ...parts, branch: "z9hG4bK1" })[0]).toMatchObject({ status: 200 });
    expect(taken).toHaveLength(1);
    await wait(40_000);
    expect(agent.takers.census().answered).toBe(0);
  });

  test("its own dialogs get what is said in them, and hear of the connection's end", async () => {
    const { ask, agent } = await takingPublish();
    const heard: string[] = [];
    const taker = dialog(heard);
    expect(agent.takers.addDialog(taker)).toBe(true);
    ask("NOTIFY", { callId: "c1", to: "<sip:alice@example.com>;tag=here", branch: "z9hG4bKn" });
    agent.takers.tell("cutOff");
    expect(heard).toEqual(["NOTIFY", "cut off"]);
    agent.takers.removeDialog(taker);
    const parts = { callId: "c1", to: "<sip:alice@example.com>;tag=here" };
    expect(ask("PUBLISH", { ...parts, branch: "z9hG4bKm" })[0]).toMatchObject({ status: 481 });
    expect(agent.isBusy).toBe(false);
  });

  test("a phone that is closed leaves them, and waits until they have gone", async () => {
    const { agent, phone, wire, isStopped, requests, say } = await takingPublish();
    const heard: string[] = [];
    const taker = dialog(heard);
    agent.takers.addDialog(taker);
    void phone.close();
    expect(heard).toEqual(["left"]);
    const [leaving] = requests("REGISTER");
    if (!leaving) throw new Error("it did not sign off");
    await say(answerTo(leaving, 200));
    expect(isStopped()).toBe(false);
    wire.call(() => agent.takers.removeDialog(taker));
    await say("");
    expect(isStopped()).toBe(true);
    expect(() => partsOf(phone).inTurn(() => {})).toThrow("closed");
  });

  test("has limits", async () => {
    const { agent } = await takingPublish();
    const task = () => dialog([]);
    for (let i = 0; i < 1000; i++) agent.takers.addTask(task());
    expect(agent.takers.addTask(task())).toBe(false);
    expect(() => agent.takers.addMethod("PUBLISH", { request() {} })).toThrow("taken");
  });

  test("RFC 3261 §21.5.4 too many in half a minute are put off", async () => {
    const { ask } = await takingPublish();
    for (let i = 0; i < 5000; i++)
      ask("PUBLISH", { callId: `many${i}`, branch: `z9hG4bKmany${i}` });
    const [late] = ask("PUBLISH", { callId: "late", branch: "z9hG4bKlate" });
    expect(late).toMatchObject({ status: 503 });
    expect(late && header(late, "Retry-After")).toBe("10");
  });

  test("nothing else is a phone", () => {
    expect(() => partsOf({})).toThrow(TypeError);
  });
});
