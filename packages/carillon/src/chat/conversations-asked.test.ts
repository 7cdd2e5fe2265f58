import { describe, expect, test } from "vitest";
import { CPIM_TYPE, formatCpim } from "../documents/cpim.ts";
import { formatIsComposing, IS_COMPOSING_TYPE } from "../documents/is-composing.ts";
import { parseResourceLists } from "../documents/resource-lists.ts";
import { toText } from "../grammar/octets.ts";
import { header } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { BOB, cpimIn, entry, journalDesk, OWN, said, TEAM } from "../testing/journal-desk.ts";
import { requestText } from "../testing/request-text.ts";

const event = (request: Request) => header(request, "Event");

describe("who is writing", () => {
  const active = formatIsComposing({ state: "active", contentType: "text/plain" });
  const within = (from: string, to: string) =>
    formatCpim({
      ...{ from: { name: "", uri: from }, to: { name: "", uri: to }, content: active },
      contentHeaders: [["Content-Type", IS_COMPOSING_TYPE]],
    });

  test("RFC 3994 §3 is shown where they write, until it comes", async () => {
    const { all, begin, notify, wire, server, wait } = await journalDesk();
    const live = await begin();
    let count = 0;
    const tell = async (from: string, type: string, body: string) => {
      const parts = { callId: `c${++count}`, branch: `z9hG4bKc${count}`, body };
      const lines = [`Content-Type: ${type}`];
      const text = requestText("MESSAGE", { ...parts, lines, from: `<${from}>;tag=x${count}` });
      wire.datagram(text, server);
      await wait(0);
    };
    const [bob, team] = [all.open(BOB), all.open(TEAM)];
    await tell(BOB, IS_COMPOSING_TYPE, active);
    await tell(TEAM, CPIM_TYPE, within(BOB, TEAM));
    expect([bob.view().composing, team.view().composing]).toEqual([[BOB], [BOB]]);
    await notify(live, [said(1, BOB, "here")]);
    expect([bob.view().composing, team.view().composing]).toEqual([[], [BOB]]);
    await notify(live, [{ ...said(2, BOB, "and here"), conversation: TEAM }]);
    expect(team.view().composing).toEqual([]);
    // Whoever goes on writing, is seen to.
    await tell(BOB, IS_COMPOSING_TYPE, active);
    expect(bob.view().composing).toEqual([BOB]);
  });

  test("RFC 3994 §3.2 here, is told to the others, and ends with what is sent", async () => {
    const { all, begin, next, answer, hasNone, wait } = await journalDesk();
    await begin();
    const bob = all.open(BOB);
    bob.composing();
    bob.composing();
    const told = next("MESSAGE");
    expect([told.uri, header(told, "Content-Type")]).toEqual([BOB, IS_COMPOSING_TYPE]);
    await answer(told, 200);
    bob.send("done");
    await answer(next("MESSAGE"), 202);
    await wait(100_000);
    // Not even that one has stopped.
    expect(hasNone("MESSAGE")).toBe(true);
  });
});

describe("earlier messages", () => {
  test("are read by the page, and added to what is shown", async () => {
    const { all, next, answer, notify, granted, wait } = await journalDesk();
    const live = next("SUBSCRIBE");
    await answer(live, 200, granted);
    await notify(live, [], 90);
    const bob = all.open(BOB);
    await notify(live, [said(91, BOB, "now")], 91);
    expect(bob.view().hasEarlier).toBe(true);
    const asked = bob.earlier(1);
    await wait(0);
    // The one for the latest part of the journal is still without an answer.
    next("SUBSCRIBE");
    const page = next("SUBSCRIBE");
    expect(event(page)).toBe(`carillon-journal;before=91;limit=3;with="${BOB}"`);
    await answer(page, 200, granted);
    const over = { isWhole: false, state: "terminated;reason=timeout" };
    await notify(page, [said(7, BOB, "then")], 91, over);
    expect(await asked).toBe(true);
    expect(bob.view().items.map(({ text }) => text)).toEqual(["then", "now"]);
    const rest = bob.earlier();
    await wait(0);
    const last = next("SUBSCRIBE");
    await answer(last, 200, granted);
    await notify(last, [], 91, { ...over, isWhole: true });
    expect([await rest, bob.view().hasEarlier]).toEqual([false, false]);
  });

  test("are found by their words", async () => {
    const { all, begin, next, answer, notify, granted, wait } = await journalDesk();
    await begin([said(4, BOB, "known lunch")]);
    const asked = all.find('lunch "ü"', { limit: 9 });
    await wait(0);
    const request = next("SUBSCRIBE");
    expect(toText(event(request) ?? "")).toBe(
      String.raw`carillon-journal;limit=9;find="lunch \"ü\""`,
    );
    await answer(request, 200, granted);
    const edited = { kind: "Edited", id: "m2", from: TEAM, contentType: "text/plain" } as const;
    const entries = [
      { ...said(2, TEAM, "lunch, too"), conversation: TEAM },
      entry(3, { ...edited, body: "lunch, edited" }, TEAM),
      said(4, BOB, "known lunch"),
    ];
    await notify(request, entries, 4, { state: "terminated;reason=timeout" });
    expect(await asked).toMatchObject([
      { conversation: BOB, item: { text: "known lunch", seq: 4 } },
      { conversation: TEAM, item: { text: "lunch, edited", seq: 2 } },
    ]);
  });
});

describe("a group", () => {
  test("is made of a list of members, and changed by another", async () => {
    const { all, begin, next, answer, notify } = await journalDesk();
    const live = await begin();
    const making = all.createGroup("team", "Our team", [BOB, "sip:carol@example.com"]);
    const request = next("MESSAGE");
    expect(request.uri).toBe(TEAM);
    const list = parseResourceLists(cpimIn(request).content);
    expect(list.ok && list.value).toMatchObject([
      {
        displayName: "Our team",
        entries: [{ uri: OWN }, { uri: BOB }, { uri: "sip:carol@example.com" }],
      },
    ]);
    await answer(request, 202);
    const group = await making;
    const everybody = [OWN, BOB, "sip:carol@example.com"];
    expect(group.view()).toMatchObject({ title: "Our team", members: everybody, isGroup: true });
    const members = [OWN, BOB];
    await notify(live, [entry(1, { kind: "Group", title: "Team", members, by: OWN }, TEAM)]);
    expect(group.view()).toMatchObject({ title: "Team", members, isGroup: true });
    const leaving = group.leave();
    const left = next("MESSAGE");
    const rest = parseResourceLists(cpimIn(left).content);
    expect(rest.ok && rest.value[0]?.entries).toEqual([{ uri: BOB }]);
    await answer(left, 403, { lines: ['Warning: 399 carillon "Only its owner may."'] });
    await expect(leaving).rejects.toThrow("Only its owner may.");
    expect(() => all.open(BOB).setTitle("x")).toThrow("no group");
  });

  test("is asked for again where nobody answers, as the same", async () => {
    const { all, begin, next, answer, wait } = await journalDesk();
    await begin();
    const making = all.createGroup("team", "Our team", [BOB]);
    const first = next("MESSAGE");
    await answer(first, 503);
    await wait(2000);
    const again = next("MESSAGE");
    expect(cpimIn(again).id).toBe(cpimIn(first).id);
    await answer(again, 202);
    expect((await making).uri).toBe(TEAM);
  });
});
