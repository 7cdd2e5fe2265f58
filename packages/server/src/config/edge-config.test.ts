import { expect, test } from "vitest";
import { edge, edgePolicy, isRegistrarOf } from "./edge-config.ts";

const flowFrom = (host: string) => ({
  ...({ transport: "UDP", connection: 0, local: { host: "127.0.0.1", port: 5060 } } as const),
  remote: { host, port: 5060 },
});

test("an edge takes what comes from its registrar's address, and from no other", () => {
  const policy = edgePolicy({ domains: ["Biloxi.example"], registrar: "sip:10.0.0.7:5070" });
  expect(policy.isServed("biloxi.example")).toBe(true);
  expect(policy.isServed("house.example")).toBe(false);
  expect(policy.isHome(flowFrom("10.0.0.7"))).toBe(true);
  expect(policy.isHome(flowFrom("10.0.0.8"))).toBe(false);
  expect(policy.addsPathForAll).toBe(false);
});

test("an edge takes what comes from the addresses that it is told, of either family", () => {
  const config = {
    ...{ domains: ["biloxi.example"], registrar: "sip:registrar.example;transport=tls" },
    from: ["10.0.0.8", "2001:db8::7"],
  };
  const policy = edgePolicy(config);
  expect(policy.isHome(flowFrom("10.0.0.8"))).toBe(true);
  expect(policy.isHome(flowFrom("2001:db8:0:0::7"))).toBe(true);
  expect(policy.isHome(flowFrom("10.0.0.7"))).toBe(false);
  expect(isRegistrarOf(config, "registrar.example")).toBe(true);
  expect(isRegistrarOf(config, "other.example")).toBe(false);
});

test("of several registrars each is home, and none may be a name without addresses", () => {
  const registrar = ["sip:10.0.0.7", "sip:10.0.0.8:5070;transport=tcp"];
  const config = { domains: ["b.example"], registrar };
  const policy = edgePolicy(config);
  expect(policy.registrar).toEqual(registrar);
  expect(["10.0.0.7", "10.0.0.8", "10.0.0.9"].map((host) => policy.isHome(flowFrom(host)))).toEqual(
    [true, true, false],
  );
  expect(isRegistrarOf(config, "10.0.0.8")).toBe(true);
  const named = { ...config, registrar: [...registrar, "sip:registrar.example"] };
  expect(edge.safeParse(config).success).toBe(true);
  expect(edge.safeParse(named).success).toBe(false);
});

test("a registrar behind IPv6 is known by its address, too", () => {
  const policy = edgePolicy({ domains: ["b.example"], registrar: "sip:[2001:db8::7]:5070" });
  expect(policy.isHome(flowFrom("2001:db8::7"))).toBe(true);
});

test.each([
  [{ domains: [], registrar: "sip:10.0.0.7" }, "domains"],
  [{ domains: ["b.example"], registrar: "10.0.0.7" }, "a sip URI"],
  [{ domains: ["b.example"], registrar: "sip:registrar.example" }, "from is needed"],
  [{ domains: ["b.example"], registrar: "sip:10.0.0.7", from: ["10.0.0.0/8"] }, "an IP address"],
  [{ domains: ["b.example"], registrar: "sip:10.0.0.7", fellows: [] }, "fellows"],
])("what is wrong in it is said: %j", (config, words) => {
  const read = edge.safeParse(config);
  expect(read.success).toBe(false);
  expect(JSON.stringify(read.error?.issues)).toContain(words);
});

test("edges that stand in for each other have a name, compared in lower case", () => {
  const config = { domains: ["b.example"], registrar: "sip:10.0.0.7", name: "Edges.example" };
  expect(edge.safeParse(config).success).toBe(true);
  expect(edgePolicy(config).name).toBe("edges.example");
  expect(edge.safeParse({ ...config, name: "sip:edges.example" }).success).toBe(false);
});
