import { describe, expect, test } from "vitest";
import { portableCrypto } from "../auth/portable-crypto.ts";
import { HOSTILE_STRINGS } from "../testing/hostile-strings.ts";
import { seeded, seededBytes } from "../testing/random.ts";
import { parseSipUri, sameSipUri } from "../uri/sip-uri.ts";
import { Gruus } from "./gruu.ts";

const crypto = portableCrypto(seededBytes(seeded(3)));
const key = new Uint8Array(32).fill(1);
const gruus = new Gruus({ crypto, key, domain: "house.example" });
const INSTANCE = "<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>";

const uriOf = (text: string | undefined) => {
  const uri = parseSipUri(text ?? "");
  if (!uri.ok) throw new Error(`${text}: ${uri.error.message}`);
  return uri.value;
};
const tempOf = (account: string, epoch: string) => gruus.temp(account, epoch, false) ?? "";

describe("RFC 5627 A.1: a public GRUU", () => {
  test("§5.1 is the address with the instance in gr, the same each time", () => {
    //= RFC 5627 §5.1
    //# The public GRUU MUST be constructed by adding the "gr" URI parameter, with a value, to the
    //# AOR.
    const gruu = gruus.pub("anna", INSTANCE, false);
    expect(gruu).toBe("sip:anna@house.example;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    expect(gruus.pub("anna", INSTANCE, false)).toBe(gruu);
    expect(sameSipUri(uriOf(gruu), uriOf("sip:anna@house.example"))).toBe(true);
    expect(gruus.read(uriOf(gruu))).toEqual({ kind: "public", instance: INSTANCE });
  });

  test("§5.4 is another one for another device or account", () => {
    //= RFC 5627 §5.4
    //# However, if two GRUUs are associated with different AORs or different instance IDs or both,
    //# the GRUUs MUST be different based on URI equality comparison.
    const all = ["anna", "ben"].flatMap((account) =>
      ["<urn:uuid:1>", "<urn:uuid:2>"].map((one) => uriOf(gruus.pub(account, one, false))),
    );
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) expect(sameSipUri(one, other)).toBe(false);
    }
  });

  test("RFC 5630 §5.2.1 is a sips URI for a sips contact", () => {
    expect(gruus.pub("anna", INSTANCE, true)).toMatch(/^sips:anna@house\.example;gr=/);
  });

  test.each([
    ["names with characters that a URI has not", "anna müller", "<urn:uuid:1>"],
    ["instances with them", "anna", "<urn:x:a;b=c@d e>"],
  ])("RFC 3261 §19.1.2 has them escaped: %s", (_, account, instance) => {
    const gruu = uriOf(gruus.pub(account, instance, false));
    expect(gruus.read(gruu)).toEqual({ kind: "public", instance });
  });

  test.each(["", "<>", "urn:uuid:1", "<uuid:1>", "<urn:>", `<urn:uuid:${"1".repeat(130)}>`])(
    "RFC 5626 §4.1 is not made of what is no URN in brackets: %s",
    (instance) => {
      expect(gruus.pub("anna", instance, false)).toBeUndefined();
    },
  );
});

