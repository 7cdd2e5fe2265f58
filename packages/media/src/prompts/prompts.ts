/** Words and announcements that come with the package, in English: Opus in Ogg, a file each. */
import { fileURLToPath } from "node:url";

/** The folder of what is said in this language. */
export const PROMPTS: string = fileURLToPath(new URL("en/", import.meta.url));

/** Where a word or announcement is: `ten`, `goodbye`. Throws a RangeError for what is no name. */
export function promptPath(name: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(name)) throw new RangeError(`${name} is no name of a prompt`);
  return `${PROMPTS}${name}.opus`;
}

/** What there is beside the words of the clock, and what it says. */
export const ANNOUNCEMENTS: ReadonlyMap<string, string> = new Map([
  ["echo", "This is the echo test. Speak, and you will hear yourself a moment later."],
  ["welcome", "Welcome."],
  ["goodbye", "Goodbye."],
  ["busy", "The person you are calling is on another call. Please try again later."],
  ["unavailable", "The person you are calling is not available. Please try again later."],
  ["unknown", "This number is not known here. Please check it, and call again."],
  ["closed", "Nobody is here to take your call at this time. Please try again later."],
  ["please-wait", "Please wait. Your call will be taken soon."],
  ["recorded", "This call is recorded."],
  ["test", "This is a test of the sound. One, two, three."],
]);
