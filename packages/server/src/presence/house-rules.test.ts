import { beforeEach, expect, test } from "vitest";
import { OPEN_HOUSE, type PresenceRules } from "../store/presence-settings.ts";
import { houseRules } from "./house-rules.ts";

let rules: PresenceRules;
let asked: string[];
let isHidden: boolean;

beforeEach(() => {
  rules = OPEN_HOUSE;
  asked = [];
  isHidden = false;
});

const own = houseRules({
  domain: "house.example",
  rules: () => rules,
  isHidden: () => isHidden,
  mayAsk: (domain) => domain === "other.example",
  ask: (owner, who) => void asked.push(`${who} asks for ${owner}`),
});
const handling = (uri: string, account?: string, event = "presence") =>
  own.handling("anna", { account, uri, displayName: "" }, event);

test("people of the house see each other, by presence and by busy lamps, and nothing else", () => {
  const of = (event: string) => handling("sip:bob@house.example", "bob", event);
  expect(["presence", "dialog", "reg", "message-summary"].map(of)).toEqual([
    ...["allow", "allow", "block", "block"],
  ]);
});

test("others are asked about, where the operator lets them ask at all", () => {
  const gran = { account: undefined, uri: "sip:gran@other.example;x=y", displayName: "" };
  expect(own.handling("anna", gran, "presence")).toBe("confirm");
  own.asked?.("anna", gran, "presence");
  expect(asked).toEqual(["sip:gran@other.example asks for anna"]);
  expect(handling("sip:spy@evil.example")).toBe("block");
  rules = { ...OPEN_HOUSE, watchers: [{ who: "sip:spy@evil.example", action: "allow" }] };
  expect(handling("sip:spy@evil.example"), "the operator comes first").toBe("block");
});

test("a rule of one's own counts for all that is told", () => {
  rules = {
    ...OPEN_HOUSE,
    watchers: [
      { who: "sip:bob@house.example", action: "polite-block" },
      { who: "sip:gran@other.example", action: "allow" },
    ],
  };
  expect(handling("sip:bob@house.example", "bob", "presence")).toBe("polite-block");
  expect(handling("sip:bob@house.example", "bob", "dialog")).toBe("polite-block");
  expect(handling("sip:gran@other.example", undefined, "dialog")).toBe("allow");
  expect(handling("sip:carl@house.example", "carl", "dialog")).toBe("allow");
});

test("whoever is known by their account is judged by that, whatever their From looks like", () => {
  rules = { ...OPEN_HOUSE, watchers: [{ who: "sip:bob@house.example", action: "block" }] };
  expect(handling("sip:bob@192.0.2.1:5060;transport=tcp", "bob")).toBe("block");
});

test("a trusted place that comes in the name of somebody here is told nothing", () => {
  rules = { ...OPEN_HOUSE, others: "allow" };
  expect(handling("sip:bob@house.example")).toBe("block");
  expect(handling("tel:+49"), "nor one without an address").toBe("block");
});

test("whoever hides from all is not betrayed by a busy lamp, nor by its being refused", () => {
  isHidden = true;
  expect(handling("sip:bob@house.example", "bob", "dialog")).toBe("polite-block");
  rules = { ...OPEN_HOUSE, watchers: [{ who: "sip:bob@house.example", action: "block" }] };
  expect(handling("sip:bob@house.example", "bob", "dialog")).toBe("block");
});
