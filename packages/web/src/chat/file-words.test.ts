import { expect, test } from "vitest";
import { fileAddress, fileKind, fileLine, lengthWords, sizeWords } from "./file-words.ts";

test("sizes are told in the unit that reads best", () => {
  expect([0, 1, 999, 1000, 12_345, 999_600, 20_000_000, 3.2e9].map(sizeWords)).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1 kB",
    "12 kB",
    "1 MB",
    "20 MB",
    "3.2 GB",
  ]);
  expect([-1, Number.NaN, Number.POSITIVE_INFINITY].map(sizeWords)).toEqual(
    Array(3).fill("size not known"),
  );
});

test("a picture is what a browser only draws; an SVG is a file", () => {
  const kind = (type: string, name = "x") => fileKind({ name, type });
  expect(kind("image/png")).toBe("Picture");
  expect(kind("IMAGE/JPEG; q=1")).toBe("Picture");
  expect(kind("image/svg+xml")).toBe("File");
  expect(kind("text/html")).toBe("File");
  expect(kind("audio/mpeg")).toBe("Sound");
  expect(kind("audio/webm;codecs=opus", "voice-note-12.webm")).toBe("Voice");
  expect(kind("video/mp4")).toBe("Film");
  expect(kind("")).toBe("File");
});

test("a file's address is one of the web, and said to be the house's own only if it is", () => {
  const origin = "https://house.example";
  const of = (url: string) => fileAddress(url, origin);
  expect(of("https://house.example/f/abc/a.png")).toEqual({
    href: "https://house.example/f/abc/a.png",
    isOwn: true,
    shown: "https://house.example/f/abc/a.png",
  });
  expect(of("https://house.example.evil.example/a.png")?.isOwn).toBe(false);
  expect(of("http://house.example/f/a.png")?.isOwn).toBe(false);
  for (const url of ["javascript:alert(1)", "data:text/html,x", "//x", "", "blob:https://a/b"]) {
    expect(of(url)).toBeUndefined();
  }
  expect(of("https://house.example@evil.example/")).toBeUndefined();
});

test("what the house keeps is had where the page is from, by whichever address it was told", () => {
  const kept = `/f/${"0a".repeat(16)}/a.png`;
  const shown = (url: string) => fileAddress(url, "https://house.example")?.shown;
  expect(shown(`http://192.168.1.5:8080${kept}`)).toBe(`https://house.example${kept}`);
  for (const other of ["/f/abc/a.png", `${kept}/x`, `/x${kept}`, `/f/${"0A".repeat(16)}/a.png`]) {
    expect(shown(`http://192.168.1.5:8080${other}`)).toBeUndefined();
  }
});

test("who shows no files reads a line with the link", () => {
  const file = { url: "https://h.example/f/1/a.png", name: "a.png", size: 2e7, type: "image/png" };
  expect(fileLine(file)).toBe("a.png (20 MB): https://h.example/f/1/a.png");
});

test("lengths are told in minutes and seconds", () => {
  expect([0, 7.4, 65, 600].map(lengthWords)).toEqual(["0:00", "0:07", "1:05", "10:00"]);
  expect(lengthWords(Number.POSITIVE_INFINITY)).toBe("–:––");
});
