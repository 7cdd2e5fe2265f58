import { expect, test } from "vitest";
import { header } from "./headers.ts";
import { SentRequest } from "./sent-request.ts";

const text = "OPTIONS sip:h SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 2\r\n\r\nab";

test("a request that is sent is read when somebody looks into it", () => {
  const request = new SentRequest("OPTIONS", "sip:h", text);
  expect([request.kind, request.method, request.uri]).toEqual(["Request", "OPTIONS", "sip:h"]);
  expect(header(request, "Call-ID")).toBe("1");
  expect(request.body).toBe("ab");
  expect(request.headers).toBe(request.headers);
});

test("what is no request, or was forgotten, is the caller's fault when it is read", () => {
  const request = new SentRequest("OPTIONS", "sip:h", text);
  expect(request.body).toBe("ab");
  request.forget();
  expect(request.text).toBe("");
  for (const one of [request, new SentRequest("X", "y", "SIP/2.0 200 OK\r\n\r\n")]) {
    expect(() => one.body).toThrow(new RangeError("not a request"));
  }
});
