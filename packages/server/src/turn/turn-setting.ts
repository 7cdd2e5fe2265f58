/** What `--turn` says: `on`, `off`, or where another server is. RFC 7064, RFC 7065. */

/** A server of our own or none; or the URLs of another one. */
export type TurnSetting = "on" | "off" | readonly string[];

/** `turn:turn.example:3478?transport=udp`; a host may be an IPv6 address in brackets. */
const URL_FORM = new RegExp(
  "^(?:stun|turn)s?:(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::\\d{1,5})?" +
    "(?:\\?transport=(?:udp|tcp))?$",
);

/** Undefined for what is none of it. */
export function readTurn(text: string): TurnSetting | undefined {
  if (text === "on" || text === "off") return text;
  const urls = text.split(",").map((url) => url.trim());
  return urls.length <= 8 && urls.every((url) => URL_FORM.test(url)) ? urls : undefined;
}
