/** What a story happens on: one house, one browser profile, tabs that come and go. */
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { House } from "./house.ts";
import { Person } from "./person.ts";
import { atRest } from "./screen.ts";
import { StoryLog } from "./story-log.ts";
import { Tab } from "./tab.ts";

export interface StageOptions {
  readonly browser: Browser;
  /** For this story alone. */
  readonly folder: string;
  /** Where pictures of screens are kept, if they are. */
  readonly pictures: string | undefined;
}

export class Stage {
  readonly house: House;
  readonly log = new StoryLog();
  readonly #options: StageOptions;
  readonly #contexts: BrowserContext[] = [];
  readonly #tabs: Tab[] = [];
  readonly #expected: RegExp[] = [];

  constructor(options: StageOptions) {
    this.#options = options;
    this.house = new House(join(options.folder, "data"), this.log);
  }

  /** For this story alone. */
  get folder(): string {
    return this.#options.folder;
  }

  /** The tabs that are still open. */
  get tabs(): readonly Tab[] {
    return this.#tabs.filter(({ page }) => !page.isClosed());
  }

  /** The profile that all tabs share; the first wish decides how it looks. */
  async profile(wish: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#contexts[0] ?? this.newProfile(wish);
  }

  /** A browser that knows nothing yet. */
  async newProfile(wish: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.#options.browser.newContext({
      permissions: ["microphone", "camera"],
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      ...wish,
    });
    this.#contexts.push(context);
    return context;
  }

  async open(label: string, context?: BrowserContext): Promise<Tab> {
    const tab = await Tab.open(context ?? (await this.profile()), label, this.log);
    this.#tabs.push(tab);
    return tab;
  }

  /** A new person in a tab of their own. */
  async joins(name: string, context?: BrowserContext, link?: string): Promise<Person> {
    const person = new Person(name, await this.open(name, context));
    await person.joins(link ?? this.house.invite);
    return person;
  }

  /** Two people who see each other online, in two tabs of one browser. */
  async join2(first: string, second: string): Promise<readonly [Person, Person]> {
    const one = await this.joins(first);
    const other = await this.joins(second);
    await Promise.all([one.sees(second, "Online"), other.sees(first, "Online")]);
    return [one, other];
  }

  /** The same person in one more tab; in a browser that knows nothing yet, if one is given. */
  async another(person: Person, profile?: BrowserContext): Promise<Person> {
    const nth = this.#tabs.filter(({ label }) => label.startsWith(person.name)).length + 1;
    const own = person.page.context();
    await profile?.addCookies(await own.cookies());
    const tab = await this.open(`${person.name} (tab ${nth})`, profile ?? own);
    await tab.page.goto(person.page.url());
    const same = new Person(person.name, tab);
    await same.isOnline();
    return same;
  }

  /** An error on the console that belongs to this story. */
  expects(fault: RegExp): void {
    this.#expected.push(fault);
  }

  faults(): readonly string[] {
    const pages = this.#tabs.flatMap(({ label, faults }) => faults.map((it) => `${label}: ${it}`));
    const house = this.log.lines.filter((line) =>
      / house: .*"level":"?(?:50|60|error|fatal)/.test(line),
    );
    return [...pages, ...house].filter((it) => !this.#expected.some((one) => one.test(it)));
  }

  /** Keeps a picture of this screen, if anybody wants pictures. */
  async picture(name: string, page: Page): Promise<void> {
    const { pictures } = this.#options;
    if (pictures === undefined) return;
    await atRest(page);
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#contexts.map((context) => context.close()));
    await this.house.stop();
  }
}
