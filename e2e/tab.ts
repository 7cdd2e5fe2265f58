/** One tab, with everything written down that it says: console, faults, SIP over its WebSocket. */
import type { BrowserContext, Page } from "playwright-core";
import { keepMedia } from "./media.ts";
import type { StoryLog } from "./story-log.ts";

export interface SipFrame {
  readonly way: "sent" | "received";
  readonly text: string;
}

export class Tab {
  readonly page: Page;
  readonly #label: string;
  readonly #log: StoryLog;
  readonly #frames: SipFrame[] = [];
  readonly #faults: string[] = [];

  private constructor(page: Page, label: string, log: StoryLog) {
    this.page = page;
    this.#label = label;
    this.#log = log;
    this.#listen();
  }

  static async open(context: BrowserContext, label: string, log: StoryLog): Promise<Tab> {
    const page = await context.newPage();
    const tab = new Tab(page, label, log);
    await page.addInitScript(keepMedia);
    await page.addInitScript(tellViolations);
    return tab;
  }

  get label(): string {
    return this.#label;
  }

  /** SIP as this tab's browser carried it. */
  get frames(): readonly SipFrame[] {
    return this.#frames;
  }

  /** Errors on the console, uncaught exceptions, violations of the content security policy. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  #listen(): void {
    const { page } = this;
    page.setDefaultTimeout(10_000);
    page.on("console", (message) => {
      const text = `${message.type()}: ${message.text()} ${message.location().url}`.trim();
      this.#write(text);
      if (message.type() === "error") this.#faults.push(text);
    });
    page.on("pageerror", (error) => this.#fault(`uncaught: ${error.stack ?? error.message}`));
    page.on("crash", () => this.#fault("the tab crashed"));
    page.on("websocket", (socket) => {
      this.#write(`websocket opened ${socket.url()}`);
      socket.on("framesent", ({ payload }) => this.#frame("sent", payload));
      socket.on("framereceived", ({ payload }) => this.#frame("received", payload));
      socket.on("close", () => this.#write("websocket closed"));
    });
  }

  #frame(way: SipFrame["way"], payload: string | Buffer): void {
    const text = payload.toString();
    this.#frames.push({ way, text });
    const [head = ""] = text.split("\r\n\r\n");
    this.#write(`${way === "sent" ? "->" : "<-"} ${head.replaceAll("\r\n", "\n     ")}`);
  }

  #fault(text: string): void {
    this.#faults.push(text);
    this.#write(text);
  }

  #write(text: string): void {
    this.#log.write(this.#label, text);
  }
}

/** Runs in the page. */
function tellViolations(): void {
  document.addEventListener("securitypolicyviolation", (event) => {
    const { violatedDirective, blockedURI, sourceFile, lineNumber } = event;
    console.error(`CSP ${violatedDirective}: ${blockedURI} at ${sourceFile}:${lineNumber}`);
  });
}
