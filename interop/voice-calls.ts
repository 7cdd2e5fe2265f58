/** Calls between a phone of the library that speaks by itself and baresip: tones at both ends. */
import type { Call, VoiceMedia, VoiceOptions } from "carillon/node";
import { type Codec, g722, pcma, pcmu } from "carillon/rtp";
import { dtlsWay, opus } from "carillon-media";
import { Baresip } from "./baresip.ts";
import type { Credentials, House } from "./house.ts";
import { demand, type Report } from "./report.ts";
import { secondsOf } from "./tone.ts";
import { pause, until } from "./until.ts";
import { VethPair } from "./veth-pair.ts";
import { VoicePhone } from "./voice-phone.ts";

/** At each end, in all; a machine that does much else beside it takes longer to get there. */
const HEARD_SECONDS = 1.8;
const TALK_MS = 15_000;
const SILENT_MS = 800;
const WAIT_MS = 5000;
const THEIR_TONE_HZ = 440;
const OUR_TONE_HZ = 1000;

interface Way {
  readonly name: string;
  readonly codecs: readonly Codec[];
  /** baresip's name for it. */
  readonly codec: string;
  readonly isEncrypted: boolean;
  /** By DTLS over ICE, and not with keys in descriptions. */
  readonly isDtls?: boolean;
}

const OPUS = { codecs: [opus()], codec: "opus/48000/2" };

const WAYS: readonly Way[] = [
  { name: "G.711 µ-law", codecs: [pcmu], codec: "PCMU/8000/1", isEncrypted: false },
  { name: "G.711 A-law", codecs: [pcma], codec: "PCMA/8000/1", isEncrypted: false },
  { name: "G.722", codecs: [g722], codec: "G722/16000/1", isEncrypted: false },
  { name: "G.711 with SDES-SRTP", codecs: [pcmu], codec: "PCMU/8000/1", isEncrypted: true },
  { name: "G.722 with SDES-SRTP", codecs: [g722], codec: "G722/16000/1", isEncrypted: true },
  { name: "Opus", ...OPUS, isEncrypted: false },
  { name: "Opus with DTLS-SRTP and ICE", ...OPUS, isEncrypted: true, isDtls: true },
];

export async function voiceCalls(house: House, folder: string, report: Report): Promise<void> {
  const [idasOwn, jonsOwn] = await house.addDeskPhones(["Ida", "Jon"] as const);
  const pair = VethPair.make();
  try {
    for (const [n, way] of WAYS.entries()) {
      await oneWay(way, n, { folder, idasOwn, jonsOwn, report });
    }
  } finally {
    pair.remove();
  }
}

interface Owned {
  readonly folder: string;
  readonly idasOwn: Credentials;
  readonly jonsOwn: Credentials;
  readonly report: Report;
}

async function oneWay(way: Way, n: number, { folder, idasOwn, jonsOwn, report }: Owned) {
  const { name, codec, codecs, isEncrypted, isDtls = false } = way;
  const ida = await Baresip.start({
    ...{ folder, credentials: idasOwn, nth: 20 + n, toneHz: THEIR_TONE_HZ, answers: true },
    ...{ codec, isEncrypted, isDtls },
  });
  await ida.registered();
  const voice: Partial<VoiceOptions> = {
    ...{ codecs, srtp: isEncrypted ? "require" : "off" },
    ...(isDtls && { way: dtlsWay({ address: VethPair.address }) }),
  };
  const jon = await VoicePhone.open(jonsOwn, OUR_TONE_HZ, voice);
  const check = (what: string, run: () => Promise<string>) =>
    report.check(`a voice of the library, ${name}: ${what}`, run);
  await check("calls baresip, and each hears the other's tone", async () => {
    const since = ida.events.length;
    const call = jon.phone.call(ida.uri);
    await call.answered;
    const figure = await talk(jon, ida, way, call).finally(() => call.hangUp());
    await ida.event("CALL_CLOSED", since);
    return figure;
  });
  await check("is called by baresip, and each hears the other's tone", async () => {
    const call = await answered(jon, ida);
    const figure = await talk(jon, ida, way, call).finally(() => ida.command("hangup"));
    demand((await call.ended).by === "remote", "baresip did not hang up");
    return figure;
  });
  await check("keys both ways, and a hold from each side", () => keysAndHolds(jon, ida));
  await jon.close();
  await ida.quit();
}

