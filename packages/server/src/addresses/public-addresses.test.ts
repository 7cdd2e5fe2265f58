import type { Flow } from "carillon/endpoint";
import { describe, expect, it, vi } from "vitest";
import { createLog } from "../http/log.ts";
import { type AddressesConfig, publicAddresses } from "./public-addresses.ts";
import { readStunServer, type Seen } from "./stun-question.ts";

const log = createLog({ level: "silent", now: () => 0 });

const flow = (local: string, remote: string): Flow => ({
  transport: "UDP",
  local: { host: local, port: 5060 },
  remote: { host: remote, port: 40_000 },
  connection: 0,
});

const known = (config: AddressesConfig, seen?: Seen) =>
  publicAddresses({ config, log, ...(seen && { ask: async () => seen }) });

describe("where others reach this machine", () => {
  it("who is outside is told the address that the operator names, and our port", () => {
    const { advertise } = known({ public: ["203.0.113.7"] });
    expect(advertise(flow("10.0.0.2", "198.51.100.9"))).toEqual({
      ...{ host: "203.0.113.7", port: 5060 },
    });
  });

  it("who is inside is told our own, and so is whoever comes by the other family", () => {
    const { advertise } = known({ public: ["203.0.113.7"] });
    for (const remote of ["10.0.0.9", "192.168.1.4", "127.0.0.1", "100.64.3.2"])
      expect(advertise(flow("10.0.0.2", remote))).toBeUndefined();
    expect(advertise(flow("2001:db8::2", "2001:db8:1::9"))).toBeUndefined();
  });

  it("inside is what the operator says it is", () => {
    const { advertise } = known({ public: ["203.0.113.7"], inside: ["10.0.0.0/24"] });
    expect(advertise(flow("10.0.0.2", "10.0.0.9"))).toBeUndefined();
    expect(advertise(flow("10.0.0.2", "10.0.1.9"))?.host).toBe("203.0.113.7");
  });

  it("what a STUN server sees is used once it is there, and is ours in what comes", async () => {
    const address = { host: "203.0.113.8", port: 1 };
    const seen = { ok: true, mapped: address, local: address } as const;
    const one = known({ stun: "stun.example" }, seen);
    await vi.waitFor(() => expect(one.of(4)).toBe("203.0.113.8"));
    expect(one.isOwn("203.0.113.8")).toBe(true);
    expect(one.advertise(flow("10.0.0.2", "198.51.100.9"))?.host).toBe("203.0.113.8");
    one.close();
  });

  it("a STUN server that is silent, or sees our own address, changes nothing", async () => {
    const own = { host: "127.0.0.1", port: 1 };
    const answers: Seen[] = [
      { ok: false, why: "it does not answer" },
      { ok: true, mapped: own, local: own },
    ];
    for (const seen of answers) {
      const ask = vi.fn(async () => seen);
      const one = publicAddresses({ config: { stun: "stun.example" }, log, ask });
      await vi.waitFor(() => expect(ask).toHaveReturned());
      await Promise.resolve();
      expect(one.of(4)).toBeUndefined();
      one.close();
    }
  });
});

describe("a STUN server as it is written", () => {
  it.each([
    ["stun.example", { host: "stun.example", port: 3478 }],
    ["192.0.2.1:3479", { host: "192.0.2.1", port: 3479 }],
    ["[2001:db8::1]:19302", { host: "2001:db8::1", port: 19_302 }],
    ["2001:db8::1", { host: "2001:db8::1", port: 3478 }],
  ])("%s", (text, server) => expect(readStunServer(text)).toEqual(server));

  it.each(["", "a b", "stun:example", "x:0", "x:70000", "[nonsense]:1"])("not %s", (text) =>
    expect(readStunServer(text)).toBeUndefined(),
  );
});
