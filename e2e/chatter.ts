/** Somebody who writes and reads: what they do in the chat, and what they then see. */
import type { Locator, Page } from "playwright-core";
import type { Person } from "./person.ts";
import { type Patience, until, untilSo } from "./until.ts";

export type Tick = "Waiting" | "Sent" | "Delivered" | "Displayed" | "Failed";

export class Chatter {
  readonly person: Person;
  readonly page: Page;

  constructor(person: Person) {
    this.person = person;
    this.page = person.page;
  }

  get label(): string {
    return this.person.label;
  }

  /** From the list of people, as somebody does it the first time. */
  async opens(other: string): Promise<void> {
    await this.rail("People").click();
    await this.person.row(other).locator("bdi").first().click();
    await this.person.button("Message").click();
    await this.composer.waitFor();
  }

  /** From the list of conversations. */
  async goesTo(title: string): Promise<void> {
    await this.rail("Chat").click();
    await this.row(title).click();
    await this.composer.waitFor();
  }

  rail(name: string): Locator {
    return this.page.getByRole("navigation").getByRole("button", { name });
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: /^Message to / });
  }

  /** The conversation in the list. */
  row(title: string): Locator {
    const list = this.page.getByRole("region", { name: "Conversations" });
    return list.getByRole("listitem").getByRole("button").filter({ hasText: title });
  }

  get messages(): Locator {
    return this.page.getByRole("list", { name: "Messages", exact: true }).getByRole("listitem");
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text });
  }

  async writes(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.composer.press("Enter");
    await this.message(text).last().waitFor();
  }

  /** Waits until this stands in the conversation; resolves to how long it took. */
  async reads(text: string, patience?: Patience): Promise<number> {
    const there = async (): Promise<boolean> => (await this.message(text).count()) > 0;
    return untilSo(`${this.label} reads “${text}”`, there, patience);
  }

  /** Waits until a message of their own has come so far. */
  async sees(text: string, tick: Tick, patience?: Patience): Promise<number> {
    let last = "no mark";
    const mark = this.message(text).last().getByTestId("tick");
    const has = async (): Promise<boolean> => {
      last = (await mark.getAttribute("data-state").catch(() => null)) ?? last;
      return last === tick;
    };
    return untilSo(`${this.label} sees “${text}” ${tick}`, has, patience).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${last}`);
    });
  }

  /** Waits for the words beside the mark. */
  async isTold(text: string, words: string, patience?: Patience): Promise<void> {
    let last = "";
    const mark = this.message(text).last().getByTestId("tick");
    const has = async (): Promise<boolean> => {
      last = (await mark.textContent()) ?? "";
      return last.includes(words);
    };
    await untilSo(`${this.label} is told “${words}” of “${text}”`, has, patience).catch(
      (error: Error) => {
        throw new Error(`${error.message}; it says “${last}”`);
      },
    );
  }

  async seesTyping(words: string): Promise<number> {
    const line = this.page.getByTestId("typing");
    const has = async (): Promise<boolean> => ((await line.textContent()) ?? "").includes(words);
    return untilSo(`${this.label} sees “${words}”`, has);
  }

  async seesNobodyTyping(patience?: Patience): Promise<void> {
    const line = this.page.getByTestId("typing");
    const none = async (): Promise<boolean> => (await line.textContent()) === "";
    await untilSo(`${this.label} sees nobody typing`, none, patience);
  }

  /** What can be done with a message. */
  async does(action: string, text: string): Promise<void> {
    const row = this.message(text).last();
    await row.hover();
    await row.getByRole("button", { name: /^More for / }).click();
    await this.page.getByRole("menuitem", { name: action }).click();
  }

  async makesGroup(title: string, members: readonly string[]): Promise<void> {
    await this.rail("Chat").click();
    await this.person.button("New group").click();
    await this.page.getByLabel("Name of the group").fill(title);
    for (const name of members) await this.page.getByRole("checkbox", { name }).check();
    await this.person.button(/^Make the group/).click();
    await this.composer.waitFor();
  }

  /** How much the tab's title says is unread. */
  async unreadInTitle(): Promise<number> {
    return Number(/^\((\d+)\)/.exec(await this.page.title())?.[1] ?? 0);
  }

  async hasUnread(count: number, patience?: Patience): Promise<void> {
    const has = async (): Promise<boolean> => (await this.unreadInTitle()) === count;
    await untilSo(`the title of ${this.label} says ${count} unread`, has, patience);
  }

  /** Chooses files, as the dialog of the browser gives them. */
  async attaches(files: Parameters<Locator["setInputFiles"]>[0]): Promise<void> {
    await this.page.getByLabel("Files to attach").setInputFiles(files);
  }

  /** The address of the newest group or person, as the page knows it. */
  async lastText(): Promise<string> {
    return until(`${this.label} has a message`, async () => {
      return (await this.messages.last().textContent()) ?? undefined;
    });
  }
}
