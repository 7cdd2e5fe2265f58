import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { Purrs } from "./purr.ts";

const crypto = portableCrypto(seededBytes(seeded(1)));
const key = new Uint8Array(32).fill(7);
const made = (domain = "house.example", purpose = "a house", its = key) =>
  new Purrs({ crypto, key: its, domain }, purpose);
const PUSH = { provider: "fcm", param: "town", prid: "t0ken" };
const CONTACT = "sip:bob@192.0.2.4;pn-provider=fcm;pn-param=town;pn-prid=t0ken";
const at = (purr = "") => `sip:bob@192.0.2.4;pn-purr=${purr}`;

describe("RFC 8599 §6.2.1: a PURR", () => {
  //= RFC 8599 §6.2.1
  //# In addition, the proxy MUST generate a unique (within the context of the proxy) value,
  //# referred to as the PURR (Proxy Unique Registration Reference), that can be used as a key to
  //# retrieve the information.
  //= RFC 8599 §6.2.1
  //# However, as long as there are ongoing dialogs associated with the old value, the proxy MUST
  //# store it so that it can request that push notifications are sent to the UA when it receives a
  //# mid-dialog request addressed towards the UA.
  test("names an account and one of its phones, however many newer ones there are", () => {
    const purrs = made();
    const all = Array.from({ length: 100 }, () => purrs.make("bob", PUSH));
    expect(new Set(all).size).toBe(100);
    for (const one of all) {
      const read = purrs.read(at(one));
      expect(read?.account).toBe("bob");
      expect(read && purrs.isOf(read, CONTACT)).toBe(true);
      expect(read && purrs.isOf(read, CONTACT.replace("t0ken", "other"))).toBe(false);
      expect(read && purrs.isOf(read, "sip:bob@192.0.2.4")).toBe(false);
    }
  });

  //= RFC 8599 §6.2.1
  //# In addition, the PURR value MUST be generated in such a way so that it is unforgeable,
  //# anonymous, and unlinkable to entities other than the proxy.
  test("does not show whose it is, is as long for each, and begins like no other", () => {
    const purrs = made();
    const all = ["bob", "bob", "a-much-longer-name-than-that"].map((one) => purrs.make(one, PUSH));
    expect(new Set(all.map((one) => one?.length)).size).toBe(1);
    expect(new Set(all.map((one) => one?.slice(0, 8))).size).toBe(3);
    expect(purrs.make("x".repeat(300), PUSH)).toBeUndefined();
  });

  test("that was changed, cut or made elsewhere names nobody", () => {
    const purr = made().make("bob", PUSH) ?? "";
    const spoiled = `${purr.slice(0, 20)}${purr[20] === "A" ? "B" : "A"}${purr.slice(21)}`;
    const bad = [spoiled, purr.slice(4), purr.slice(0, 10), "", "%%%", "A".repeat(601), `${purr}A`];
    for (const one of bad) expect(made().read(at(one)), one).toBeUndefined();
    for (const other of [
      made("other.example"),
      made("house.example", "an edge"),
      made("house.example", "a house", new Uint8Array(32).fill(8)),
    ]) {
      expect(other.read(at(purr))).toBeUndefined();
    }
    expect(made().read(`mailto:bob;pn-purr=${purr}`)).toBeUndefined();
  });
});
