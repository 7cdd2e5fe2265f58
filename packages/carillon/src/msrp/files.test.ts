import { describe, expect, it } from "vitest";
import { house } from "../testing/house.ts";
import { MsrpWires } from "../testing/msrp-wires.ts";
import { askedFiles, fetchFile } from "./fetch-file.ts";
import type { FileSource } from "./file-transfer.ts";
import { messageSessions } from "./message-sessions.ts";
import { type FileSink, type OfferedFile, receiveFiles } from "./receive-files.ts";
import { sendFile } from "./send-file.ts";

/** Octets that tell where they stand. */
function content(size: number): Uint8Array {
  const octets = new Uint8Array(size);
  for (let at = 0; at < size; at++) octets[at] = (at * 31 + (at >> 8) * 7) & 0xff;
  return octets;
}

function sourceOf(octets: Uint8Array, name = "picture.jpg"): FileSource {
  return {
    ...{ name, type: "image/jpeg", size: octets.length },
    read: async (offset, length) => octets.subarray(offset, offset + length),
  };
}

function memory(size: number): FileSink & { readonly octets: Uint8Array; isComplete: boolean } {
  const octets = new Uint8Array(size);
  const sink = {
    octets,
    isComplete: false,
    write: async (at: number, some: Uint8Array) => octets.set(some, at),
    read: (at: number, length: number) => octets.subarray(at, at + length),
    complete: () => {
      sink.isComplete = true;
    },
  };
  return sink;
}

/** Alice, in a page that nobody can connect to, or not; and Bob, who takes files. */
async function pair(transport: "tcp" | "ws" = "ws") {
  const { network, signedIn } = house({ seed: 3 });
  const [alice, bob] = [await signedIn("alice"), await signedIn("bob")];
  const wires = new MsrpWires();
  messageSessions(alice, wires.world(transport === "tcp" ? { host: "192.0.2.1" } : undefined));
  messageSessions(bob, wires.world({ host: "192.0.2.2", transport }));
  const files = receiveFiles(bob, { maxOctets: 5_000_000 });
  return { network, alice, bob, wires, files };
}

const BOB = "sip:bob@house.example";

