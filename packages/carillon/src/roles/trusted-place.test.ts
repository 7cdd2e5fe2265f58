/** A gateway that needs no credentials, because of where it is. */
import { expect, test } from "vitest";
import { DomainStage, request, titleOf } from "../testing/domain-stage.ts";

const GATEWAY = "198.51.100.20:5060";
const STRANGER = "198.51.100.21:5060";
const trusting = () => new DomainStage({ trusts: ({ remote }) => remote.host === "198.51.100.20" });

const register = (account: string) =>
  request("REGISTER", {
    uri: "sip:house.example",
    branch: `z9hG4bK-${account}`,
    callId: `reg-${account}`,
    from: `<sip:${account}@house.example>;tag=r`,
    to: `<sip:${account}@house.example>`,
    lines: [`Contact: <sip:${account}@198.51.100.20:5070>`],
  });

test("calls people here in the name of somebody outside, and nobody else does", () => {
  const stage = trusting();
  stage.register("bob", "203.0.113.9:5060");
  const call = request("INVITE", { from: "<sip:+49301234@pstn.example>;tag=g" });
  expect(stage.say(GATEWAY, call).map(titleOf)).toEqual(["INVITE"]);
  expect(stage.say(STRANGER, call).map(titleOf)).toEqual(["407 INVITE"]);
});

test("RFC 3261 §10.3: registers devices of people here, and of nobody who is not", () => {
  const stage = trusting();
  expect(stage.say(GATEWAY, register("bob")).map(titleOf)).toEqual(["200 REGISTER"]);
  expect(stage.location.online("bob", stage.wire.now)).toBe(true);
  //= RFC 3261 §10.3
  //# If the address-of-record is not valid for the domain in the Request-URI, the registrar MUST
  //# send a 404 (Not Found) response and skip the remaining steps.
  expect(stage.say(GATEWAY, register("zoe")).map(titleOf)).toEqual(["404 REGISTER"]);
  expect(stage.location.online("zoe", stage.wire.now)).toBe(false);
  expect(stage.say(STRANGER, register("carol")).map(titleOf)).toEqual(["401 REGISTER"]);
});

test("is no way to other domains", () => {
  const stage = trusting();
  const away = request("INVITE", { uri: "sip:bob@elsewhere.example" });
  expect(stage.say(GATEWAY, away).map(titleOf)).toEqual(["403 INVITE"]);
});
