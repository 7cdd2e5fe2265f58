import { expect, test } from "vitest";
import { bindFailure, type Wanted } from "./bind-failure.ts";

const sip: Wanted = {
  protocol: "UDP",
  host: "127.0.0.1",
  port: 5060,
  flag: "--sip-port",
  step: 10,
};
const wordsFor = (code: string, wanted: Wanted): string | undefined =>
  bindFailure(Object.assign(new Error("bind"), { code }), wanted)?.message;

test("a port in use says which, and how to take another", () => {
  expect(wordsFor("EADDRINUSE", sip)).toBe(
    "Port 5060 (UDP) is already used by another program. " +
      "Stop it, or choose another: npm start -- --sip-port 5070",
  );
  const last: Wanted = { ...sip, protocol: "TCP", port: 65_535, flag: "--port", step: 1 };
  expect(wordsFor("EADDRINUSE", last)).toContain("--port 65534");
});

test("a port of the administrator's and an address that is not ours are said as such", () => {
  expect(wordsFor("EACCES", { ...sip, port: 80, flag: "--port" })).toContain("--port 8080");
  expect(wordsFor("EADDRNOTAVAIL", { ...sip, host: "192.0.2.1" })).toContain(
    "192.0.2.1 is not an address of this machine",
  );
});

test("anything else is not about the address", () => {
  expect(wordsFor("EMFILE", sip)).toBe(undefined);
});
