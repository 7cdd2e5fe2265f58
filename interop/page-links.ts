/**
 * What a media engine on libdatachannel stands on, asked of Chromium: ICE that restarts by a new
 * endpoint, three encodings of a picture at once, a data channel beside sound and picture, and
 * addresses that are not told.
 */
import { linkLoad } from "./link-load.ts";
import { allowance, MediaEnd } from "./media-end.ts";
import { PageEnd } from "./page-end.ts";
import { demand, type Report } from "./report.ts";
import { until } from "./until.ts";

const LOAD_SECONDS = 15;

const RESTARTS = 3;
/** Of 20 ms packets, both ways: what was measured is 300 ms, on a machine with much else to do. */
const MOST_GAP_MS = 1500;
const BITRATE = 4_000_000;
const WITHIN_MS = 10_000;

export async function pageLinks(_folder: string, report: Report): Promise<void> {
  await report.check("Chromium: ICE restarts by a new endpoint, and sound goes on", restarts);
  await report.check("Chromium: three encodings of a picture come at once", simulcast);
  await report.check("Chromium: a data channel beside sound and picture", dataChannel);
  await report.check("Chromium: a way is found without its addresses", withoutCandidates);
  const load = () => linkLoad(LOAD_SECONDS);
  await report.check("40 ends of DTLS-SRTP in two processes, replaced one by one", load);
}

async function restarts(): Promise<string> {
  const [page, end] = [await PageEnd.open({ video: true }), new MediaEnd({ video: true })];
  try {
    end.onrtp = (packet) => end.echo(packet);
    await end.accept(await page.answer(await end.offer()));
    await hearsItself(page);
    const gaps: string[] = [];
    for (let nth = 0; nth < RESTARTS; nth++) {
      await page.gap();
      end.longestGapMs = 0;
      const sdp = await page.answer(await end.offer());
      await end.accept(sdp);
      const since = (await page.heard()).packets;
      const goesOn = async () => (await page.heard()).packets > since + 25 || undefined;
      await until("sound goes on", goesOn, WITHIN_MS);
      const [there, here] = [await page.gap(), end.longestGapMs];
      demand(Math.max(there, here) < MOST_GAP_MS, `${there} ms of silence there, ${here} ms here`);
      gaps.push(`${there.toFixed(0)} and ${here.toFixed(0)}`);
    }
    return `silent for ${gaps.join(", ")} ms at the page and here`;
  } finally {
    end.close();
    await page.close();
  }
}

async function hearsItself(page: PageEnd): Promise<void> {
  const hears = async () => (await page.heard()).energy > 0.01 || undefined;
  await until("the page hears its own sound", hears, WITHIN_MS);
}

async function simulcast(): Promise<string> {
  const wish = { video: true, simulcast: true };
  const [page, end] = [await PageEnd.open(wish), new MediaEnd(wish)];
  try {
    const { sdp, opened } = await end.answer(await page.offer());
    await page.accept(sdp);
    await opened;
    const layers = await until(
      "three encodings with a picture each",
      () => {
        const pictures = [...end.streams.values()].filter(({ rid }) => rid !== "");
        end.send(
          allowance(
            pictures.map(({ ssrc }) => ssrc),
            BITRATE,
          ),
        );
        return pictures.length === 3 && pictures.every(({ packets }) => packets > 30)
          ? pictures
          : undefined;
      },
      20_000,
    );
    demand(
      layers.every(({ mid }) => mid === "1"),
      "an encoding does not name its section",
    );
    const { sends } = await page.heard();
    const octets = layers.map((layer) => `${layer.rid} ${layer.octets} octets`);
    return `${octets.join(", ")} of ${sends.join(", ")}`;
  } finally {
    end.close();
    await page.close();
  }
}

/** libdatachannel is shown one section of sound, for all RTP, and one of data channels. */
async function dataChannel(): Promise<string> {
  const page = await PageEnd.open({ video: true, dataChannel: true });
  const end = new MediaEnd({ video: true, dataChannel: true });
  try {
    const { sdp, opened } = await end.answer(await page.offer());
    await page.accept(sdp);
    await opened;
    const isOpen = () => page.page.evaluate(() => window.end.channel?.readyState === "open");
    await until("the channel is open", async () => (await isOpen()) || undefined, WITHIN_MS);
    await page.page.evaluate(() => window.end.channel?.send("good morning"));
    const said = await until(
      "an answer over the channel, and sound and picture",
      async () => {
        const [first] = await page.page.evaluate(() => window.end.said);
        return end.streams.size > 1 ? first : undefined;
      },
      WITHIN_MS,
    );
    return `${JSON.stringify(said)} beside ${end.streams.size} streams of RTP`;
  } finally {
    end.close();
    await page.close();
  }
}

/** As with a browser that tells names under `.local` only: its checks say where it is. */
async function withoutCandidates(): Promise<string> {
  const [page, end] = [await PageEnd.open({}), new MediaEnd({})];
  try {
    end.onrtp = (packet) => end.echo(packet);
    const hidden = (await page.answer(await end.offer())).replace(
      /(a=candidate:\S+ \d udp \d+ )127.0.0.1/g,
      "$1b4a2.local",
    );
    demand(hidden.includes(".local"), "the page told no address");
    const startMs = performance.now();
    await end.accept(hidden);
    const openMs = performance.now() - startMs;
    await hearsItself(page);
    return `open after ${openMs.toFixed(0)} ms`;
  } finally {
    end.close();
    await page.close();
  }
}
