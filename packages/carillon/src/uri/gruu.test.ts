import { expect, test } from "vitest";
import { gruuOf, isBulkNumberContact } from "./gruu.ts";
import { pushParams } from "./push-params.ts";
import { parseSipUri, type SipUri } from "./sip-uri.ts";

const uri = (text: string): SipUri => {
  const result = parseSipUri(text);
  if (!result.ok) throw new Error(`${text}: ${result.error.message}`);
  return result.value;
};

test("RFC 5627 §3.1: a GRUU is public and names its instance, or temporary and names none", () => {
  expect(gruuOf(uri("sip:a@h;gr=urn:uuid:f81d4fae-7dec"))).toEqual({
    kind: "public",
    instance: "urn:uuid:f81d4fae-7dec",
  });
  expect(gruuOf(uri("sip:tgruu.7hs@h;GR"))).toEqual({ kind: "temporary" });
  expect(gruuOf(uri("sip:a@h;grx=1"))).toBeUndefined();
});

test("RFC 6140 §5.2: a Contact with bnc stands for a block of numbers", () => {
  expect(isBulkNumberContact(uri("sip:198.51.100.3;bnc"))).toBe(true);
  expect(isBulkNumberContact(uri("sip:198.51.100.3"))).toBe(false);
});

test("RFC 8599 §8.7: where a phone that sleeps is woken", () => {
  expect(pushParams(uri("sip:h;pn-provider=webpush;pn-param=a%3Ab;pn-prid=ZTY4%3D"))).toEqual({
    provider: "webpush",
    param: "a:b",
    prid: "ZTY4=",
    purr: undefined,
  });
  expect(pushParams(uri("sip:h;pn-provider"))).toMatchObject({ provider: "", param: undefined });
  expect(pushParams(uri("sip:h;pn-prid=1"))).toBeUndefined();
});
