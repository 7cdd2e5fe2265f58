/** What the library does with microphones, cameras, screens and bandwidth, in a real browser. */
import type { Page } from "playwright-core";
import { openLaboratory } from "../laboratory.ts";
import type { Story } from "../story.ts";

export const browserInputs: Story = {
  name: "Browser media: inputs switched, tones, a screen, limits, statistics, calls joined",
  async tell(stage) {
    const page = await openLaboratory(stage);
    return [await switches(page), await shows(page), await limits(page), await joins(page)];
  },
};

/** Another microphone, without a negotiation; tones; the one in use is lost. */
function switches(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const [alice, bob] = window.lab.pair();
    await window.lab.join(alice, bob);
    const devices = await navigator.mediaDevices.enumerateDevices();
    const microphones = devices.filter(({ kind }) => kind === "audioinput");
    const label = () => alice.local.getAudioTracks()[0]?.label ?? "none";
    const first = label();
    const other = microphones.find((one) => one.label !== first && one.deviceId !== "default");
    if (!other) throw new Error(`only ${microphones.map((one) => one.label).join(", ")}`);
    await alice.useInput("microphone", other.deviceId);
    if (label() !== other.label) throw new Error(`${label()}, not ${other.label}`);
    if (alice.peerConnection.signalingState !== "stable") throw new Error("it negotiated");
    await window.lab.hears(bob, "Bob hears the other microphone");
    await alice.sendDtmf("12#");
    const lost = new Promise((resolve) => alice.on("input-lost", resolve));
    alice.local.getAudioTracks()[0]?.dispatchEvent(new Event("ended"));
    const event = (await lost) as { label: string; replacedBy?: string };
    if (event.label !== other.label || !event.replacedBy) throw new Error(JSON.stringify(event));
    await window.lab.hears(bob, "Bob hears the one that replaced it");
    alice.close();
    bob.close();
    return `${first}, ${other.label}, ${event.replacedBy}`;
  });
}

/** A voice call shows a screen, and is a voice call again. */
function shows(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { shareScreen } = window.carillon;
    const [alice, bob] = window.lab.pair();
    await window.lab.join(alice, bob);
    const wish = { audio: true, video: false, held: false };
    // What a call does with a change, without its signalling.
    const call = {
      media: alice,
      state: { name: "Established" },
      change: async ({ video }: { video: boolean }) => {
        await alice.want({ ...wish, video });
        await alice.accept(await bob.answer(await alice.offer()));
      },
    };
    const share = await shareScreen(call as unknown as Parameters<typeof shareScreen>[0]);
    if (!alice.sharing || alice.cameraOn) throw new Error("no screen is shown");
    const picture = document.createElement("video");
    picture.muted = true;
    picture.srcObject = bob.remote;
    await picture.play();
    await window.lab.until("the screen is to be seen", () => picture.videoWidth > 0);
    const size = `${picture.videoWidth}×${picture.videoHeight}`;
    // As the browser's own button does it.
    alice.local.getVideoTracks()[0]?.dispatchEvent(new Event("ended"));
    await share.ended;
    await window.lab.until("nothing is shown", () => !alice.sharing && !alice.hasPicture);
    const [sender] = alice.peerConnection.getTransceivers().filter(({ mid }) => mid === "1");
    if (sender?.currentDirection === "sendrecv") throw new Error("it still sends a picture");
    alice.close();
    bob.close();
    return `a screen of ${size}`;
  });
}

/** A picture within what this side, and then the other side, allows. */
function limits(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { WebMedia, limitBitrate, statistics } = window.carillon;
    const ends = [0, 1].map(() => new WebMedia({ audio: true, video: true }));
    const [alice, bob] = ends as [InstanceType<typeof WebMedia>, InstanceType<typeof WebMedia>];
    await window.lab.join(alice, bob);
    const measure = async (seconds: number) => {
      const all = [];
      for await (const one of statistics(bob)) {
        all.push(one);
        if (all.length > seconds) break;
      }
      return all;
    };
    const picture = document.createElement("video");
    picture.muted = true;
    picture.srcObject = bob.remote;
    await picture.play();
    await window.lab.until("a picture comes", () => picture.videoWidth > 0);
    const free = (await measure(3)).at(-1);
    await limitBitrate(alice, { video: 60_000 });
    const limited = (await measure(5)).at(-1);
    await limitBitrate(alice, { video: undefined });
    //= RFC 8866 §5.8
    //# The AS bandwidth is normally interpreted as the bandwidth an application would use
    await bob.withdraw();
    const answer = await bob.answer(await alice.offer());
    await alice.accept(answer.replace(/(m=video .*\r\nc=.*\r\n)/, "$1b=AS:60\r\n"));
    const asked = (await measure(6)).at(-1);
    const rate = (one: typeof free) => Math.round((one?.received.video?.bitsPerSecond ?? 0) / 1000);
    if (rate(limited) > 80) throw new Error(`${rate(limited)} kbit/s, with 60 allowed here`);
    if (rate(asked) > 80) throw new Error(`${rate(asked)} kbit/s, with 60 allowed there`);
    if (rate(free) < 100) throw new Error(`only ${rate(free)} kbit/s without a limit`);
    const facts = [free?.received.audio?.codec, free?.received.video?.codec, free?.path?.local];
    if (facts.join() !== "opus,VP8,host") throw new Error(`counted ${facts.join()}`);
    if (!free?.mos || free.mos < 4) throw new Error(`a MOS of ${free?.mos}`);
    for (const media of ends) media.close();
    const rates = [free, limited, asked].map((one) => `${rate(one)} kbit/s`).join(", ");
    return `${rates}, MOS ${free.mos}, ${free.roundTripMs} ms`;
  });
}

/** Two calls are one: each hears who is not in its own call. */
function joins(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { mix } = window.carillon;
    const [toBob, bob] = window.lab.pair();
    const [toCarol, carol] = window.lab.pair();
    await window.lab.join(toBob, bob);
    await window.lab.join(toCarol, carol);
    for (const media of [toBob, toCarol, carol]) media.setMuted(true);
    // A browser takes remote sound into a mix only while it is played.
    for (const { remote } of [toBob, toCarol]) {
      const audio = new Audio();
      audio.srcObject = remote;
      await audio.play();
    }
    const joined = mix([toBob, toCarol]);
    await window.lab.hears(carol, "Carol hears Bob");
    bob.setMuted(true);
    carol.setMuted(false);
    await window.lab.hears(bob, "Bob hears Carol");
    joined.end();
    for (const media of [toBob, bob, toCarol, carol]) media.close();
    return "Bob and Carol hear each other";
  });
}
