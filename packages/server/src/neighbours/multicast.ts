/** Multicast DNS on this machine's networks, for `Neighbours`. RFC 6762. */
import { networkInterfaces } from "node:os";
import {
  type DnsSdRecord,
  type MulticastLink,
  Neighbours,
  type NeighboursOptions,
} from "carillon/ua";
import multicastDns, { type MulticastDNS, type ResponsePacket } from "multicast-dns";

export interface MulticastOptions extends NeighboursOptions {
  /** IPv4 addresses of this machine: on each of their networks it is asked and answered. */
  readonly interfaces: readonly string[];
}

export interface MulticastNeighbours extends AsyncDisposable {
  readonly neighbours: Neighbours;
}

/** One turn of the clock is at most what `setTimeout` can wait. */
const MAX_WAIT_MS = 2 ** 31 - 1;
/** How long a last word may take to leave. */
const LAST_WORD_MS = 50;

/** Rejects if no network of this machine takes multicast. */
export async function multicastNeighbours(options: MulticastOptions): Promise<MulticastNeighbours> {
  const opened = await Promise.allSettled(options.interfaces.map(open));
  const sockets = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const refused = opened.find((one) => one.status === "rejected");
  if (sockets.length === 0) throw refused?.reason ?? new Error("there is no network to ask on");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let neighbours: Neighbours | undefined;
  const link: MulticastLink = {
    now: () => performance.timeOrigin + performance.now(),
    wakeAt(at) {
      clearTimeout(timer);
      const wait = Math.min(MAX_WAIT_MS, Math.max(1, Math.ceil(at - link.now())));
      if (at !== Number.POSITIVE_INFINITY) timer = setTimeout(() => neighbours?.tick(), wait);
    },
    say(records) {
      for (const socket of sockets) socket.respond({ answers: records.map(packed) });
    },
    ask(name, type) {
      // "ANY" is missing in its types, and is in its packets.
      const questions = [{ name, type: type as "PTR" }];
      for (const socket of sockets) socket.query({ questions });
    },
  };
  neighbours = new Neighbours(options, link);
  for (const socket of sockets) {
    socket.on("response", ({ answers = [], additionals = [] }: ResponsePacket) =>
      neighbours.heard([...answers, ...additionals].flatMap(unpacked)),
    );
    socket.on("query", ({ questions = [] }) => neighbours.asked(questions.map(({ name }) => name)));
    // What is wrong with somebody's packet is nobody's concern here.
    socket.on("warning", () => {});
    socket.on("error", () => {});
  }
  return {
    neighbours,
    async [Symbol.asyncDispose]() {
      neighbours.leave();
      clearTimeout(timer);
      await new Promise((done) => setTimeout(done, LAST_WORD_MS));
      await Promise.all(
        sockets.map((one) => new Promise<void>((done) => one.destroy(() => done()))),
      );
    },
  };
}

async function open(address: string): Promise<MulticastDNS> {
  const own = Object.values(networkInterfaces()).flatMap((infos) => infos ?? []);
  if (!own.some((info) => info.address === address)) {
    throw new Error(`${address} is no address of this machine`);
  }
  // Bound to all addresses: what comes to a group comes to no address of ours.
  const socket = multicastDns({
    interface: address,
    bind: "0.0.0.0",
    reuseAddr: true,
    loopback: true,
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("ready", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

type Answer = NonNullable<ResponsePacket["answers"]>[number];

function packed(record: DnsSdRecord): Answer {
  const { name, ttl } = record;
  switch (record.type) {
    case "PTR":
      return { type: "PTR", name, ttl, data: record.target };
    case "SRV": {
      const { target, port } = record;
      return {
        type: "SRV",
        name,
        ttl,
        flush: true,
        data: { target, port, priority: 0, weight: 0 },
      };
    }
    case "TXT":
      return { type: "TXT", name, ttl, flush: true, data: [...record.texts] };
    default:
      return { type: record.type, name, ttl, flush: true, data: record.address };
  }
}

/** Records of other kinds are not ours. */
function unpacked(answer: Answer): readonly DnsSdRecord[] {
  const { name } = answer;
  switch (answer.type) {
    case "PTR":
      return [{ type: "PTR", name, target: answer.data, ttl: answer.ttl ?? 0 }];
    case "SRV": {
      const { target, port } = answer.data;
      return [{ type: "SRV", name, target, port, ttl: answer.ttl ?? 0 }];
    }
    case "TXT": {
      const all = Array.isArray(answer.data) ? answer.data : [answer.data];
      const texts = all.map((text) => (typeof text === "string" ? text : text.toString("utf8")));
      return [{ type: "TXT", name, texts, ttl: answer.ttl ?? 0 }];
    }
    case "A":
    case "AAAA":
      return [{ type: answer.type, name, address: answer.data, ttl: answer.ttl ?? 0 }];
    default:
      return [];
  }
}
