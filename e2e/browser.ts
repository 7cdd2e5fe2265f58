/** Debian's Chromium, with a camera that shows a moving picture and a microphone that beeps. */
import { type Browser, chromium } from "playwright-core";

export const CHROMIUM = "/usr/bin/chromium";

export interface BrowserOptions {
  /** What starts Chromium, where something has to be done before. */
  readonly executablePath?: string;
  readonly flags?: readonly string[];
}

export function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const { executablePath = CHROMIUM, flags = [] } = options;
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags] });
}

const FLAGS = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  // Without it no candidate is gathered where there is only loopback.
  "--allow-loopback-in-peer-connection",
  // Bells ring before anybody has clicked.
  "--autoplay-policy=no-user-gesture-required",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
  "--disable-dev-shm-usage",
];
