import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Description, parseSdp } from "./description.ts";
import {
  type Input,
  type Output,
  type Receiver,
  receivers,
  type State,
  start,
  step,
} from "./reception.ts";

const sdp = (...media: readonly string[]): Description => {
  const head = "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n";
  const result = parseSdp(`${head}${media.join("\n")}\n`);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};
const peer = sdp("m=audio 4000 RTP/AVP 0 8");
const agreed = (local: Description, remote = peer): Input => ({
  kind: "Agreed",
  agreed: { local, remote },
});
const offered = (...media: readonly string[]): Input => ({
  kind: "Offered",
  local: sdp(...media),
});
const arrived = (port: number, more: Partial<Receiver> = {}): Input => {
  const at = { slot: 0, media: "audio", proto: "RTP/AVP", address: "192.0.2.1", port, ...more };
  return { kind: "Arrived", at };
};
function print({ kind, receiver }: Output): string {
  const { slot, media, port, direction, codecs, formats } = receiver;
  const all = [...codecs.map(({ payloadType }) => payloadType), ...formats];
  return [kind, slot, media, port, direction, ...all].join(" ");
}

/** One life, told by what came out of each input. */
function live(...inputs: readonly Input[]): readonly (readonly string[])[] {
  let [state]: readonly [State, ...Output[]] = start();
  return inputs.map((input) => {
    const [next, ...outputs] = step(state, input);
    state = next;
    return outputs.map(print);
  });
}

//= RFC 3264 §5.1
//# Once the offerer has sent the offer, it MUST be prepared to receive media for any recvonly
//# streams described by that offer. It MUST be prepared to send and receive media for any sendrecv
//# streams in the offer, and send media for any sendonly streams in the offer (of course, it cannot
//# actually send until the peer provides an answer with the needed address and port information).
test("RFC 3264 §5.1: an offer is listened for once it is out, and no longer if it fails", () => {
  const both = ["m=audio 5000 RTP/AVP 0", "m=video 5002 RTP/AVP 31", "a=recvonly"];
  expect(
    live(offered(...both, "m=audio 5004 RTP/AVP 8", "a=sendonly"), { kind: "Dropped" }),
  ).toEqual([
    [
      "Listen 0 audio 5000 sendrecv 0",
      "Listen 1 video 5002 recvonly 31",
      "Listen 2 audio 5004 sendonly 8",
    ],
    [
      "Cease 0 audio 5000 sendrecv 0",
      "Cease 1 video 5002 recvonly 31",
      "Cease 2 audio 5004 sendonly 8",
    ],
  ]);
});

//= RFC 3264 §6.1
//# Once the answerer has sent the answer, it MUST be prepared to receive media for any recvonly
//# streams described by that answer. It MUST be prepared to send and receive media for any sendrecv
//# streams in the answer, and it MAY send media immediately. The answerer MUST be prepared to
//# receive media for recvonly or sendrecv streams using any media formats listed for those streams
//# in the answer, and it MAY send media immediately.
test("RFC 3264 §6.1: an answer is listened for with all its formats, where it takes", () => {
  const answer = sdp("m=audio 5000 RTP/AVP 8 0", "a=recvonly", "m=video 0 RTP/AVP 31");
  const offer = sdp("m=audio 4000 RTP/AVP 0 8", "m=video 4002 RTP/AVP 31");
  expect(live(agreed(answer, offer))).toEqual([["Listen 0 audio 5000 recvonly 8 0"]]);
});

