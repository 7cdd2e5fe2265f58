import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import {
  fileDate,
  fileDisposition,
  fileIcon,
  fileRange,
  fileSelector,
  fileTransferId,
} from "./file-transfer.ts";

const HASH = "72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E";

test("RFC 5547 §6: selectors, in any order", () => {
  const text = `name:"My cool picture.jpg" type:image/jpeg size:32349 hash:sha-1:${HASH}`;
  expect(fileSelector.parse(text)).toEqual(
    ok({
      name: "My cool picture.jpg",
      sizeBytes: 32_349,
      type: "image/jpeg",
      hashes: [{ algorithm: "sha-1", value: HASH }],
    }),
  );
  expect(fileSelector.parse(undefined)).toMatchObject({ value: { name: undefined, hashes: [] } });
  expect(
    fileSelector.format({ name: undefined, sizeBytes: undefined, type: undefined, hashes: [] }),
  ).toBeUndefined();
});

//= RFC 5547 §6
//# If a file name contains double quotes or any other character that the syntax does not allow in
//# the 'name' selector, they MUST be percent-encoded.
test("RFC 5547 §6: quotes and directories are escaped", () => {
  const x = { name: '../a"b%c', sizeBytes: undefined, type: undefined, hashes: [] };
  expect(fileSelector.format(x)).toBe('name:"..%2Fa%22b%25c"');
  expect(fileSelector.parse(fileSelector.format(x))).toEqual(ok(x));
});

test("refused", () => {
  const texts = ['name:""', 'name:"a', 'name:"a"b"', 'name:"%"', 'name:"%0"', "size:-1", "size:x"];
  const more = [
    "hash:sha-1:GG",
    "hash::AA",
    "hash:x",
    "type:a",
    "x:y",
    "",
    " ",
    'name:"a" name:"b"',
  ];
  for (const text of [...texts, ...more, "size:1 size:2", "type:a/b type:c/d", "size:1  size:2"]) {
    expect([text, fileSelector.parse(text).ok]).toEqual([text, false]);
  }
  for (const text of ["", "1", "1-", "0-5", "5-4", "1-2-3", "x-*"]) {
    expect([text, fileRange.parse(text).ok]).toEqual([text, false]);
  }
  for (const text of ["", "x:y", 'creation:"a" creation:"b"', "read:a"]) {
    expect([text, fileDate.parse(text).ok]).toEqual([text, false]);
  }
  expect(fileIcon.parse("http://x").ok).toBe(false);
  expect(fileTransferId.parse("a b").ok).toBe(false);
});

test("parse(format(x)) is x", () => {
  const octets = fc
    .array(fc.nat(255), { minLength: 1, maxLength: 12 })
    .map((c) => String.fromCharCode(...c));
  const any = fc.record({
    name: fc.option(octets, { nil: undefined }),
    sizeBytes: fc.nat(),
    type: fc.option(fc.constantFrom("image/jpeg", 'a/b;c="d"'), { nil: undefined }),
    hashes: fc.array(fc.constant({ algorithm: "sha-1", value: HASH }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(any, (x) => {
      expect(fileSelector.parse(fileSelector.format(x))).toEqual(ok(x));
    }),
  );
  const range = fc
    .tuple(fc.integer({ min: 1, max: 1e6 }), fc.option(fc.nat(1e6), { nil: undefined }))
    .map(([start, more]) => ({ start, stop: more === undefined ? undefined : start + more }));
  fc.assert(
    fc.property(range, (x) => {
      expect(fileRange.parse(fileRange.format(x))).toEqual(ok(x));
    }),
  );
  const date = fc.option(fc.constant("Mon, 15 May 2006 15:01:31 +0300"), { nil: undefined });
  const dates = fc
    .record({ creation: date, modification: date, read: date })
    .filter((x) => Object.values(x).some((each) => each !== undefined));
  fc.assert(
    fc.property(dates, (x) => {
      expect(fileDate.parse(fileDate.format(x))).toEqual(ok(x));
    }),
  );
  for (const type of [fileTransferId, fileDisposition]) {
    expect(type.parse(type.format("attachment"))).toEqual(ok("attachment"));
  }
  expect(fileIcon.parse(fileIcon.format("cid:a@b"))).toEqual(ok("cid:a@b"));
});
