import { expect, test } from "vitest";
import { chooseMedia, type Devices, mediaFailure } from "./media-choice.ts";

const there = { present: true, permission: "prompt" } as const;
const missing = { present: false, permission: "prompt" } as const;
const denied = { present: true, permission: "denied" } as const;
const all: Devices = { secure: true, microphone: there, camera: there };

test("with everything there the call is as wanted", () => {
  expect(chooseMedia(all, true)).toEqual({ ok: true, video: true });
  expect(chooseMedia(all, false)).toEqual({ ok: true, video: false });
});

test("without a camera a video call becomes a voice call and says why", () => {
  const choice = chooseMedia({ ...all, camera: missing }, true);
  expect(choice).toMatchObject({ ok: true, video: false });
  expect(choice).toHaveProperty("notice", "There is no camera here, so this is a voice call.");
  expect(chooseMedia({ ...all, camera: denied }, true)).toMatchObject({ ok: true, video: false });
});

test("a voice call does not care about the camera", () => {
  expect(chooseMedia({ ...all, camera: denied }, false)).toEqual({ ok: true, video: false });
});

test("no microphone, a refused one and an insecure page each say what to do", () => {
  for (const devices of [
    { ...all, microphone: missing },
    { ...all, microphone: denied },
    { ...all, secure: false },
  ]) {
    const choice = chooseMedia(devices, true);
    expect(choice.ok).toBe(false);
    if (!choice.ok) expect(choice.doThis).toMatch(/then (try|call) again\.$/);
  }
});

test("a failure is explained by what is missing or refused, and only by that", () => {
  expect(mediaFailure({ ...all, microphone: denied })).toContain("may not use your microphone");
  expect(mediaFailure({ ...all, camera: denied })).toBeUndefined();
  expect(mediaFailure(all)).toBeUndefined();
});