describe("RFC 3264 §8.3: a later exchange", () => {
  const first = agreed(sdp("m=audio 5000 RTP/AVP 0"));
  const moved = sdp("m=audio 6000 RTP/AVP 0");

  //= RFC 3264 §8.3.1
  //# The offerer MUST be prepared to receive media on both the old and new ports as soon as the
  //# offer is sent.
  //= RFC 3264 §8.3.1
  //# The same is true for an offerer that sends an updated offer with a new port; it MUST NOT cease
  //# listening for media on the old port until media arrives on the new port.
  test("RFC 3264 §8.3.1: an offerer that moves has both ports until the new one has media", () => {
    expect(
      live(
        ...[first, offered("m=audio 6000 RTP/AVP 0"), arrived(6000), agreed(moved)],
        ...[arrived(5000), arrived(6000), arrived(6000)],
      ),
    ).toEqual([
      ["Listen 0 audio 5000 sendrecv 0"],
      ["Listen 0 audio 6000 sendrecv 0"],
      [],
      [],
      [],
      ["Cease 0 audio 5000 sendrecv 0"],
      [],
    ]);
  });

  //= RFC 3264 §8.3.1
  //# If the answerer changes the port from the previous SDP, it MUST be prepared to receive media
  //# on both the old and new ports as soon as the answer is sent. The answerer MUST NOT cease
  //# listening for media on the old port until media arrives on the new port.
  test("RFC 3264 §8.3.1: an answerer that moves has both ports until the new one has media", () => {
    expect(live(first, agreed(moved), arrived(6000))).toEqual([
      ["Listen 0 audio 5000 sendrecv 0"],
      ["Listen 0 audio 6000 sendrecv 0"],
      ["Cease 0 audio 5000 sendrecv 0"],
    ]);
  });

  //= RFC 3264 §8.3.3
  //# The offerer MUST be prepared to receive media with both the old and new types until the answer
  //# is received, and media with the new type is received and reaches the top of the playout
  //# buffer.
  test("RFC 3264 §8.3.3: from voice to fax in one slot and at one port", () => {
    const fax = "m=image 5000 udptl t38";
    const image = { media: "image", proto: "udptl" };
    expect(
      live(
        ...[first, offered(fax), agreed(sdp(fax), sdp("m=image 4000 udptl t38"))],
        ...[arrived(5000), arrived(5000, image)],
      ),
    ).toEqual([
      ["Listen 0 audio 5000 sendrecv 0"],
      ["Listen 0 image 5000 sendrecv t38"],
      [],
      [],
      ["Cease 0 audio 5000 sendrecv 0"],
    ]);
  });

  test("RFC 3264 §8.3.2: formats that are no longer told are still understood", () => {
    expect(live(first, agreed(sdp("m=audio 5000 RTP/AVP 8")))).toEqual([
      ["Listen 0 audio 5000 sendrecv 0"],
      ["Listen 0 audio 5000 sendrecv 8 0"],
    ]);
  });

  test("a hold that is only offered keeps what comes until it is agreed on", () => {
    const hold = ["m=audio 5000 RTP/AVP 0", "a=sendonly"];
    expect(live(first, offered(...hold), { kind: "Dropped" })).toEqual([
      ["Listen 0 audio 5000 sendrecv 0"],
      [],
      [],
    ]);
    expect(live(first, offered(...hold), agreed(sdp(...hold))).at(-1)).toEqual([
      "Listen 0 audio 5000 sendonly 0",
    ]);
  });

  test("what is taken away is not listened for, and after a failed first INVITE nothing is", () => {
    expect(live(first, agreed(sdp("m=audio 0 RTP/AVP 0"))).at(-1)).toEqual([
      "Cease 0 audio 5000 sendrecv 0",
    ]);
    expect(live(first, { kind: "Agreed", agreed: undefined }).at(-1)).toHaveLength(1);
  });

  test("RFC 3264 §8.3.1: who moves twice has three ports; back again, what was told there", () => {
    const third = sdp("m=audio 7000 RTP/AVP 8");
    expect(live(first, agreed(moved), agreed(third), arrived(6000), arrived(7000))).toEqual([
      ["Listen 0 audio 5000 sendrecv 0"],
      ["Listen 0 audio 6000 sendrecv 0"],
      ["Listen 0 audio 7000 sendrecv 8"],
      [],
      ["Cease 0 audio 5000 sendrecv 0", "Cease 0 audio 6000 sendrecv 0"],
    ]);
    const back = agreed(sdp("m=audio 5000 RTP/AVP 8"));
    expect(live(first, agreed(moved), back).at(-1)).toEqual(["Listen 0 audio 5000 sendrecv 8 0"]);
    expect(live(first, agreed(moved), back, arrived(5000)).at(-1)).toEqual([
      "Cease 0 audio 6000 sendrecv 0",
    ]);
  });

  test("an offer that came to something else is no longer listened for", () => {
    expect(live(first, offered("m=audio 6000 RTP/AVP 0"), first).at(-1)).toEqual([
      "Cease 0 audio 6000 sendrecv 0",
    ]);
  });

  test("each slot by itself: media in one says nothing of another", () => {
    const two = (audio: number, video: number) =>
      agreed(
        sdp(`m=audio ${audio} RTP/AVP 0`, `m=video ${video} RTP/AVP 31`),
        sdp("m=audio 4000 RTP/AVP 0", "m=video 4002 RTP/AVP 31"),
      );
    const came = arrived(6002, { slot: 1, media: "video" });
    expect(live(two(5000, 5002), two(6000, 6002), came).slice(1)).toEqual([
      ["Listen 0 audio 6000 sendrecv 0", "Listen 1 video 6002 sendrecv 31"],
      ["Cease 1 video 5002 sendrecv 31"],
    ]);
  });

  test("a section that the peer refused, or that has no address, is not listened for", () => {
    const refusal = sdp("m=audio 0 RTP/AVP 0");
    expect(live(agreed(sdp("m=audio 5000 RTP/AVP 0"), refusal))).toEqual([[]]);
    const { media } = sdp("m=audio 5000 RTP/AVP 0");
    expect(live({ kind: "Offered", local: { session: [], media } })).toEqual([[]]);
  });

  test("one place however it is spelled, and formats that are no payload types add up too", () => {
    const fax = (...formats: readonly string[]) => {
      const local = sdp(`m=image 5000 udptl ${formats.join(" ")}`);
      return agreed(local, local);
    };
    expect(live(fax("t38"), fax("t39"), fax("t39", "t38")).slice(1)).toEqual([
      ["Listen 0 image 5000 sendrecv t39 t38"],
      [],
    ]);
    const spelled = sdp("m=AUDIO 5000 rtp/avp 0");
    expect(live(first, agreed(spelled, spelled))).toEqual([["Listen 0 audio 5000 sendrecv 0"], []]);
  });

  test("a place that is offered anew takes all that either end of the change allows", () => {
    const only = agreed(sdp("m=audio 5000 RTP/AVP 0", "a=recvonly"));
    expect(live(only, offered("m=audio 5000 RTP/AVP 0", "a=sendonly")).at(-1)).toEqual([
      "Listen 0 audio 5000 sendrecv 0",
    ]);
    expect(live(only, offered("m=audio 5000 RTP/AVP 0 8")).at(-1)).toEqual([
      "Listen 0 audio 5000 sendrecv 0 8",
    ]);
  });

  test("RFC 8843 §7.1.3: bundled streams come where the tagged one does", () => {
    const local = sdp(
      ...["m=audio 5000 RTP/AVP 0", "a=mid:a", "m=video 0 RTP/AVP 31", "a=mid:b", "a=bundle-only"],
    );
    const session = [...local.session, { kind: "a", name: "group", value: "BUNDLE a b" } as const];
    expect(live({ kind: "Offered", local: { ...local, session } })).toEqual([
      ["Listen 0 audio 5000 sendrecv 0", "Listen 1 video 5000 sendrecv 31"],
    ]);
  });
});

