import { expect, describe as group, test } from "vitest";
import { messageLabel } from "../message/message-label.ts";
import { house } from "./house.ts";
import { ladder } from "./ladder.ts";
import type { Sight } from "./network.ts";
import { requestText } from "./request-text.ts";

const response = (status: number, phrase: string, method = "INVITE") =>
  requestText(method).replace(/^.*\r\n/, `SIP/2.0 ${status} ${phrase}\r\n`);

const sight = (octets: string, from = "a", to = "b", lost = false): Sight => ({
  at: 1000,
  from,
  to,
  octets,
  lost,
});

group("a ladder", () => {
  test("has a line a message, with its time and an arrow to whoever it goes to", () => {
    const sights = [
      sight(requestText("INVITE")),
      { ...sight(response(200, "OK"), "b", "a"), at: 2500 },
      sight(requestText("ACK"), "a", "c"),
      sight(requestText("BYE"), "c", "b", true),
    ];
    expect(ladder(sights, ["a", "b", "c"], { width: 24 })).toBe(
      [
        "        a                       b                       c",
        "  0.000 |------- INVITE ------->|",
        "  1.500 |<-- 200 OK (INVITE) ---|",
        "  0.000 |--------------------- ACK -------------------->|",
        "  0.000                         |x-------- BYE ---------|",
      ].join("\n"),
    );
  });

  test("shortens what does not fit without cutting through a word", () => {
    const drawn = (octets: string, width: number) =>
      /[<>]?[- ]*([0-9A-Z].*?) [- ]*[<>]?\|/.exec(
        ladder([sight(octets)], ["a", "b"], { width })
          .split("\n")[1]
          ?.slice(9) ?? "",
      )?.[1];
    const auth = response(407, "Proxy Authentication Required");
    expect(drawn(auth, 50)).toBe("407 Proxy Authentication Required (INVITE)");
    expect(drawn(auth, 42)).toBe("407 Proxy Auth. Required (INVITE)");
    expect(drawn(auth, 30)).toBe("407 Proxy Auth. (INVITE)");
    expect(drawn(auth, 26)).toBe("407 Proxy (INVITE)");
    expect(drawn(auth, 14)).toBe("407 Proxy");
    expect(drawn(auth, 9)).toBe("407");
    expect(drawn(response(401, "Unauthorized", "REGISTER"), 30)).toBe("401 Unauthorized");
  });

  test("is as wide as its towers, whatever is between them", () => {
    for (let width = 6; width < 60; width++) {
      const lines = ladder([sight(response(480, "Temporarily Unavailable"))], ["a", "b"], {
        width,
      });
      expect(lines.split("\n")[1]).toHaveLength(8 + width + 1);
    }
  });

  test("leaves out who is no tower, and says what is no message", () => {
    expect(ladder([sight(requestText("INVITE"), "a", "x")], ["a", "b"]).split("\n")).toHaveLength(
      1,
    );
    expect(messageLabel("\r\n\r\n")).toBe("(keep-alive)");
    expect(messageLabel("\xff\xfe")).toBe("(not SIP)");
  });
});

test("a call explained reads as a story", async () => {
  const { signedIn, talk, ladder, network } = house({ seed: 7 });
  const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
  ladder();
  const { from } = await talk(alice, bob);
  await network.run(500);
  from.hangUp();
  await network.run(100);
  const words = ladder({ explained: true })
    .split("\n")
    .slice(1)
    .map((line) => line.slice(8 + 61).trim());
  expect(words).toEqual([
    "alice: I want to call",
    "alice, who are you? Prove it",
    "alice: I have got your answer",
    "alice: I want to call, and here is my proof",
    "bob, somebody calls you",
    "bob: it rings here",
    "bob: I answer",
    "alice, it rings there",
    "alice, they answer",
    "alice: I have got your answer",
    "bob, they know",
    "alice: I hang up",
    "bob, they hang up",
    "bob: fine",
    "alice, they know",
  ]);
});