describe("RFC 5627 A.2: a temporary GRUU", () => {
  const epoch = gruus.newEpoch();

  test("§5.4 says the account and the epoch to who made it, and to nobody else", () => {
    //= RFC 5627 §5.4
    //# A registrar MUST be able to determine the instance ID and AOR when presented with a GRUU.
    const gruu = uriOf(tempOf("anna", epoch));
    const read = { kind: "temporary", account: "anna", epoch };
    expect(gruus.read(gruu)).toEqual(read);
    expect(gruus.accountOf(gruu.user ?? "")).toBe("anna");
    const stranger = new Gruus({ crypto, key: new Uint8Array(32), domain: "house.example" });
    expect(stranger.read(gruu)).toEqual({ kind: "none" });
    const neighbour = new Gruus({ crypto, key, domain: "other.example" });
    expect(neighbour.read(gruu)).toEqual({ kind: "none" });
    // The other node of a cluster, or the same after a restart.
    const later = new Gruus({
      ...{ crypto: portableCrypto(seededBytes(seeded(9))), key, domain: "house.example" },
    });
    expect(later.read(gruu)).toEqual(read);
  });

  //= RFC 5627 §5.1
  //# The temporary GRUU construction algorithm MUST have the following two properties:
  test("§5.1 is never the same twice", () => {
    //= RFC 5627 §5.1
    //# The likelihood that the temporary GRUU is equal to another GRUU that the registrar has
    //# created MUST be vanishingly small.
    const all = Array.from({ length: 500 }, () => tempOf("anna", epoch));
    expect(new Set(all).size).toBe(all.length);
  });

  test("§5.1 does not show whether two are of one account: not by an octet", () => {
    //= RFC 5627 §5.1
    //# Given a pair of GRUUs, it MUST be computationally infeasible to determine whether they were
    //# issued for the same AOR or instance ID or for different AORs and instance IDs.
    const names = ["a", "anna", "anna-katharina", "x".repeat(64)];
    expect(new Set(names.map((name) => tempOf(name, epoch).length)).size).toBe(1);
    // Of two of one account, as few characters are the same as of two of different accounts.
    const alike = (one: string, other: string) =>
      [...one.slice(10, 120)].filter((letter, i) => letter === other[i + 10]).length;
    const pairs = Array.from({ length: 200 }, (_, i) => {
      const [one, same] = [tempOf("anna", epoch), tempOf("anna", epoch)];
      return [alike(one, same), alike(one, tempOf(`other${i}`, gruus.newEpoch()))] as const;
    });
    const mean = (nth: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[nth], 0) / pairs.length;
    // 110 characters of 64 kinds: 1.7 by chance.
    expect(mean(0)).toBeLessThan(3);
    expect(mean(1)).toBeLessThan(3);
    expect(tempOf("anna", epoch)).not.toContain("anna");
  });

  //= RFC 5627 §5.4
  //# A GRUU in a domain MUST NOT be equivalent, based on URI comparison, to any AOR in a domain
  //# except for the one associated with the GRUU.
  test("§10.2 without its gr it is nobody's address, and no AOR", () => {
    const [bare = ""] = tempOf("anna", epoch).split(";");
    //= RFC 5627 §10.2
    //# If the GRUU had been temporary, removal of the "gr" URI parameter produces a URI that is not
    //# recognized as a GRUU and is not equal to any AOR.
    expect(gruus.read(uriOf(bare))).toEqual({ kind: "none" });
  });

  test("is void when a single character of it is another", () => {
    const gruu = tempOf("anna", epoch);
    const start = "sip:tgruu.".length;
    for (let at = start; at < gruu.indexOf("@"); at++) {
      const other = gruu[at] === "A" ? "B" : "A";
      const read = gruus.read(uriOf(gruu.slice(0, at) + other + gruu.slice(at + 1)));
      expect(read, `at ${at}`).toEqual({ kind: "none" });
    }
  });

  test("is read again where its user part was escaped on the way", () => {
    const gruu = tempOf("anna", epoch).replace("tgruu.", "%74gruu%2E");
    expect(gruus.read(uriOf(gruu))).toMatchObject({ account: "anna" });
  });

  test("is made for the longest of names, and for none that is longer", () => {
    const long = "ä".repeat(127);
    expect(gruus.read(uriOf(tempOf(long, epoch)))).toMatchObject({ account: long });
    expect(gruus.temp("ä".repeat(128), epoch, false)).toBeUndefined();
    expect(gruus.temp("anna", "no epoch", false)).toBeUndefined();
  });
});

describe("RFC 5627 §6.1: what nobody here made", () => {
  test.each([
    ["sip:tgruu.@house.example;gr"],
    ["sip:tgruu.AAAA@house.example;gr"],
    [`sip:tgruu.${"A".repeat(700)}@house.example;gr`],
    ["sip:anna@house.example;gr"],
    ["sip:anna@house.example;gr="],
    ["sip:anna@house.example;gr=nonsense"],
    ["sip:house.example;gr=urn:uuid:1"],
  ])("is known for that: %s", (text) => {
    expect(gruus.read(uriOf(text))).toEqual({ kind: "none" });
  });

  test("and an address without gr is none", () => {
    expect(gruus.read(uriOf("sip:anna@house.example;grid=5"))).toBeUndefined();
    expect(gruus.accountOf("anna")).toBeUndefined();
  });

  test("nothing that a peer writes makes it throw", () => {
    for (const { octets: text } of HOSTILE_STRINGS) {
      const uri = parseSipUri(`sip:tgruu.${text}@house.example;gr`);
      expect(uri.ok ? gruus.read(uri.value)?.kind : "none").toBe("none");
      expect(gruus.accountOf(`tgruu.${text}`)).toBeUndefined();
    }
  });
});
