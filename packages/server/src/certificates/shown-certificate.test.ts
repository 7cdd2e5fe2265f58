import { certificate } from "carillon/testing";
import { expect, test } from "vitest";
import { factsOf, whyNotShown } from "./shown-certificate.ts";

const authority = certificate({ name: "Some Authority", isAuthority: true });
const NAME = "house.example";
const DAY = 86_400_000;
const now = Date.now();
const made = (options: Partial<Parameters<typeof certificate>[0]>) =>
  certificate({ name: "x", issuer: authority, dns: [NAME], ...options });

test("it tells who signed it, for how long, and for whom it speaks", () => {
  const { cert } = made({ dns: [NAME, "pbx.example"], ips: ["192.0.2.7"], validTo: 10 });
  const { issuer, validFrom, validTo, names } = factsOf(cert);
  expect(issuer).toBe("Some Authority");
  expect(Math.round((validTo - validFrom) / DAY)).toBe(11);
  const asked = [NAME, "PBX.example", "192.0.2.7", "192.0.2.8", "other.example", "x"];
  expect(asked.map(names)).toEqual([true, true, true, false, false, false]);
});

test("RFC 5922 §7.1: a URI speaks for a SIP domain, and a CN for nobody", () => {
  const { names } = factsOf(made({ dns: [], uris: [`sip:${NAME}`], name: "cn.example" }).cert);
  expect([NAME, "cn.example"].map(names)).toEqual([true, false]);
});

test("a good one is shown", () => {
  expect(whyNotShown(made({}), { now, names: [NAME] })).toBeUndefined();
});

test.each([
  ["does not match its key", { ...made({}), key: made({}).key }, "the key is not"],
  ["has expired", made({ validFrom: -9, validTo: -1 }), "it expired 2"],
  ["is not valid yet", made({ validFrom: 1 }), "it is not valid before 2"],
  ["lacks what is spoken for now", made({ dns: ["other.example"] }), `speak for ${NAME}`],
  ["is none", { cert: "nothing", key: made({}).key }, "it is not read"],
])("one that %s is not shown, and it is said why", (_, pem, words) => {
  const present = made({}).cert;
  expect(whyNotShown(pem, { now, names: [NAME], present })).toContain(words);
});

test("one without a name that nobody had before is shown", () => {
  const present = made({ dns: ["old.example"] }).cert;
  const next = made({ dns: ["other.example"] });
  expect(whyNotShown(next, { now, names: [NAME], present })).toBeUndefined();
});
