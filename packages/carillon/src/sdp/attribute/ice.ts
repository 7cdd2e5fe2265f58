/** ICE's attributes beside candidates. RFC 8839 §5.3 to §5.6. */
import { MAX_UINT32 } from "../limits.ts";
import type { Line } from "../line.ts";
import { isIceChars, readInteger, splitList } from "../sdp-chars.ts";
import {
  type AttributeType,
  flagAttribute,
  readAttribute,
  valueAttribute,
} from "./attribute-type.ts";

//= RFC 8839 §5.4
//# an implementation MUST accept up to 256 characters when receiving
const MAX_ICE_CHARS = 256;

/** `a=ice-ufrag`: `ufrag = 4*256ice-char`. We send 32 at most. RFC 8839 §5.4. */
export const iceUfrag: AttributeType<string> = iceText("ice-ufrag", 4);

/** `a=ice-pwd`: `password = 22*256ice-char`. RFC 8839 §5.4. */
export const icePwd: AttributeType<string> = iceText("ice-pwd", 22);

function iceText(name: string, min: number): AttributeType<string> {
  return valueAttribute({
    name,
    source: "RFC 8839 §5.4",
    expected: `${min} to ${MAX_ICE_CHARS} letters, digits, + or /`,
    read: (text) =>
      text.length >= min && text.length <= MAX_ICE_CHARS && isIceChars(text) ? text : undefined,
    write: String,
  });
}

/**
 * `a=ice-options`: `ice-options = "ice-options:" ice-option-tag *(SP ice-option-tag)`.
 * RFC 8839 §5.6.
 */
export const iceOptions: AttributeType<readonly string[]> = valueAttribute({
  name: "ice-options",
  source: "RFC 8839 §5.6",
  expected: "option tags",
  read: (text) => {
    const tags = splitList(text.trim(), " ");
    // google-ice, of before the RFC, has a hyphen.
    const isTag = (tag: string) => isIceChars(tag.replaceAll("-", "+"));
    return tags?.every(isTag) ? tags : undefined;
  },
  write: (tags) => tags.join(" "),
});

/** `a=ice-pacing`: milliseconds between checks. `pacing-value = 1*10DIGIT`. RFC 8839 §5.5. */
export const icePacing: AttributeType<number> = valueAttribute({
  name: "ice-pacing",
  source: "RFC 8839 §5.5",
  expected: "milliseconds",
  read: (text) => readInteger(text, 0, MAX_UINT32),
  write: String,
});

/** `a=ice-lite`, of the session: its writer answers checks and makes none. RFC 8839 §5.3. */
export const iceLite: AttributeType<true> = flagAttribute("ice-lite", "RFC 8839 §5.3");

/** `a=ice-mismatch`: an address was changed on the way, so there is no ICE. RFC 8839 §5.3. */
export const iceMismatch: AttributeType<true> = flagAttribute("ice-mismatch", "RFC 8839 §5.3");

/** What connectivity checks are signed with. RFC 8839 §5.4. */
export interface IceCredentials {
  /** 4 to 256 letters, digits, `+` or `/`; we send 32 at most. */
  readonly ufrag: string;
  /** 22 to 256 letters, digits, `+` or `/`. */
  readonly pwd: string;
}

//= RFC 8839 §5.4
//# When present in both, the value in the media-level takes precedence.
/**
 * The credentials that hold for a media section: its own, or the session's; undefined without both
 * parts. RFC 8839 §5.4.
 */
export function iceCredentialsOf(
  media: readonly Line[],
  session: readonly Line[],
): IceCredentials | undefined {
  const ufrag = readAttribute(media, iceUfrag) ?? readAttribute(session, iceUfrag);
  const pwd = readAttribute(media, icePwd) ?? readAttribute(session, icePwd);
  return ufrag === undefined || pwd === undefined ? undefined : { ufrag, pwd };
}
