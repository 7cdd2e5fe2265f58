/** Two ends of a call, each with a mouth and an ear, on a line that loses as much as is wished. */

import { Phone, type VoiceMedia } from "carillon/node";
import { pcma, pcmu } from "carillon/rtp";
import type { Browser } from "playwright-core";
import { BridgeStage } from "../interop/bridge-stage.ts";
import { DOMAIN } from "../interop/house.ts";
import type { Report } from "../interop/report.ts";
import { pause } from "../interop/until.ts";
import { comeBeforeOthers } from "./before-others.ts";
import { ClickEar, Mouth } from "./clicking-phone.ts";
import { clicksIn, type Heard, heardBy, hearIn, type Said, speaksOpusAlone } from "./clicks.ts";
import { LossyLink } from "./lossy-link.ts";
import { openElsewhere } from "./other-network.ts";
import { Person } from "./person.ts";

const HERE = "10.77.0.1";
const THERE = "10.77.0.2";
/** Chromium sends with FEC once it was told of losses, which takes some reports. */
const SETTLE_MS = 6000;

/** A page and a phone have G.711 in common, which is passed on; of Opus all is coded anew. */
export type Way = "page ↔ page" | "page ↔ phone" | "page with Opus alone ↔ phone";

export interface Wish {
  readonly what: Said;
  /** Of the packets each way between the first page and all others, from 0 to 1. */
  readonly loss: number;
  readonly seconds: number;
}

/** What one end heard, and when the other one said it. */
export interface End extends Heard {
  readonly name: string;
  readonly said: readonly number[];
  /** Of the packets on the lossy line, from 0 to 1. */
  readonly lost: number;
}

export class MouthToEar {
  readonly #stage: BridgeStage;
  readonly #folder: string;
  readonly #isBeforeOthers: boolean;
  #nth = 0;
  #giveWay = (): void => {};

  private constructor(stage: BridgeStage, folder: string, isBeforeOthers: boolean) {
    this.#stage = stage;
    this.#folder = folder;
    this.#isBeforeOthers = isBeforeOthers;
  }

  static async open(folder: string, report: Report, isBeforeOthers: boolean): Promise<MouthToEar> {
    const stage = await BridgeStage.open(folder, "house", report, { host: "0.0.0.0" });
    return new MouthToEar(stage, folder, isBeforeOthers);
  }

  close(): Promise<string> {
    return this.#stage.close();
  }

  async talk(way: Way, wish: Wish): Promise<readonly End[]> {
    if (wish.loss === 0) return this.#talk(way, wish, {});
    const origin = `http://${HERE}:8080`;
    const { browser, pid } = await openElsewhere(this.#folder, origin);
    const link = new LossyLink({ pid, here: HERE, there: THERE, loss: 0 });
    try {
      const onTalk = (): void => link.lose(wish.loss);
      const ends = await this.#talk(way, wish, { browser, origin, onTalk });
      return ends.map((end) => ({ ...end, lost: link.count.lost / link.count.packets }));
    } finally {
      link.close();
      await browser.close();
    }
  }

  #talk(way: Way, wish: Wish, place: Place): Promise<readonly End[]> {
    const at = { ...place, hasOpusAlone: way === "page with Opus alone ↔ phone" };
    const talk = way === "page ↔ page" ? this.#pages(wish, at) : this.#pageAndPhone(wish, at);
    return talk.finally(() => this.#giveWay());
  }

  async #pages(wish: Wish, place: Place): Promise<readonly End[]> {
    const one = await this.#page(wish, place);
    const other = await this.#page(wish, {});
    await one.sees(other.name, "Online");
    await one.calls(other.name, "voice");
    await other.isCalledBy(one.name, "voice");
    await other.answers("voice");
    await Promise.all([one.isConnected(), other.isConnected()]);
    await this.#settle(place);
    await Promise.all([hearIn(one.page), hearIn(other.page)]);
    await pause(1000 * wish.seconds);
    const [at, there] = [await heardBy(one.page), await heardBy(other.page)];
    await one.hangsUp();
    await Promise.all([one.page.close(), other.page.close()]);
    return [
      { name: "one page", ...at, said: there.said, lost: 0 },
      { name: "the other page", ...there, said: at.said, lost: 0 },
    ];
  }

  async #pageAndPhone(wish: Wish, place: Place): Promise<readonly End[]> {
    const name = `Phone ${++this.#nth}`;
    const { user, password } = await this.#stage.house.addDeskPhone(name);
    const [mouth, ear] = [new Mouth(wish.what), new ClickEar()];
    const phone = await Phone.open({
      ...{ aor: `sip:${user}@${DOMAIN}`, password, server: { host: "127.0.0.1", port: 5060 } },
      local: { host: "127.0.0.1", port: 0 },
      voice: { source: () => mouth, sink: ear, codecs: [pcma, pcmu] },
    });
    await phone.register();
    const person = await this.#page(wish, place);
    try {
      void answerAll(phone);
      await person.sees(name, "Online");
      await person.calls(name, "voice");
      await person.isConnected();
      await this.#settle(place);
      await hearIn(person.page);
      ear.forget();
      await pause(1000 * wish.seconds);
      const at = await heardBy(person.page);
      const there = { clicks: [...ear.clicks], gapsMs: [...ear.gapsMs] };
      await person.hangsUp();
      return [
        { name: "the page", ...at, said: mouth.said, lost: 0 },
        { name: "the phone", ...there, said: at.said, lost: 0 },
      ];
    } finally {
      await Promise.all([phone.close(), person.page.close()]);
    }
  }

  async #settle(place: Place): Promise<void> {
    if (this.#isBeforeOthers) this.#giveWay = comeBeforeOthers();
    place.onTalk?.();
    await pause(SETTLE_MS);
  }

  async #page({ what }: Wish, place: Place): Promise<Person> {
    const tab = await this.#stage.tab(`Page ${++this.#nth}`, { ...place, bypassCSP: true });
    await clicksIn(tab.page, what);
    if (place.hasOpusAlone) await speaksOpusAlone(tab.page);
    const person = new Person(tab.label, tab);
    await person.joins(this.#stage.link(place));
    return person;
  }
}

interface Place {
  readonly browser?: Browser;
  readonly origin?: string;
  /** The page's, towards a phone. */
  readonly hasOpusAlone?: boolean;
  /** Once both are in the call. */
  readonly onTalk?: () => void;
}

async function answerAll(phone: Phone<VoiceMedia>): Promise<void> {
  for await (const call of phone.calls()) {
    // What it does not speak it refuses, and then is called by the bridge.
    await call.answer({ audio: true, video: false }).catch(() => {});
  }
}
