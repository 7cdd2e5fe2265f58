import { describe, expect, test } from "vitest";
import { DomainStage, request } from "../testing/domain-stage.ts";
import { GONE } from "./cookie.ts";
import { type Binding, MemoryLocation } from "./location.ts";
import { canBeDialled } from "./target.ts";

const binding = (contact: string, flow: Partial<Binding["flow"]> = {}): Binding => ({
  contact,
  q: 1000,
  callId: "c",
  cseq: 1,
  expiresAt: Number.MAX_VALUE,
  flow: {
    transport: "TCP",
    local: { host: "192.0.2.1", port: 5060 },
    remote: { host: "203.0.113.4", port: 40_000 },
    connection: GONE,
    ...flow,
  },
});

/** What the server puts out when alice calls bob, who is registered so. */
function calling(...bindings: readonly Binding[]) {
  const location = new MemoryLocation();
  location.replace("bob", bindings);
  const stage = new DomainStage({ location });
  const lines = [`Proxy-Authorization: ${stage.token("alice")}`];
  stage.say("203.0.113.9:5060", request("INVITE", { lines }));
  return stage.wire.outputs.map((output) => {
    if (output.kind === "Open") return `open ${JSON.stringify(output.to)}`;
    if (output.kind !== "Datagram") return output.kind;
    const { local, remote, octets } = output;
    return `${local.host} to ${remote.host}:${remote.port} ${octets.slice(0, octets.indexOf(" "))}`;
  });
}

describe("a binding of an earlier run", () => {
  test("over TCP is connected to where the phone says it listens", () => {
    const remote = { host: "203.0.113.4", port: 5070 };
    const outputs = calling(binding("sip:b@203.0.113.4:5070;transport=tcp"));
    expect(outputs).toContain(`open ${JSON.stringify({ transport: "TCP", remote, name: "" })}`);
  });

  test("is nobody where it cannot be connected to", () => {
    const outputs = calling(
      binding("sip:b@192.168.1.9:5070;transport=tcp"),
      binding("sip:b@203.0.113.4:5070;transport=tcp", { transport: "TLS" }),
    );
    expect(outputs).toEqual(["192.0.2.1 to 203.0.113.9:5060 SIP/2.0"]);
  });

  test("over UDP is called from an address that there is, though it was another one then", () => {
    const local = { host: "198.51.100.99", port: 5060 };
    const flow = { transport: "UDP", local, connection: 0 } as const;
    const outputs = calling(binding("sip:b@203.0.113.4:5070", flow));
    expect(outputs).toContain("192.0.2.1 to 203.0.113.4:5070 INVITE");
  });
});

test.each([
  ["sip:b@203.0.113.4:5070;transport=tcp", true],
  ["sip:b@203.0.113.4;transport=TCP", true],
  ["sip:b@203.0.113.4:5070", false],
  ["sip:b@203.0.113.4:80;transport=tcp", false],
  ["sip:b@10.0.0.1:5070;transport=tcp", false],
  ["sip:b@203.0.113.4:5070;transport=tls", false],
  ["mailto:b@203.0.113.4", false],
])("a phone at %s that registered over TCP can be dialled: %s", (contact, can) => {
  expect(canBeDialled(binding(contact))).toBe(can);
  expect(canBeDialled(binding(contact, { transport: "WS" }))).toBe(false);
});

test("nobody has us connect to ourselves", () => {
  const remote = { host: "192.0.2.1", port: 40_000 };
  const outputs = calling(binding("sip:b@192.0.2.1:5060;transport=tcp", { remote }));
  expect(outputs.filter((one) => one.startsWith("open"))).toEqual([]);
});