const answered = (jon: VoicePhone, ida: Baresip): Promise<Call<VoiceMedia>> =>
  jon.answered(() => ida.command("dial", jon.phone.aor));

/** Resolves to how long each heard the other's tone, once that is long enough. */
async function talk(
  jon: VoicePhone,
  ida: Baresip,
  { codecs, isEncrypted, isDtls }: Way,
  { media }: Call<VoiceMedia>,
): Promise<string> {
  // A handshake that has to say something again takes a second or two.
  if (isDtls) await hears(jon, ida);
  jon.listen();
  const here = (): number => jon.heardSeconds(ida.toneHz);
  const there = (): number => secondsOf(jon.toneHz, ida.heard.at(-1) ?? new Float64Array());
  const isHeard = (): true | undefined =>
    (here() >= HEARD_SECONDS && there() >= HEARD_SECONDS) || undefined;
  await until("both hear the other's tone", isHeard, TALK_MS).catch((late: Error) => {
    throw new Error(`${late.message}: ${here()} s here, ${there()} s there`);
  });
  demand(media?.isEncrypted === isEncrypted, `encrypted: ${media?.isEncrypted}`);
  const { codec, received, mos } = media.statistics ?? {};
  demand(codec === codecs[0]?.name, `it was ${codec}`);
  demand(received?.lost === 0, `${received?.lost} packets were lost`);
  const [told, ours] = [there().toFixed(1), here().toFixed(1)];
  return `${told} s of ${jon.toneHz} Hz there, ${ours} s of ${ida.toneHz} Hz here, MOS ${mos}`;
}

async function keysAndHolds(jon: VoicePhone, ida: Baresip): Promise<string> {
  const since = ida.events.length;
  const call = jon.phone.call(ida.uri);
  await call.answered;
  const figure = await keysAndHoldsIn(call, jon, ida, since).finally(() => call.hangUp());
  await ida.event("CALL_CLOSED", since);
  return figure;
}

async function keysAndHoldsIn(
  call: Call<VoiceMedia>,
  jon: VoicePhone,
  ida: Baresip,
  since: number,
): Promise<string> {
  const { media } = call;
  if (!media) throw new Error("no media");
  let keys = "";
  media.ondtmf = ({ tone }) => {
    keys += tone;
  };
  await media.sendDtmf("42#");
  for (const key of "42#") await ida.event("CALL_DTMF_START", since, key);
  await ida.command("sndcode", "1");
  await until("we hear baresip's key", () => keys === "1" || undefined, WAIT_MS);
  await call.hold();
  const held = await silentFor(jon);
  await call.resume();
  await hears(jon, ida);
  await ida.command("hold");
  await until("baresip holds the call", () => heldBy(call) === "ByThem" || undefined, WAIT_MS);
  const heldThere = await silentFor(jon);
  await ida.command("resume");
  await hears(jon, ida);
  return `42# there, 1 here; ${held} and ${heldThere} samples while it was held`;
}

const heldBy = ({ state }: Call<VoiceMedia>): string | undefined =>
  state.name === "Established" ? state.held : undefined;

/** How many samples were loud in a while of hold, once what was on its way has come. */
async function silentFor(jon: VoicePhone): Promise<number> {
  await pause(SILENT_MS / 2);
  jon.listen();
  await pause(SILENT_MS);
  const loud = jon.heard.filter((sample) => Math.abs(sample) > 0.01).length;
  demand(loud === 0, `${loud} samples were heard while the call was held`);
  return loud;
}

async function hears(jon: VoicePhone, ida: Baresip): Promise<void> {
  jon.listen();
  const heard = (): true | undefined => jon.heardSeconds(ida.toneHz) >= 0.5 || undefined;
  await until(`we hear ${ida.toneHz} Hz again`, heard, WAIT_MS);
}
