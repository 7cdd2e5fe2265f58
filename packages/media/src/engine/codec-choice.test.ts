import type { AgreedCodec, Codec } from "carillon/sdp";
import { expect, test } from "vitest";
import { answeredSound } from "./codec-choice.ts";

const codec = (encoding: string, payloadType: number): AgreedCodec & Codec => ({
  ...{ encoding, payloadType, clockRateHz: 8000, channels: 1, params: undefined },
  receivePayloadType: payloadType,
});
const [mu, noise, keys] = [codec("PCMU", 0), codec("CN", 13), codec("telephone-event", 101)];
const namesOf = (there: readonly AgreedCodec[]): readonly string[] | undefined =>
  answeredSound([mu, noise, keys], there)?.map(({ encoding }) => encoding);

test("Noise is agreed on where both sides have it, and keys wherever they were offered", () => {
  expect(namesOf([mu, noise])).toEqual(["PCMU", "CN", "telephone-event"]);
});

test("Noise is not agreed on where the other side has none: music would be left out", () => {
  expect(namesOf([mu, keys])).toEqual(["PCMU", "telephone-event"]);
  expect(namesOf([codec("PCMA", 8)])).toEqual(["PCMU", "telephone-event"]);
});
