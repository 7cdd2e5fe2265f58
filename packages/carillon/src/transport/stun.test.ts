import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bindingRequest, bindingResponse, isStun, mappedAddress } from "./stun.ts";

const octets = (hex: string) =>
  hex.replace(/\s+/g, "").replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));

const NAME = "b7e7a701bc34d686fa87dfae";

describe("STUN, as much of it as keeps a flow alive", () => {
  test("RFC 5389 §6 a Binding Request is a header and nothing else", () => {
    //= RFC 5389 §6
    //# The magic cookie field MUST contain the fixed value 0x2112A442 in network byte order.
    expect(bindingRequest(NAME)).toBe(octets(`0001 0000 2112a442 ${NAME}`));
  });

  test("RFC 5769 §2.2, §2.3: XOR-MAPPED-ADDRESS of both families is read", () => {
    const request = bindingRequest(NAME);
    const four = octets(`0101 000c 2112a442 ${NAME} 0020 0008 0001 a147 e112a643`);
    expect(mappedAddress(four, request)).toEqual({ host: "192.0.2.1", port: 32_853 });
    const software = "8022 000b 7465737420766563746f7220";
    const six = octets(
      `0101 0028 2112a442 ${NAME} ${software} 0020 0014 0002 a147
       0113a9faa5d3f179bc25f4b5bed2b9d9`,
    );
    expect(mappedAddress(six, request)).toEqual({
      ...{ host: "2001:db8:1234:5678:11:2233:4455:6677", port: 32_853 },
    });
  });

  test("RFC 5389 §15.2 what one end says, the other reads, whatever the address", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const host = fc.oneof(
      fc.tuple(byte, byte, byte, byte).map((parts) => parts.join(".")),
      fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(":")),
    );
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(host, port, fc.stringMatching(/^[0-9a-f]{24}$/), (host, port, name) => {
        const request = bindingRequest(name);
        const response = bindingResponse(request, { host, port }) ?? "";
        expect(mappedAddress(response, request)).toEqual({ host, port });
        expect(
          mappedAddress(
            response,
            bindingRequest("0".repeat(23) + (name.endsWith("1") ? "2" : "1")),
          ),
        ).toBeUndefined();
      }),
    );
  });

  test("short forms of an IPv6 address are the address", () => {
    const request = bindingRequest(NAME);
    const told = (host: string) =>
      mappedAddress(bindingResponse(request, { host, port: 1 }) ?? "", request)?.host;
    expect(told("::1")).toBe("0:0:0:0:0:0:0:1");
    expect(told("fe80::1%eth0")).toBe("fe80:0:0:0:0:0:0:1");
    expect(told("::ffff:192.0.2.1")).toBe("0:0:0:0:0:ffff:c000:201");
    expect(bindingResponse(request, { host: "page.invalid", port: 1 })).toBeUndefined();
  });

  test("nothing else is taken for it, and nothing makes it throw", () => {
    expect(isStun("INVITE sip:a@b SIP/2.0\r\n\r\n")).toBe(false);
    expect(isStun(bindingRequest(NAME).slice(0, 19))).toBe(false);
    const any = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 });
    const request = bindingRequest(NAME);
    fc.assert(
      fc.property(any, fc.boolean(), (bytes, isHeaded) => {
        const rest = String.fromCharCode(...bytes);
        const length = String.fromCharCode(0, rest.length);
        const text = isHeaded ? `\x01\x01${length}${request.slice(4)}${rest}` : rest;
        const read = mappedAddress(text, request);
        if (read) expect(read.port).toBeLessThan(65_536);
        bindingResponse(text, { host: "192.0.2.1", port: 1 });
      }),
    );
  });
});
