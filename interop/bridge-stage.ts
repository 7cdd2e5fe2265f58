/** What calls through the bridge happen on: a house, pages in Chromium, baresip as desk phones. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { openBrowser } from "../e2e/browser.ts";
import { StoryLog } from "../e2e/story-log.ts";
import { Tab } from "../e2e/tab.ts";
import { Baresip, type BaresipOptions } from "./baresip.ts";
import { type Credentials, House, type HouseOptions } from "./house.ts";
import { PagePhone } from "./page-phone.ts";
import { demand, type Report } from "./report.ts";

/** What takes longer on a page is a failure; a media worker may have to start meanwhile. */
const PAGE_MS = 20_000;

export interface PageOptions {
  /** Another browser than the one of the stage, such as one in another network. */
  readonly browser?: Browser;
  /** The house as this page's network reaches it: `http://192.0.2.1:8080`. */
  readonly origin?: string;
  /** Scripts of a check may run in it, which the page's own policy forbids. */
  readonly bypassCSP?: boolean;
}

export type PhoneOptions = Partial<Omit<BaresipOptions, "credentials" | "folder" | "nth">> & {
  readonly toneHz: number;
};

export class BridgeStage {
  readonly house: House;
  readonly folder: string;
  readonly report: Report;
  readonly log = new StoryLog();
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #phones: Baresip[] = [];
  #nth: number;

  private constructor(house: House, browser: Browser, folder: string, report: Report, nth: number) {
    this.house = house;
    this.#browser = browser;
    this.folder = folder;
    this.report = report;
    this.#nth = nth;
  }

  /** `nth`: of its first desk phone; ports follow from it. */
  static async open(
    above: string,
    name: string,
    report: Report,
    options: HouseOptions & { readonly nth?: number } = {},
  ): Promise<BridgeStage> {
    const folder = join(above, name);
    mkdirSync(folder, { recursive: true });
    const house = await House.start(join(folder, "house"), options);
    return new BridgeStage(house, await openBrowser(), folder, report, options.nth ?? 60);
  }

  /** Somebody new at a page of their own. */
  async page(name: string, toneHz: number, options: PageOptions = {}): Promise<PagePhone> {
    return PagePhone.open(await this.tab(name, options), name, toneHz, this.link(options));
  }

  /** A page in a browser that knows nothing yet, and nothing done with it. */
  async tab(label: string, options: PageOptions = {}): Promise<Tab> {
    const { browser = this.#browser, bypassCSP = false } = options;
    const context = await browser.newContext({
      ...{ permissions: ["microphone", "camera"], locale: "en-GB", bypassCSP },
    });
    this.#contexts.push(context);
    const tab = await Tab.open(context, label, this.log);
    tab.page.setDefaultTimeout(PAGE_MS);
    return tab;
  }

  /** Where somebody new joins the house. */
  link({ origin }: PageOptions = {}): string {
    const link = this.house.invite;
    return origin ? origin + new URL(link).pathname : link;
  }

  /** Somebody new with a desk phone that is registered. */
  async phone(name: string, options: PhoneOptions): Promise<Baresip> {
    return this.phoneOf(await this.house.addDeskPhone(name), options);
  }

  /** The same for somebody who lives here already. */
  async phoneOf(credentials: Credentials, options: PhoneOptions): Promise<Baresip> {
    const phone = await Baresip.start({
      ...{ folder: this.folder, credentials, nth: this.#nth++, answers: true, ...options },
    });
    this.#phones.push(phone);
    await phone.registered();
    return phone;
  }

  /** One check; whatever became of it, nobody is in a call when the next one begins. */
  check(name: string, run: () => Promise<string>, pages: readonly PagePhone[] = []): Promise<void> {
    return this.report.check(name, () => run().finally(() => this.#rest(pages)));
  }

  async #rest(pages: readonly PagePhone[]): Promise<void> {
    for (const phone of this.#phones) await phone.command("hangup").catch(() => {});
    for (const { person } of pages) {
      // Whichever of them is there: a call, a call that rings, the words about one that ended.
      for (const name of ["Hang up", "Decline", "Back"]) {
        await person
          .button(name)
          .first()
          .click({ timeout: 300 })
          .catch(() => {});
      }
    }
  }

  /** Throws if the house had a fault. */
  async close(): Promise<string> {
    writeFileSync(join(this.folder, "pages.log"), `${this.log.lines.join("\n")}\n`);
    for (const phone of this.#phones) await phone.quit().catch(() => {});
    await Promise.allSettled(this.#contexts.map((context) => context.close()));
    await this.#browser.close();
    const code = await this.house.stop();
    const [fault] = this.house.faults;
    demand(fault === undefined && code === 0, `the house: exit code ${code}: ${fault ?? ""}`);
    return "exit code 0";
  }
}
