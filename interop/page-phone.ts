/** Somebody at a page of the house, as a phone among phones: says a tone, keeps what it hears. */
import type { Page } from "playwright-core";
import { Person } from "../e2e/person.ts";
import type { Tab } from "../e2e/tab.ts";
import { tonesIn } from "../e2e/tone-page.ts";
import { DOMAIN } from "./house.ts";
import { heardIn, isListeningIn, listenIn } from "./page-ear.ts";
import { secondsOf } from "./tone.ts";

export class PagePhone {
  readonly person: Person;
  readonly toneHz: number;

  private constructor(person: Person, toneHz: number) {
    this.person = person;
    this.toneHz = toneHz;
  }

  /** Resolves once the person who was invited by this link is online. */
  static async open(tab: Tab, name: string, toneHz: number, link: string): Promise<PagePhone> {
    await tonesIn(tab.page, toneHz);
    const person = new Person(name, tab);
    await person.joins(link);
    return new PagePhone(person, toneHz);
  }

  get name(): string {
    return this.person.name;
  }

  get page(): Page {
    return this.person.page;
  }

  get uri(): string {
    return `sip:${this.name.toLowerCase()}@${DOMAIN}`;
  }

  /** From here on. */
  listen(): Promise<void> {
    return listenIn(this.page);
  }

  /** Whether what it listens to is its newest connection. */
  isListening(): Promise<boolean> {
    return isListeningIn(this.page);
  }

  heard(): Promise<Float64Array> {
    return heardIn(this.page);
  }

  /** How long this tone, and as good as nothing else, was heard since. */
  async heardSeconds(toneHz: number): Promise<number> {
    return secondsOf(toneHz, await this.heard());
  }

  /** Keys of the keypad, typed one after the other. */
  async presses(keys: string): Promise<void> {
    await this.person.button("More").click();
    await this.person.button("Keypad").click();
    // Nothing is typed before it is there.
    await this.person.button("1").waitFor();
    for (const key of keys) await this.page.keyboard.press(key);
    await this.page.keyboard.press("Escape");
  }

  /** How the sound travels: the kinds of the two candidates, and the protocol. */
  way(): Promise<PageWay> {
    return this.page.evaluate(async () => {
      const open = window.connections?.filter(({ signalingState }) => signalingState !== "closed");
      const stats = await open?.at(-1)?.getStats();
      const all = [...(stats?.values() ?? [])];
      const transport = all.find(({ type }) => type === "transport");
      const pair = all.find(({ id }) => id === transport?.selectedCandidatePairId);
      const local = all.find(({ id }) => id === pair?.localCandidateId);
      const remote = all.find(({ id }) => id === pair?.remoteCandidateId);
      const inbound = all.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
      const codec = all.find(({ id }) => id === inbound?.codecId);
      return {
        local: `${local?.candidateType}`,
        at: `${local?.address}:${local?.port}`,
        remote: `${remote?.address}:${remote?.port}`,
        codec: `${codec?.mimeType}`.replace("audio/", ""),
      };
    });
  }
}

export interface PageWay {
  /** `host`, `srflx`, `prflx`, `relay`. */
  readonly local: string;
  readonly at: string;
  readonly remote: string;
  readonly codec: string;
}
