/** Calls between a phone of the library and baresip: both change them, and packets tell. */
import { createSocket, type Socket } from "node:dgram";
import { type Call, DescribedMedia, Phone } from "carillon/node";
import { Baresip } from "./baresip.ts";
import { type Credentials, DOMAIN, type House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { pause, until } from "./until.ts";

const LOCALHOST = "127.0.0.1";
const RTP_PORT = 30_000;
/** In which a talk has 50 packets and more, and silence none. */
const LISTENED_MS = 1200;
const PACKETS = 40;
const WAIT_MS = 5000;

export async function phoneCalls(house: House, folder: string, report: Report): Promise<void> {
  const [gusOwn, halsOwn] = await house.addDeskPhones(["Gus", "Hal"] as const);
  const options = { folder, credentials: gusOwn, nth: 5, toneHz: 440, answers: true };
  const gus = await Baresip.start(options);
  await gus.registered();
  const hal = await OwnPhone.open(halsOwn);
  const check = (name: string, run: () => Promise<string>) =>
    report.check(`a phone of the library: ${name}`, run);
  await check("calls baresip, holds, resumes and hangs up", () => holds(hal, gus));
  await check("is called by baresip, which holds and resumes", () => isHeld(hal, gus));
  await check("is called, and both change the call at once", () => glare(hal, gus));
  await hal.close();
  await gus.quit();
}

/** Hal's: it sends every packet back to where it came from. */
class OwnPhone {
  readonly phone: Phone<DescribedMedia>;
  readonly #socket: Socket;
  #packets = 0;

  private constructor(phone: Phone<DescribedMedia>, socket: Socket) {
    this.phone = phone;
    this.#socket = socket;
    socket.on("message", (packet, { port, address }) => {
      this.#packets++;
      socket.send(packet, port, address);
    });
  }

  static async open({ user, password }: Credentials): Promise<OwnPhone> {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => {
      socket.bind(RTP_PORT, LOCALHOST, resolve);
    });
    const phone = await Phone.open({
      ...{ aor: `sip:${user}@${DOMAIN}`, password },
      server: { host: LOCALHOST, port: 5060 },
      local: { host: LOCALHOST, port: 0 },
      media: (wanted) => new DescribedMedia(wanted, { local: LOCAL, onagreed() {} }),
    });
    await phone.register();
    return new OwnPhone(phone, socket);
  }

  /** How many packets come in a little while. */
  async hears(): Promise<number> {
    const before = this.#packets;
    await pause(LISTENED_MS);
    return this.#packets - before;
  }

  async close(): Promise<void> {
    await this.phone.close();
    this.#socket.close();
  }
}

const LOCAL: ConstructorParameters<typeof DescribedMedia>[1]["local"] = {
  origin: {
    ...{ username: "-", sessionId: "1", sessionVersion: "1" },
    ...{ netType: "IN", addressType: "IP4", address: LOCALHOST },
  },
  address: { addressType: "IP4", address: LOCALHOST },
  streams: [
    {
      ...{ media: "audio", protos: ["RTP/AVP"], port: RTP_PORT },
      codecs: [{ encoding: "PCMU", clockRateHz: 8000, payloadType: 0 }],
    },
  ],
};

const heldIn = ({ state }: Call<DescribedMedia>): string =>
  state.name === "Established" ? (state.held ?? "nobody") : state.name;

async function becomes(call: Call<DescribedMedia>, held: string): Promise<void> {
  const found = () => heldIn(call) === held || undefined;
  await until(`the call is held by ${held} and not by ${heldIn(call)}`, found, WAIT_MS);
}

async function holds(hal: OwnPhone, gus: Baresip): Promise<string> {
  const since = gus.events.length;
  const call = hal.phone.call(gus.uri);
  await call.answered;
  const talked = await hal.hears();
  demand(talked >= PACKETS, `${talked} packets came in the talk`);
  await call.hold();
  await pause(200);
  const held = await hal.hears();
  demand(held === 0, `${held} packets came while the call was held`);
  await call.resume();
  const resumed = await hal.hears();
  demand(resumed >= PACKETS, `${resumed} packets came after the call was resumed`);
  call.hangUp();
  const { param } = await gus.event("CALL_CLOSED", since);
  return `${talked} packets in the talk, ${held} on hold, ${resumed} after it; ${param}`;
}

/** A call from baresip, answered. */
async function answered(hal: OwnPhone, gus: Baresip): Promise<Call<DescribedMedia>> {
  const calls = hal.phone.calls();
  await gus.command("dial", hal.phone.aor);
  const { value, done } = await calls.next();
  await calls.return?.();
  if (done) throw new Error("nobody called");
  await value.answer({ audio: true, video: false });
  return value;
}

async function isHeld(hal: OwnPhone, gus: Baresip): Promise<string> {
  const call = await answered(hal, gus);
  await gus.command("hold");
  await becomes(call, "ByThem");
  await gus.command("resume");
  await becomes(call, "nobody");
  const talked = await hal.hears();
  demand(talked >= PACKETS, `${talked} packets came after the call was resumed`);
  await gus.command("hangup");
  const { by, code } = await call.ended;
  demand(by === "remote" && code === "SIP_HUNG_UP", `the call ended by ${by} with ${code}`);
  return `${talked} packets after it, ${code}`;
}

async function glare(hal: OwnPhone, gus: Baresip): Promise<string> {
  const since = gus.events.length;
  const call = await answered(hal, gus);
  await Promise.all([call.hold(), gus.command("reinvite")]);
  await becomes(call, "ByUs");
  demand(!gus.events.slice(since).some(({ type }) => type === "CALL_CLOSED"), "the call is over");
  await call.resume();
  await becomes(call, "nobody");
  call.hangUp();
  await gus.event("CALL_CLOSED", since);
  return "held, resumed";
}
