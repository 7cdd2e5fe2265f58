import { expect, test } from "vitest";
import { type Welcome, welcome } from "./welcome.ts";

const first: Welcome = {
  address: "http://localhost:8080",
  lanAddress: undefined,
  domain: "house.example",
  sipPort: 5060,
  tlsPort: undefined,
  secureAddress: undefined,
  isVouchedFor: true,
  invite: { code: "abc123", uses: 20 },
  validSeconds: 86_400,
  firstPerson: true,
  colour: false,
};

const withoutQr = (text: string): string =>
  text.replace(/^[ ▀▄█]+$/gm, "").replace(/\n{2,}/g, "\n\n");

test("the first start says where to go, how to call and how long the link works", async () => {
  expect(withoutQr(await welcome(first))).toMatchInlineSnapshot(`
    "
    Carillon is running for house.example.

      Open     http://localhost:8080/join/abc123
      Phones   sip:NAME@house.example, port 5060 over UDP or TCP

    1. Open the link and choose your name. Who joins first owns this house.
    2. Open the same link in a second tab and choose another name.
    3. Call one from the other.

    The link invites 20 people and works for 24 hours (86400 seconds).
    Stop with Ctrl+C.

    "
  `);
});

test("a later start gives the address and a fresh invite", async () => {
  const text = withoutQr(await welcome({ ...first, firstPerson: false }));
  expect(text).toMatchInlineSnapshot(`
    "
    Carillon is running for house.example.

      Open     http://localhost:8080/join/abc123
      Address  http://localhost:8080/   (for who has joined already)
      Phones   sip:NAME@house.example, port 5060 over UDP or TCP

    Open the link to join with a new name, or give it to a friend.

    The link invites 20 people and works for 24 hours (86400 seconds).
    Stop with Ctrl+C.

    "
  `);
});

test("the link is on a line of its own that a script can find", async () => {
  expect(await welcome(first)).toMatch(/^ {2}Open {5}http:\/\/localhost:8080\/join\/abc123$/m);
});

test("a QR code is drawn, black on white where there are colours", async () => {
  expect(await welcome(first)).toMatch(/█▀▀▀▀▀█/);
  expect(await welcome(first)).not.toContain("\u001b");
  expect(await welcome({ ...first, colour: true })).toContain("\u001b[30;107m");
});

test("where other devices can come in, they are told what their browser withholds", async () => {
  const text = await welcome({ ...first, lanAddress: "http://192.168.1.5:8080" });
  expect(text).toContain("  Network  http://192.168.1.5:8080/join/abc123\n");
  expect(text).toContain("https pages only");
});

test("TLS is spoken of where there is some", async () => {
  expect(await welcome(first)).not.toContain("TLS");
  const lines = await welcome({ ...first, tlsPort: 5061 });
  expect(lines).toContain("port 5060 over UDP or TCP, 5061 over TLS\n");
});

test("with a certificate every device is shown the address from which it can call", async () => {
  const secureAddress = "https://house.example:8443";
  const lanAddress = "http://192.168.1.5:8080";
  const text = await welcome({ ...first, lanAddress, secureAddress });
  expect(text).toContain("  Secure   https://house.example:8443/join/abc123\n");
  expect(text).not.toContain("https pages only");
});

test("a certificate that browsers do not believe is spoken of before they warn", async () => {
  const own = { secureAddress: "https://192.168.1.5:8443", isVouchedFor: false };
  const text = await welcome({ ...first, ...own });
  expect(text).toContain("  Secure   https://192.168.1.5:8443/join/abc123\n");
  expect(text).toContain("made its certificate itself");
  expect(await welcome({ ...first, ...own, isVouchedFor: true })).not.toContain("itself");
});
