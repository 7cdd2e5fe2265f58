import { expect, test } from "vitest";
import { parseRoute, seatPath } from "./route.ts";

test("the root is the home page", () => {
  expect(parseRoute("/")).toEqual({ page: "Home" });
});

test("an invitation carries its code", () => {
  expect(parseRoute("/join/AB-12")).toEqual({ page: "Join", code: "AB-12" });
  expect(parseRoute("/join/AB-12/")).toEqual({ page: "Join", code: "AB-12" });
});

test("a seat is found with and without its last slash and always names the path with it", () => {
  const anna = { page: "Seat", name: "anna-muller", path: "/@anna-muller/" };
  expect(parseRoute("/@anna-muller/")).toEqual(anna);
  expect(parseRoute("/@anna-muller")).toEqual(anna);
});

test("what is no page of ours is nowhere", () => {
  for (const path of ["/join", "/join/", "/join/a/b", "/@", "/anna", "/@anna/x"]) {
    expect(parseRoute(path), path).toEqual({ page: "Nowhere" });
  }
});

test("a broken percent sign does not throw", () => {
  expect(parseRoute("/join/%E0%A4%A")).toEqual({ page: "Join", code: "%E0%A4%A" });
});

test("a name with odd characters survives the way to its path and back", () => {
  expect(parseRoute(seatPath("a b/c"))).toMatchObject({ page: "Seat", name: "a b/c" });
});