describe("files", () => {
  it.each(["tcp", "ws"] as const)(
    "RFC 5547 §8.2.1 a file goes over %s, is looked at, and is had",
    async (way) => {
      const { network, alice, files, wires } = await pair(way);
      const octets = content(1_000_000);
      const told: number[] = [];
      const progress = (sent: number): void => void told.push(sent);
      const transfer = sendFile(alice, BOB, sourceOf(octets), { progress });
      const { value: offered } = await network.until(files.next());
      const file = offered as OfferedFile;
      expect([file.name, file.size, file.type, file.start]).toEqual([
        "picture.jpg",
        1_000_000,
        "image/jpeg",
        0,
      ]);
      expect(file.from.uri).toBe("sip:alice@house.example");
      expect(file.hashes.map((hash) => hash.split(":")[0])).toEqual(["sha-1", "sha-256"]);
      const sink = memory(1_000_000);
      const taken = file.accept(sink, { url: "https://house.example/f/1/picture.jpg" });
      expect(await network.until(taken)).toBe(1_000_000);
      const reference = await network.until(transfer.done);
      expect(reference).toMatchObject({
        url: "https://house.example/f/1/picture.jpg",
        size: 1_000_000,
      });
      expect(sink.octets).toEqual(octets);
      expect(sink.isComplete).toBe(true);
      expect(told.at(-1)).toBe(1_000_000);
      expect([...told].sort((a, b) => a - b)).toEqual(told);
      expect(told.length).toBeGreaterThan(3);
      expect(wires.mostWaiting).toBeLessThan(128 * 1024);
    },
  );

  it("goes on where it was when its connection breaks, as often as it does", async () => {
    const { network, alice, files, wires } = await pair("tcp");
    const octets = content(2_000_000);
    const sink = memory(2_000_000);
    const starts: number[] = [];
    const take = async (): Promise<void> => {
      for await (const file of files) {
        starts.push(file.start);
        wires.breakAfter = 700_000;
        file.accept(sink).catch(() => {});
      }
    };
    void take();
    const transfer = sendFile(alice, BOB, sourceOf(octets));
    await network.until(transfer.done, 120_000);
    expect(sink.octets).toEqual(octets);
    expect(starts.length).toBeGreaterThan(2);
    expect([...starts].sort((a, b) => a - b)).toEqual(starts);
    expect(starts.at(-1)).toBeGreaterThan(1_000_000);
    // What has arrived is not sent again, but for what had not been reported yet.
    expect(wires.octets).toBeLessThan(3_300_000);
  });

  it("RFC 5547 §8.3.1 is refused where it is another one than was announced", async () => {
    const { network, alice, files } = await pair("tcp");
    const octets = content(50_000);
    let reads = 0;
    const source: FileSource = {
      ...sourceOf(octets),
      // As it is hashed, it is one file; as it is sent, another.
      read: async (offset, length) =>
        (reads++ === 0 ? octets : content(50_001)).subarray(
          offset + (reads > 1 ? 1 : 0),
          offset + length + (reads > 1 ? 1 : 0),
        ),
    };
    const transfer = sendFile(alice, BOB, source);
    const { value: file } = await network.until(files.next());
    const sink = memory(50_000);
    const taken = file.accept(sink).catch((error: Error) => error.message);
    expect(await network.until(taken)).toBe("The file is not the one that was announced.");
    await expect(network.until(transfer.done)).rejects.toMatchObject({
      code: "SIP_REJECTED",
      status: 400,
    });
    expect(sink.isComplete).toBe(false);
  });

  it("§8.6 is not sent to whom it is too large for", async () => {
    const { network, alice, files, wires } = await pair("tcp");
    const transfer = sendFile(alice, BOB, sourceOf(new Uint8Array(5_000_001)));
    const { value: file } = await network.until(files.next());
    file.accept(memory(1)).catch(() => {});
    await expect(network.until(transfer.done)).rejects.toMatchObject({ status: 488 });
    expect(wires.octets).toBe(0);
  });

  it("is refused where nobody takes files, and its sender hears why", async () => {
    const { network, alice, files } = await pair("tcp");
    await files.return?.();
    const transfer = sendFile(alice, BOB, sourceOf(content(10)));
    await expect(network.until(transfer.done, 60_000)).rejects.toMatchObject({
      code: "SIP_UNAVAILABLE",
    });
  });

  it("can be stopped, goes on, and can be given up", async () => {
    const { network, alice, files, wires } = await pair("tcp");
    const octets = content(3_000_000);
    let before = 0;
    const transfer = sendFile(alice, BOB, sourceOf(octets), {
      progress: (sent) => {
        if (sent > 500_000 && before === 0) transfer.pause();
      },
    });
    const { value: file } = await network.until(files.next());
    const sink = memory(3_000_000);
    let abandoned = -1;
    file.accept({ ...sink, abandoned: (arrived: number) => (abandoned = arrived) }).catch(() => {});
    await network.run(5000);
    before = wires.octets;
    expect(transfer.sent).toBeLessThan(2_000_000);
    await network.run(5000);
    expect(wires.octets).toBe(before);
    transfer.resume();
    await network.until(transfer.done);
    expect(sink.octets).toEqual(octets);
    expect(abandoned).toBe(-1);
    const other = sendFile(alice, BOB, sourceOf(octets), { progress: () => other.cancel() });
    const { value: second } = await network.until(files.next());
    second
      .accept({ ...memory(3_000_000), abandoned: (arrived: number) => (abandoned = arrived) })
      .catch(() => {});
    await expect(network.until(other.done)).rejects.toMatchObject({ code: "SIP_CANCELLED" });
    await network.run(1000);
    expect(abandoned).toBeGreaterThan(0);
  });

  it("with nothing in it arrives as well", async () => {
    const { network, alice, files } = await pair("tcp");
    const transfer = sendFile(alice, BOB, sourceOf(new Uint8Array(0), "../../etc/passwd"));
    const { value: file } = await network.until(files.next());
    expect(file.name).toBe("passwd");
    expect(await network.until(file.accept(memory(0)))).toBe(0);
    expect(await network.until(transfer.done)).toBeUndefined();
  });

  it("is stopped by a slow disk, and holds no more than a window of it", async () => {
    const { network, alice, files, wires } = await pair("tcp");
    const octets = content(4_000_000);
    const transfer = sendFile(alice, BOB, sourceOf(octets));
    const { value: file } = await network.until(files.next());
    const sink = memory(4_000_000);
    let [waiting, most] = [0, 0];
    const release: (() => void)[] = [];
    const slow = {
      ...sink,
      write: async (at: number, some: Uint8Array) => {
        waiting += some.length;
        most = Math.max(most, waiting);
        await new Promise<void>((resolve) => release.push(resolve));
        waiting -= some.length;
        octets.length && sink.octets.set(some, at);
      },
    };
    const taken = file.accept(slow);
    for (let i = 0; i < 2000 && !release.at(0); i++) await network.run(10);
    const written = wires.octets;
    await network.run(1000);
    expect(wires.octets).toBe(written);
    expect(written).toBeLessThan(1_500_000);
    let isDone = false;
    void taken.then(() => (isDone = true));
    while (!isDone) {
      for (const one of release.splice(0)) one();
      await network.run(1);
    }
    await network.until(transfer.done);
    expect(sink.octets).toEqual(octets);
    expect(most).toBeLessThan(400 * 1024);
  });

  it("RFC 5547 §8.2.2 is asked for by what is known of it, given, and looked at", async () => {
    const { network, alice, bob, files } = await pair("tcp");
    await files.return?.();
    const octets = content(300_000);
    const asked = askedFiles(bob);
    const sink = memory(300_000);
    const hash = "sha-1:72:24:5F:E8:65:3D:DA:F3:71:36:2F:86:D4:71:91:3E:E4:A2:CE:2E";
    const fetched = fetchFile(alice, BOB, { name: "picture.jpg", hash }, sink);
    const { value: wanted } = await network.until(asked.next());
    expect([wanted?.name, wanted?.hashes]).toEqual(["picture.jpg", [hash]]);
    // It is another one: whoever asks finds out.
    const given = wanted?.give(sourceOf(octets)).catch((error: Error) => error.message);
    await expect(network.until(fetched)).rejects.toThrow("not the one");
    expect(await network.until(given ?? Promise.resolve())).toBe("The file did not arrive whole.");
    const again = fetchFile(alice, BOB, { name: "picture.jpg" }, sink);
    const { value: second } = await network.until(asked.next());
    const gave = second?.give(sourceOf(octets));
    expect(await network.until(again)).toBe(300_000);
    await network.until(gave ?? Promise.reject(new Error("nobody asked")));
    expect(sink.octets).toEqual(octets);
  });

  it("goes on where it was when it is asked for again", async () => {
    const { network, alice, bob, wires } = await pair("tcp");
    const octets = content(300_000);
    const asked = askedFiles(bob);
    const sink = memory(300_000);
    sink.octets.set(octets.subarray(0, 200_000));
    const fetched = fetchFile(alice, BOB, { name: "picture.jpg", start: 200_000 }, sink);
    const { value: wanted } = await network.until(asked.next());
    void wanted?.give(sourceOf(octets));
    expect(await network.until(fetched)).toBe(300_000);
    expect(sink.octets).toEqual(octets);
    expect(wires.octets).toBeLessThan(150_000);
  });

  it("is not given by whoever does not want to", async () => {
    const { network, alice, bob } = await pair("tcp");
    const asked = askedFiles(bob);
    const fetched = fetchFile(alice, BOB, { size: 7 }, memory(7));
    (await network.until(asked.next())).value?.decline();
    await expect(network.until(fetched)).rejects.toMatchObject({ code: "SIP_DECLINED" });
    expect(() => fetchFile(alice, BOB, {}, memory(0))).toThrow("say something");
  });
});
