import { expect, test } from "vitest";
import { toldMessage } from "./told-message.ts";

const message = (type: string, body: string, more = ""): string =>
  `MESSAGE sip:b SIP/2.0\r\n${more}Content-Type: ${type}\r\n` +
  `Content-Length: ${body.length}\r\n\r\n${body}`;

test("what people say is hidden, and stays as long as it was", () => {
  const told = toldMessage(message("text/plain", "meet me\r\nat nine"));
  expect(told).toContain("\r\nContent-Length: 16\r\n\r\nxxxxxxx\r\nxxxxxxx");
});

test("of a description its keys are hidden, and nothing else", () => {
  const sdp =
    "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\na=ice-ufrag:abcd\r\n" +
    "a=ice-pwd:verysecretpassword\r\na=rtpmap:0 PCMU/8000\r\n";
  const body = toldMessage(message("application/sdp", sdp)).split("\r\n\r\n")[1];
  expect(body).toBe(
    "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 xxxxxxxxxxxxxxx\r\na=ice-ufrag:abcd\r\n" +
      "a=ice-pwd:xxxxxxxxxxxxxxxxxx\r\na=rtpmap:0 PCMU/8000\r\n",
  );
});

test("a description inside of other things is hidden with them", () => {
  const told = toldMessage(message("multipart/mixed;boundary=application/sdp", "a=ice-pwd:secret"));
  expect(told).not.toContain("secret");
});

test("what signs somebody in is left out, and a message without a body is whole", () => {
  const told = toldMessage(
    'REGISTER sip:b SIP/2.0\r\nAuthorization: Digest username="kim", response="0123"\r\n\r\n',
  );
  expect(told).toBe(
    'REGISTER sip:b SIP/2.0\r\nAuthorization: Digest username="kim" (left out)\r\n\r\n',
  );
});
