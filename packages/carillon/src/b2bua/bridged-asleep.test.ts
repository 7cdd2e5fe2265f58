// A desk phone calls a page through the bridge, and that is frozen: its connection is there, and
// nobody reads what comes over it. RFC 8599 §5.6.2, on the simulated network.
import { describe, expect, test } from "vitest";
import { messageLabel } from "../message/message-label.ts";
import type { Wake, WakeAsked } from "../roles/wake.ts";
import { house } from "../testing/house.ts";
import { plainEngine } from "../testing/plain-engine.ts";
import { type SpokenMedia, spokenMedia } from "../testing/spoken-media.ts";
import type { Call } from "../ua/call.ts";
import type { Phone } from "../ua/phone.ts";
import { sleepable, woken } from "../ua/sleepable.ts";
import { bridging } from "./bridging.ts";

class Service implements Wake {
  readonly asked: WakeAsked[] = [];
  services = () => [{ provider: "webpush" }];
  canWake = () => true;
  wake(asked: WakeAsked) {
    this.asked.push(asked);
    return { kind: "Sent" } as const;
  }
  get kinds(): readonly string[] {
    return this.asked.map(({ why }) => why.kind);
  }
}

const PUSH = { provider: "webpush", prid: "https://push.example/alice" };

async function stage() {
  const engine = plainEngine();
  const bridge = bridging({ engine });
  const wake = new Service();
  const scene = house({ bridging: () => bridge, wake });
  const page = async () => {
    const phone = scene.phone<SpokenMedia>("alice", "ws", { media: () => spokenMedia("page") });
    sleepable(phone, PUSH);
    await scene.network.until(phone.register());
    return phone;
  };
  const alice = await page();
  const bob = await scene.signedIn<SpokenMedia>("bob", "udp", { media: () => spokenMedia("desk") });
  const said = () => scene.network.sights.map(({ octets }) => messageLabel(octets));
  const nothingLeft = async () => {
    await scene.network.run(40_000);
    expect(bridge.census()).toMatchObject({ sessions: 0, calls: 0 });
    expect(engine.open).toBe(0);
  };
  return { scene, network: scene.network, wake, alice, bob, page, said, nothingLeft };
}

function rung(phone: Phone<SpokenMedia>): Call<SpokenMedia>[] {
  const all: Call<SpokenMedia>[] = [];
  phone.on("call", (call) => void all.push(call));
  return all;
}

describe("RFC 8599 §5.6.2: a frozen page behind the bridge", () => {
  test("is woken after two seconds of silence, its caller is told, and it rings once", async () => {
    const { scene, network, wake, alice, bob, said, nothingLeft } = await stage();
    // Its kernel, or the other one, keeps what comes.
    const host = scene.hostOf(alice);
    const air = network.partitions.split([host.name], "*");
    host.sleep();
    const calls = rung(alice);
    const from = bob.call(alice.aor);
    await network.run(1900);
    expect(wake.kinds).toEqual([]);
    await network.run(300);
    expect(wake.kinds).toEqual(["Request"]);
    expect(said()).toContain("182 Waking a phone of alice (INVITE)");
    await network.run(3000);
    air.heal();
    host.wakeUp();
    woken(alice);
    await network.run(5000);
    expect(calls).toHaveLength(1);
    await network.until(Promise.all([calls[0]?.answer(), from.answered]));
    await network.run(2000);
    expect(from.media?.said).toContain("heard answer sendrecv");
    from.hangUp();
    await network.until(from.ended);
    await nothingLeft();
  });

  test("that comes back over another connection gets the call there", async () => {
    const { scene, network, wake, alice, bob, page, nothingLeft } = await stage();
    scene.hostOf(alice).sleep();
    const from = bob.call(alice.aor);
    await network.run(4000);
    expect(wake.kinds).toEqual(["Request"]);
    const calls = rung(await page());
    await network.run(2000);
    expect(calls).toHaveLength(1);
    await network.until(Promise.all([calls[0]?.answer(), from.answered]));
    await network.run(2000);
    from.hangUp();
    await network.until(from.ended);
    await nothingLeft();
  });

  test("whose connection breaks while it is called is woken, and not given up", async () => {
    const { scene, network, wake, alice, bob, page, nothingLeft } = await stage();
    scene.hostOf(alice).sleep();
    const from = bob.call(alice.aor);
    await network.run(500);
    scene.hostOf(alice).close();
    await network.run(1000);
    expect(wake.kinds).toEqual(["Request"]);
    const calls = rung(await page());
    await network.run(2000);
    await network.until(Promise.all([calls[0]?.answer(), from.answered]));
    from.hangUp();
    await network.until(from.ended);
    await nothingLeft();
  });

  test("that does not wake is 480 in words, and one that is awake is not woken", async () => {
    const { scene, network, wake, alice, bob, nothingLeft } = await stage();
    const calls = rung(alice);
    const first = bob.call(alice.aor);
    await network.run(4000);
    expect([calls.length, wake.kinds]).toEqual([1, []]);
    first.hangUp();
    await network.until(first.ended);
    scene.hostOf(alice).sleep();
    const from = bob.call(alice.aor);
    const end = await network.until(from.ended, 60_000);
    expect(end).toMatchObject({ status: 480 });
    expect(end.message).toContain("wake");
    await nothingLeft();
  });
});
