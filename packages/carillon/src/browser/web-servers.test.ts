import { afterEach, expect, test, vi } from "vitest";
import { house } from "../testing/house.ts";
import { partsOf } from "../ua/phone-parts.ts";
import { WebMedia } from "./web-media.ts";
import { iceServers } from "./web-servers.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What a browser's connection says of itself, and what it was told. */
class Connection extends EventTarget {
  signalingState = "stable";
  localDescription: { sdp: string } | null = null;
  connectionState = "new";
  configuration: RTCConfiguration;
  told = 0;

  constructor(configuration: RTCConfiguration) {
    super();
    this.configuration = configuration;
  }

  getConfiguration = (): RTCConfiguration => this.configuration;
  setConfiguration(configuration: RTCConfiguration): void {
    if (this.signalingState === "closed") throw new DOMException("closed");
    this.configuration = configuration;
    this.told++;
  }
  close(): void {
    this.signalingState = "closed";
  }
}

async function phoneWith() {
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("MediaStream", class {});
  const phone = await house().signedIn("alice");
  const call = (): WebMedia => {
    const media = new WebMedia({ audio: true, video: false });
    for (const prepare of partsOf(phone).prepared) prepare(media);
    return media;
  };
  const configurationOf = ({ peerConnection }: WebMedia) => peerConnection.getConfiguration();
  return { phone, call, configurationOf };
}

const [old, fresh] = ["old", "fresh"].map((credential) => ({ urls: "turn:x", credential }));

test("calls have the servers from their beginning, and all else as it was", async () => {
  const { phone, call, configurationOf } = await phoneWith();
  iceServers(phone, [old!]);
  expect(configurationOf(call())).toEqual({ bundlePolicy: "max-bundle", iceServers: [old] });
});

test("newer ones are for calls that go on, too, and for none that is over", async () => {
  const { phone, call, configurationOf } = await phoneWith();
  iceServers(phone, []);
  const [first, second] = [call(), call()];
  second.peerConnection.close();
  iceServers(phone, [fresh!]);
  expect(configurationOf(first).iceServers).toEqual([fresh]);
  expect(configurationOf(second).iceServers).toEqual([]);
  expect(configurationOf(call()).iceServers).toEqual([fresh]);
  expect((first.peerConnection as unknown as Connection).told).toBe(2);
});

test("with a TURN server a relayed candidate is enough, and without one it is none", async () => {
  const { phone, call } = await phoneWith();
  const enoughFor = (servers: readonly RTCIceServer[], sdp: string) => {
    iceServers(phone, servers);
    const media = call();
    const connection = media.peerConnection as unknown as Connection;
    connection.localDescription = { sdp };
    let enough: (() => boolean) | undefined;
    media.gathered((gathering) => {
      enough = gathering.enough;
    });
    return enough?.();
  };
  const relayed = "a=candidate:1 1 udp 1 192.0.2.1 5 typ relay raddr 0.0.0.0 rport 0\r\n";
  expect(enoughFor([{ urls: ["stun:x", "turn:x"] }], relayed)).toBe(true);
  expect(enoughFor([{ urls: "turn:x" }], relayed.replace("relay", "srflx"))).toBe(false);
  expect(enoughFor([{ urls: "stun:x" }], relayed)).toBe(false);
  expect(enoughFor([], relayed)).toBe(false);
});
