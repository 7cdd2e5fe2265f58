import { expect, test } from "vitest";
import { IDLE_MS, nextStatus } from "./idle.ts";
import type { OwnStatus } from "./presence-api.ts";

const online: OwnStatus = { status: "online", note: "At my desk", until: null };
const away: OwnStatus = { ...online, status: "away" };
const idle = { idleMs: IDLE_MS, wasSelf: false, inCall: false };
const back = { idleMs: 0, wasSelf: true, inCall: false };

test("a browser that nobody touches is away, with its note", () => {
  expect(nextStatus(online, idle)).toEqual(away);
  expect(nextStatus(online, { ...idle, idleMs: IDLE_MS - 1 })).toBeUndefined();
});

test("who talks needs no hands", () => {
  expect(nextStatus(online, { ...idle, inCall: true })).toBeUndefined();
});

test("who comes back is online again, if they were away by themselves", () => {
  expect(nextStatus(away, back)).toEqual(online);
  expect(nextStatus(away, { ...back, wasSelf: false })).toBeUndefined();
});

test("what somebody has said stays so", () => {
  for (const status of ["busy", "offline", "away"] as const) {
    expect(nextStatus({ ...online, status }, idle)).toBeUndefined();
    if (status !== "away") expect(nextStatus({ ...online, status }, back)).toBeUndefined();
  }
  expect(nextStatus({ ...online, until: 5 }, idle)).toBeUndefined();
});
