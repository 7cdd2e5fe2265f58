import { expect, test } from "vitest";
import { reasonPhrase } from "./reason-phrase.ts";

test("RFC 3261 §21: every status has a phrase, that of its class if it is not known", () => {
  expect([100, 180, 200, 404, 487, 503, 603].map(reasonPhrase)).toEqual([
    "Trying",
    "Ringing",
    "OK",
    "Not Found",
    "Request Terminated",
    "Service Unavailable",
    "Decline",
  ]);
  expect([110, 299, 399, 499, 599, 699, 700, 0, -1].map(reasonPhrase)).toEqual([
    "Progress",
    "OK",
    "Moved",
    "Client Error",
    "Server Error",
    "Global Failure",
    "Unknown",
    "",
    "Unknown",
  ]);
});