describe("whatever comes, whenever", () => {
  const section = fc
    .record({
      media: fc.constantFrom(
        "audio 5000 RTP/AVP 0",
        "audio 6000 RTP/AVP 8",
        "image 5000 udptl t38",
      ),
      direction: fc.constantFrom("sendrecv", "sendonly", "recvonly", "inactive"),
      isGone: fc.boolean(),
    })
    .map(({ media, direction, isGone }) => [
      `m=${isGone ? media.replace(/\d000/, "0") : media}`,
      `a=${direction}`,
    ]);
  /** Without the order of formats, which is not listened to. */
  const told = (receiver: Receiver) =>
    JSON.stringify({
      ...receiver,
      codecs: receiver.codecs.map((codec) => codec.payloadType).toSorted(),
    });
  const description = fc.array(section, { maxLength: 3 }).map((all) => sdp(...all.flat()));
  const input: fc.Arbitrary<Input> = fc.oneof(
    description.map((local): Input => ({ kind: "Offered", local })),
    fc.tuple(description, description).map(([local, remote]) => agreed(local, remote)),
    fc.constantFrom<Input>({ kind: "Dropped" }, { kind: "Agreed", agreed: undefined }),
    fc.constantFrom(
      arrived(5000),
      arrived(6000),
      arrived(5000, { media: "image", proto: "udptl" }),
    ),
  );

  test("the outputs tell all that is listened for; abandoned it ends, and is silent", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 20 }), (inputs) => {
        let [state]: readonly [State, ...Output[]] = start();
        const open = new Map<string, string>();
        const hear = (outputs: readonly Output[]) => {
          for (const { kind, receiver } of outputs) {
            const { slot, media, proto, address, port } = receiver;
            const place = `${slot} ${media} ${proto} ${address} ${port}`;
            if (kind === "Listen") open.set(place, told(receiver));
            else expect(open.delete(place)).toBe(true);
          }
        };
        for (const one of inputs) {
          const [next, ...outputs] = step(state, one);
          hear(outputs);
          state = next;
          expect([...open.values()].toSorted()).toEqual(receivers(state).map(told).toSorted());
        }
        const [ended, ...outputs] = step(state, { kind: "Abandon" });
        hear(outputs);
        expect(open.size).toBe(0);
        for (const one of inputs) expect(step(ended, one)).toEqual([ended]);
      }),
    );
  });
});
