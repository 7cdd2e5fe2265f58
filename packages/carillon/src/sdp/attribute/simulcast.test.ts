import fc from "fast-check";
import { expect, test } from "vitest";
import { ok } from "../../grammar/result.ts";
import { simulcast } from "./simulcast.ts";

const id = (rid: string, paused = false) => ({ rid, paused });

test("RFC 8853 §5.1: streams, alternatives, pauses, both ways", () => {
  expect(simulcast.parse("send 1,2;3 recv ~4")).toEqual(
    ok({ send: [[id("1"), id("2")], [id("3")]], recv: [[id("4", true)]] }),
  );
  expect(simulcast.parse("recv a;b")).toEqual(ok({ send: [], recv: [[id("a")], [id("b")]] }));
});

//= RFC 8853 §5.2
//# a single rid-id MUST NOT occur more than once per "a=simulcast" line
//= RFC 8853 §5.2
//# each direction MUST NOT occur more than once on the same line
test("RFC 8853 §5.2: nothing twice", () => {
  const texts = ["send 1;1", "send 1 recv 1", "send 1 send 2", "send 1,~1"];
  const many = `send ${Array.from({ length: 200 }, (_, i) => i).join(";")}`;
  for (const text of [...texts, "", "send", "send ;", "x 1", "send 1 recv", "send a/b", many]) {
    expect([text, simulcast.parse(text).ok]).toEqual([text, false]);
  }
});

test("parse(format(x)) is x", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-z0-9_-]{1,4}$/), {
    minLength: 2,
    maxLength: 9,
  });
  const any = fc.tuple(ids, fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }), fc.nat(9));
  fc.assert(
    fc.property(any, ([rids, flags, cut]) => {
      const all = rids.map((rid, i) => [id(rid, flags[i])]);
      const at = cut % all.length;
      const x = { send: all.slice(0, at), recv: all.slice(at) };
      expect(simulcast.parse(simulcast.format(x))).toEqual(ok(x));
    }),
  );
});
