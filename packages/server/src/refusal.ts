/**
 * Why something was not done, in words a person can act on: what happened, why, what to do.
 *
 * One table, so that the page, the command line and the log speak alike. A refusal is a value and
 * travels in an Outcome; nothing is thrown for what a person or a peer did.
 */
export interface Refusal {
  readonly code: RefusalCode;
  /** The HTTP status the page gets it with. */
  readonly status: number;
  /** What happened and why. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

export type RefusalCode = keyof typeof table;

/** A refusal from the table; a caller that knows more gives its own words. */
export function refusal(
  code: RefusalCode,
  words: { readonly message?: string; readonly hint?: string } = {},
): Refusal {
  return { code, ...table[code], ...words };
}

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value });

export const refused = (
  code: RefusalCode,
  words?: { readonly message?: string; readonly hint?: string },
): { readonly ok: false; readonly refusal: Refusal } => ({
  ok: false,
  refusal: refusal(code, words),
});

const askAgain = "Ask the person who invited you for a new link.";

const table = {
  NAME_TAKEN: {
    status: 409,
    message: "Somebody here already has this name.",
    hint: "Choose another, for instance with your family name.",
  },
  NAME_INVALID: {
    status: 422,
    message: "A name has 1 to 64 characters, and at least one letter or digit.",
    hint: "Type the name the others know you by.",
  },
  INVITE_UNKNOWN: {
    status: 404,
    message: "This invite link is not one of ours; a letter may be missing.",
    hint: `Open the whole link again. ${askAgain}`,
  },
  INVITE_USED: {
    status: 410,
    message: "Everyone this invite link was made for has joined.",
    hint: askAgain,
  },
  INVITE_EXPIRED: {
    status: 410,
    message: "This invite link is too old.",
    hint: askAgain,
  },
  HOUSE_FULL: {
    status: 403,
    message: "This house is full.",
    hint: "Ask its owner to remove somebody who no longer calls.",
  },
  HOUSE_FIXED: {
    status: 409,
    message: "This house already has another domain.",
    hint: "Leave out --domain, or choose another folder with --data.",
  },
  LABEL_INVALID: {
    status: 422,
    message: "A phone's name has up to 64 characters, all of which can be printed.",
    hint: "Choose another, such as Kitchen.",
  },
  TOO_MANY_PHONES: {
    status: 409,
    message: "This person has as many phones as one person can have.",
    hint: "Remove one that is no longer used.",
  },
  PHONE_UNKNOWN: {
    status: 404,
    message: "This person has no such phone.",
    hint: "Look at the list again: it may be removed already.",
  },
  PHONE_AMBIGUOUS: {
    status: 409,
    message: "Several phones of this person are called that.",
    hint: "Say which one by its id, as the list has it.",
  },
  PERSON_UNKNOWN: {
    status: 404,
    message: "Nobody of this name lives here.",
    hint: "Who does is listed by: carillon user list",
  },
  ADDRESS_INVALID: {
    status: 422,
    message: "This is no SIP address.",
    hint: "Write it as anna@house.example, or the name alone for somebody of this house.",
  },
  NOTE_INVALID: {
    status: 422,
    message: "A note has up to 200 characters, all of which can be printed.",
    hint: "Make it shorter.",
  },
  TOO_MANY_CONTACTS: {
    status: 422,
    message: "These are more contacts than one person can list.",
    hint: "Leave out some that are no longer called.",
  },
  TOO_MANY_RULES: {
    status: 422,
    message: "These are more rules than one person can have.",
    hint: "Leave out some; what holds for everybody else needs no rule of its own.",
  },
  GROUP_UNKNOWN: {
    status: 404,
    message: "You are in no group of this name.",
    hint: "Look at the list again: you may have been taken out.",
  },
  GROUP_TAKEN: {
    status: 409,
    message: "There is a group of this name already.",
    hint: "Choose another name; what is shown is the title.",
  },
  GROUP_INVALID: {
    status: 422,
    message: "A group has 3 to 200 people.",
    hint: "Choose people who live here, at least two beside yourself.",
  },
  GROUP_FORBIDDEN: {
    status: 403,
    message: "Only its owner changes a group.",
    hint: "Ask them; you can leave it yourself.",
  },
  STORE_BUSY: {
    status: 503,
    message: "The server's disk is too slow at the moment; nothing was changed.",
    hint: "Try again in a few seconds.",
  },
  SIGNED_OUT: {
    status: 401,
    message: "You are not signed in under this name in this browser.",
    hint: "Open an invite link to join.",
  },
  ORIGIN_REFUSED: {
    status: 403,
    message: "This request came from a page that is not Carillon's own.",
    hint: "Open the page at the address that was printed. Behind a proxy, start it with --domain.",
  },
  NOT_JSON: {
    status: 415,
    message: "This request is not JSON.",
    hint: "Send it with content-type: application/json.",
  },
  BAD_REQUEST: {
    status: 400,
    message: "This request could not be read.",
    hint: "Reload the page and try again.",
  },
  TOO_LARGE: {
    status: 413,
    message: "This request is larger than anything expected here.",
    hint: "Reload the page and try again.",
  },
  TOO_MANY_TRIES: {
    status: 429,
    message: "There were too many tries from your address.",
    hint: "Wait a minute, then try again.",
  },
  BANNED: {
    status: 403,
    message: "Your address is not listened to for a while: too much was tried from it.",
    hint: "Wait, or ask the owner of this house, who can lift it: carillon bans lift ADDRESS",
  },
  BAN_UNKNOWN: {
    status: 404,
    message: "This address is not banned.",
    hint: "Which ones are is listed by: carillon bans list",
  },
  BAN_ADDRESS_INVALID: {
    status: 422,
    message: "This is no IP address.",
    hint: "Write it as 192.0.2.7 or 2001:db8::7; of an IPv6 address its network of 64 bits counts.",
  },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    message: "There are too many connections already.",
    hint: "Close other tabs with this page, then reload.",
  },
  NOT_SIP: {
    status: 400,
    message: "This address speaks SIP over WebSocket only.",
    hint: "Connect with the WebSocket subprotocol sip.",
  },
  WEB_SOCKET_VERSION: {
    status: 426,
    message: "Only version 13 of the WebSocket protocol is spoken here.",
    hint: "Use a client of RFC 6455, as every browser of today is.",
  },
  NOT_MSRP: {
    status: 400,
    message: "This address speaks MSRP over WebSocket only.",
    hint: "Connect with the WebSocket subprotocol msrp.",
  },
  NOT_FOUND: {
    status: 404,
    message: "There is nothing at this address.",
    hint: "Go back to the first page.",
  },
  PUSH_UNKNOWN: {
    status: 400,
    message: "This house does not know your browser's push service.",
    hint: "Whoever runs the house can add it to the configuration, under push.hosts.",
  },
  PAGE_MISSING: {
    status: 503,
    message: "The page has not been built yet.",
    hint: "Start the server with npm start, or run npm run page.",
  },
  FAULT: {
    status: 500,
    message: "The server made a mistake. It has been written to its log.",
    hint: "Try again; if it stays, tell the owner of this house.",
  },
} as const satisfies Record<string, { status: number; message: string; hint: string }>;
