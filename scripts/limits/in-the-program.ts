/** What people who live here can make grow in the program: rows of docs/limits.md. */
import { type Kept, kept, STORE, TURN_OPTIONS } from "./kept.ts";

/** What people who live here, and whom they let in, can make grow in the program. */
export const IN_THE_PROGRAM: readonly Kept[] = [
  kept(
    "server/src/turn/turn-driver.ts",
    "#relays",
    `{${TURN_OPTIONS} allocations} allocations`,
    "one more gets a 486",
  ),
  kept(
    "server/src/turn/turn-caller.ts",
    "#waiting",
    "questions of ours",
    "it goes with the answer",
  ),
  kept(
    "server/src/turn/house-turn.ts",
    "alone",
    "accounts that one call is about",
    "nothing: for the length of one function",
  ),
  kept(
    "server/src/msrp/file-shelf.ts",
    "#files #busy",
    `{accountBytes} MiB of an account; {freeBytes} MiB of the disk stay free`,
    "one more is refused",
  ),
  kept(
    "server/src/msrp/file-box.ts",
    "#busy",
    `{MAX_AT_ONCE} of an account at a time`,
    "one more gets a 486",
  ),
  kept(
    "server/src/http/people-feed.ts",
    "#listeners",
    `{MAX_PER_PERSON} pages of a person`,
    "the oldest",
  ),
  kept(
    "server/src/http/message-routes.ts",
    "busy",
    "people who fetch an export",
    "one more of the same person is refused",
  ),
  kept(
    "server/src/presence/house-calls.ts",
    "#calls #byAccount #away #unsaved",
    `{calls} calls`,
    "one more is not followed",
  ),
  kept(
    "server/src/presence/house-presence.ts",
    "#due",
    "accounts",
    "nothing: it is emptied once a turn",
  ),
  kept(
    "server/src/presence/askers.ts",
    "#known",
    `{MAX_OWNERS} accounts, {MAX_ASKERS} of each`,
    "all of them: they are on the disk",
  ),
  kept(
    "server/src/bridge/lines/house-lines.ts",
    "#open #each",
    "calls and callsEach of the configuration",
    "one more gets a 503, or a 486",
  ),
  kept(
    "server/src/bridge/lines/announcement-shelf.ts",
    "*",
    `{MAX_FILES} files of the operator`,
    "what is more is left out",
  ),
  kept(
    `${STORE}/accounts.ts`,
    "#persons #phones",
    `{MAX_NAMES} names that were asked for`,
    "all of them: they are on the disk",
  ),
  kept(
    `${STORE}/presence-store.ts`,
    "#known",
    `{MAX_REMEMBERED} accounts`,
    "all of them: they are on the disk",
  ),
  kept(
    `${STORE}/sessions.ts`,
    "#entries",
    "pages of people: who joins needs an invite, which has a number of uses",
    "those that are too old",
  ),
  kept(
    `${STORE}/write-queue.ts`,
    "#waiting #writing",
    `{waiting} changes`,
    "one more gets a 503 with Retry-After",
  ),
  kept(
    `${STORE}/house-location.ts`,
    "#inFlight",
    "changes that wait for the disk",
    "one more gets a 503",
  ),
  kept(
    `${STORE}/house-location.ts`,
    "#closed #revoked #unsure #met",
    `{MAX_REMEMBERED} names`,
    "the oldest",
  ),
  kept(
    `${STORE}/binding-image.ts`,
    "*",
    "bindings",
    "the device's own oldest; one more gets a 403",
  ),
  kept(
    `${STORE}/packed-bindings.ts`,
    "*",
    "addresses of this machine that bindings came to",
    "nothing: no peer adds one",
  ),
  kept(
    `${STORE}/written-behind.ts`,
    "#next #writing",
    "calls and legs that are followed, and people",
    "nothing: of each the last is written until it is there",
  ),
  kept(
    `${STORE}/database.ts`,
    "#statements #writes",
    "statements that the sources have",
    "nothing: no peer adds one",
  ),
  kept(
    `${STORE}/messages/cursors.ts`,
    "#ahead #dropped",
    "registered devices",
    "they are written down",
  ),
  kept(`${STORE}/`, "*", "what one statement reads, for the length of one function", "nothing"),
  kept(
    "server/src/push/push-queue.ts",
    "#timers",
    "{MAX_WAITING} pushes that wait, and 16 that are sent",
    "one more is not sent",
  ),
];
