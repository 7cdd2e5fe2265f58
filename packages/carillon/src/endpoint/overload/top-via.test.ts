import fc from "fast-check";
import { expect, test } from "vitest";
import { readVia } from "../../message/via.ts";
import { requestText } from "../../testing/request-text.ts";
import { type Flow, responseFlow, viaEdit } from "../../transport/flow.ts";
import { peek } from "./peek.ts";
import { topVia } from "./top-via.ts";

const flow: Flow = {
  ...{ transport: "UDP", connection: 0 },
  ...{ local: { host: "192.0.2.1", port: 5060 }, remote: { host: "192.0.2.9", port: 5062 } },
};

const params = fc.constantFrom(
  ...["", ";rport", ";rport=5", ";rport=5062", ";received=192.0.2.3", ";alias", ";ttl=5", ";RPORT"],
  ...[";maddr=192.0.2.8", ";oc", ';oc-algo="loss"', ";branch=z9hG4bKtwice", "; rport", ";x=[::1]"],
);
const vias = fc
  .tuple(
    fc.constantFrom("SIP/2.0/UDP ", "SIP/2.0/TCP ", "SIP / 2.0 / UDP ", "SIP/2.0/UDP  "),
    fc.constantFrom(
      "192.0.2.9",
      "192.0.2.90",
      "10.0.0.1",
      "phone.example",
      "Phone.Example",
      "[::1]",
    ),
    fc.constantFrom("", ":5060", ":5062", ":05062", ":80", ":70000", ": 5060"),
    params,
    fc.constantFrom(";branch=z9hG4bKa", ";branch=old", ""),
    params,
    fc.constantFrom("", ", SIP/2.0/UDP below;branch=z9hG4bKb", " , SIP/2.0/UDP below"),
  )
  .map((parts) => parts.join(""));

test("RFC 3261 §18.2: in whatever spelling, it is answered as the whole reader has it", () => {
  let read = 0;
  fc.assert(
    fc.property(vias, (via) => {
      const text = requestText("INVITE", { via });
      const peeked = peek(text);
      if (!peeked) throw new Error("not seen");
      const seen = topVia(text, peeked, flow);
      const start = text.indexOf("SIP", peeked.via.start);
      const comma = text.indexOf(",", start);
      const isMore = comma > 0 && comma < peeked.via.end;
      const whole = readVia(
        text,
        start,
        isMore ? text.slice(0, comma).trimEnd().length : peeked.via.end,
      );
      if (!whole.ok) {
        expect(seen).toBeUndefined();
        return;
      }
      const edit = viaEdit(text, whole.value, flow);
      const line = text.slice(peeked.via.start, peeked.via.end);
      const [at, until] = edit ? [edit.start, edit.end].map((one) => one - peeked.via.start) : [];
      expect(seen?.answered).toBe(edit ? line.slice(0, at) + edit.text + line.slice(until) : line);
      expect(seen?.back).toEqual(responseFlow(flow, whole.value));
      expect(seen?.branch).toBe(whole.value.branch);
      expect(seen?.sentBy).toBe(`${whole.value.host}:${whole.value.port ?? ""}`);
      expect(seen?.hasCookie).toBe(whole.value.branch.startsWith("z9hG4bK"));
      if (/;oc/.test(line)) expect(seen?.mayAsk).toBe(true);
      read++;
    }),
    { numRuns: 3000 },
  );
  expect(read).toBeGreaterThan(300);
});
