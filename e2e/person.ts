/** Somebody at a tab of the page: what they do with it and what they see, in their own words. */
import type { Locator, Page } from "playwright-core";
import { arrived, seesAndHears } from "./media.ts";
import type { Tab } from "./tab.ts";
import { type Patience, until, untilSo } from "./until.ts";

export type Kind = "voice" | "video";

/** What the list says of somebody; the last while the line to the house is down. */
type Presence = "Online" | "Offline" | "On the phone" | "Away" | "Busy" | "Not known just now";

export class Person {
  readonly name: string;
  readonly tab: Tab;
  readonly page: Page;

  constructor(name: string, tab: Tab) {
    this.name = name;
    this.tab = tab;
    this.page = tab.page;
  }

  /** Who is reading a failure wants to know which tab it was. */
  get label(): string {
    return this.tab.label;
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  get status(): Locator {
    return this.page.getByTestId("call-status");
  }

  /**
   * Opens the link, types a name and Enter, and is online. Chromium may lose a click that comes
   * within its first frames: one in a thousand did nothing at all.
   */
  async joins(link: string): Promise<void> {
    await this.page.goto(link);
    const name = this.page.getByLabel("Your name");
    await name.fill(this.name);
    await name.press("Enter");
    await this.isOnline();
  }

  async isOnline(patience?: Patience): Promise<number> {
    const you = this.button(new RegExp(`^You, ${this.name}: ?Online$`));
    return untilSo(`${this.label} is online`, () => you.isVisible(), patience);
  }

  /** Waits until the list shows this person so. */
  async sees(other: string, presence: Presence, patience?: Patience): Promise<number> {
    const row = this.row(other).getByText(presence, { exact: true });
    const what = `${this.label} sees ${other} ${presence.toLowerCase()}`;
    return untilSo(what, async () => (await row.count()) > 0, patience);
  }

  /** Waits until the page would not even try to call them. */
  async cannotCall(other: string): Promise<void> {
    const button = this.button(`Voice call ${other}`);
    await untilSo(`${this.label} cannot call ${other}`, () => button.isDisabled());
  }

  row(other: string): Locator {
    const voice = this.page.getByRole("button", { name: `Voice call ${other}`, exact: true });
    return this.page.getByRole("listitem").filter({ has: voice });
  }

  async calls(other: string, kind: Kind): Promise<void> {
    await this.button(`${kind === "video" ? "Video" : "Voice"} call ${other}`).click();
  }

  async isCalledBy(other: string, kind: Kind): Promise<void> {
    const dialog = this.page.getByRole("alertdialog", { name: other });
    await dialog.waitFor();
    await this.reads(`Incoming ${kind} call`);
  }

  async answers(kind: Kind): Promise<void> {
    await this.button(`Answer with ${kind}`).click();
  }

  async declines(): Promise<void> {
    await this.button("Decline").click();
  }

  async hangsUp(): Promise<void> {
    await this.button("Hang up").click();
  }

  async isConnected(): Promise<void> {
    await this.reads("Connected");
  }

  /** Waits until the call in front is with this person. */
  async isInCallWith(other: string, patience?: Patience): Promise<number> {
    const call = this.page.getByRole("region", { name: `Call with ${other}` });
    return untilSo(`${this.label} is in a call with ${other}`, () => call.isVisible(), patience);
  }

  /** Width to height of what comes from the other side, in whatever size; 0 if nothing does. */
  async pictureShape(): Promise<number> {
    const { width, height } = await arrived(this.page);
    return height === 0 ? 0 : Math.round((100 * width) / height) / 100;
  }

  /** Waits until the words stand where the call is told about. */
  async reads(words: string, patience?: Patience): Promise<number> {
    let last = "";
    const said = async (): Promise<boolean> => {
      const texts = await this.status.allTextContents();
      last = texts.join(" | ") || last;
      return texts.some((text) => text.includes(words));
    };
    return untilSo(`${this.label} reads “${words}”`, said, patience).catch((error: Error) => {
      throw new Error(`${error.message}; last read “${last}”`);
    });
  }

  /** Waits for a line anywhere on the page. */
  async isTold(words: string | RegExp, patience?: Patience): Promise<number> {
    const line = this.page.getByText(words).filter({ visible: true });
    const what = `${this.label} is told ${words}`;
    return untilSo(what, async () => (await line.count()) > 0, patience);
  }

  async isNotRung(patience?: Patience): Promise<number> {
    const dialog = this.page.getByRole("alertdialog");
    const gone = async (): Promise<boolean> => (await dialog.count()) === 0;
    return untilSo(`${this.label} is not rung any more`, gone, patience);
  }

  /** More than 30 frames and a second and a half of sound since now. */
  seesAndHears(): Promise<string> {
    return seesAndHears(this.page, this.name, { frames: 31, audioSeconds: 1.5 });
  }

  /** Milliseconds until a fifth of a second of sound has come since now, loud or not. */
  async hearsAgain(patience?: Patience): Promise<number> {
    const { audioPackets } = await arrived(this.page);
    const has = async () => (await arrived(this.page)).audioPackets > audioPackets + 10;
    return untilSo(`${this.label} hears again`, has, patience);
  }

  hears(): Promise<string> {
    return seesAndHears(this.page, this.name, { frames: 0, audioSeconds: 1.5 });
  }

  async seesNoPicture(): Promise<void> {
    const { framesDecoded } = await arrived(this.page);
    if (framesDecoded > 0) throw new Error(`${this.label} decoded ${framesDecoded} frames`);
  }

  async isPressed(button: string, pressed: boolean): Promise<void> {
    const wanted = String(pressed);
    const is = async (): Promise<boolean> =>
      (await this.button(button).getAttribute("aria-pressed")) === wanted;
    await untilSo(`“${button}” of ${this.label} has aria-pressed=${wanted}`, is);
  }

  /** A SIP message this tab received that the words are found in. */
  async received(what: string, matches: (text: string) => boolean): Promise<string> {
    const find = (): string | undefined =>
      this.tab.frames.find(({ way, text }) => way === "received" && matches(text))?.text;
    return until(`${this.label} receives ${what}`, find);
  }
}
