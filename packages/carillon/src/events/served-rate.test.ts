import { describe, expect, test } from "vitest";
import { header } from "../message/headers.ts";
import { parseMessage, type Request } from "../message/message.ts";
import { type EventsStage, stage } from "../testing/events-stage.ts";
import { presence } from "./packages.ts";
import { subscribe } from "./subscribe.ts";

/** Event of each SUBSCRIBE, and of each answer to a NOTIFY, on the wire so far. */
function eventsOf({ network }: EventsStage): {
  asked: (string | undefined)[];
  answered: unknown[];
} {
  const messages = network.sights.flatMap(({ octets }) => {
    const message = parseMessage(octets);
    return message.ok ? [message.value] : [];
  });
  const isSubscribe = (one: Request) => one.method === "SUBSCRIBE";
  const requests = messages.filter((one): one is Request => one.kind === "Request");
  return {
    asked: requests.filter(isSubscribe).map((one) => header(one, "Event")),
    answered: messages
      .filter((one) => one.kind === "Response" && header(one, "CSeq")?.endsWith("NOTIFY"))
      .map((one) => header(one, "Event")),
  };
}

describe("RFC 6446: a subscriber that says how often", () => {
  test.each([
    ["max-rate", "§5.1"],
    ["min-rate", "§6.1"],
    ["adaptive-min-rate", "§7.1"],
  ])("says %s (%s) in each SUBSCRIBE, anew or not any more, and in no answer", async (name) => {
    const all = stage();
    const { network, signedIn } = all;
    const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
    let rate: string | undefined = "0.05";
    const eventParams = () => new Map(rate === undefined ? [] : [[name, rate] as const]);
    const watched = subscribe(alice, presence, bob.aor, { eventParams });
    await network.until(watched.established);
    //= RFC 6446 §5.1
    //# A subscriber that wishes to apply a maximum rate to notifications in a subscription MUST
    //# construct a SUBSCRIBE request that includes the "max-rate" Event header field parameter.
    //= RFC 6446 §6.1
    //# A subscriber that wishes to apply a minimum rate to notifications in a subscription MUST
    //# construct a SUBSCRIBE request that includes the "min-rate" Event header field parameter.
    //= RFC 6446 §7.1
    //# A subscriber that wishes to apply an adaptive minimum rate to notifications in a
    //# subscription MUST construct a SUBSCRIBE request that includes the "adaptive-min-rate" Event
    //# header field parameter.
    expect(new Set(eventsOf(all).asked)).toEqual(new Set([`presence;${name}=0.05`]));
    rate = "0.1";
    watched.refresh();
    await network.run(1000);
    //= RFC 6446 §5.1
    //# A subscriber that wishes to update the previously agreed maximum rate of notifications MUST
    //# include the updated "max-rate" Event header field parameter in a subsequent SUBSCRIBE
    //# request or a 2xx response to the NOTIFY request.
    //= RFC 6446 §6.1
    //# A subscriber that wishes to update the previously agreed minimum rate of notifications MUST
    //# include the updated "min-rate" Event header field parameter in a subsequent SUBSCRIBE
    //# request or a 2xx response to the NOTIFY request.
    //= RFC 6446 §7.1
    //# A subscriber that wishes to update the previously agreed adaptive minimum rate of
    //# notifications MUST include the updated "adaptive-min-rate" Event header field parameter in a
    //# subsequent SUBSCRIBE request or a 2xx response to the NOTIFY request.
    expect(eventsOf(all).asked.at(-1)).toBe(`presence;${name}=0.1`);
    rate = undefined;
    watched.refresh();
    await network.run(1000);
    //= RFC 6446 §5.1
    //# A subscriber that wishes to remove the maximum rate control from notifications MUST indicate
    //# so by not including a "max-rate" Event header field parameter in a subsequent SUBSCRIBE
    //# request or a 2xx response to the NOTIFY request.
    //= RFC 6446 §6.1
    //# A subscriber that wishes to remove the minimum rate control from notifications MUST indicate
    //# so by not including a "min-rate" Event header field parameter in a subsequent SUBSCRIBE
    //# request or a 2xx response to the NOTIFY request.
    //= RFC 6446 §7.1
    //# A subscriber that wishes to remove the adaptive minimum rate control from notifications MUST
    //# indicate so by not including an "adaptive-min-rate" Event header field parameter in a
    //# subsequent SUBSCRIBE request or a 2xx response to the NOTIFY request.
    expect(eventsOf(all).asked.at(-1)).toBe("presence");
    //= RFC 6446 §4.1
    //# If the subscriber does not include at least one of the "max-rate", "min-rate", or
    //# "adaptive-min-rate" header field parameters in the most recent SUBSCRIBE request in a given
    //# dialog, the subscriber MUST NOT include an Event header field with any of those parameters
    //# in a 2xx response to a NOTIFY request in that dialog.
    expect(new Set(eventsOf(all).answered)).toEqual(new Set([undefined]));
  });
});
