/** Whether this person can be called right now, in words, with what is happening about it. */
import type { PhoneState } from "carillon";

export interface RegistrationWords {
  readonly tone: "live" | "waiting" | "off";
  /** Two or three words for beside the picture. */
  readonly short: string;
  readonly long: string;
}

export function registrationWords(state: PhoneState): RegistrationWords {
  switch (state.name) {
    // A page has a server always.
    case "Listening":
    case "Registered":
      return { tone: "live", short: "Online", long: "You can call and be called." };
    case "Connecting":
      return { tone: "waiting", short: "Connecting", long: connecting(state.error?.message) };
    case "Offline":
      return {
        tone: "off",
        short: "Offline",
        long: "This page is signed off. Reload it to be called again.",
      };
    case "Failed":
      return { tone: "off", short: "Not connected", long: failed(state.error.code) };
  }
}

function connecting(because: string | undefined): string {
  if (because === undefined) return "Connecting to the house.";
  return `${because} The page tries again by itself; check your network.`;
}

function failed(code: string): string {
  if (code === "SIP_UNAUTHORIZED" || code === "SIP_FORBIDDEN") {
    return "The house does not know this seat any more. Ask for a new invite link.";
  }
  if (code === "SIP_TRANSPORT" || code === "SIP_TIMEOUT") {
    return "The house does not answer. Check your network, then reload the page.";
  }
  return "Signing in did not work. Reload the page to try again.";
}
