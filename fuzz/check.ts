/** What must hold of any octets: nothing throws, and what is written again stays as it is. */
import {
  elements,
  type Frame,
  frame,
  header,
  headerEntry,
  headerLines,
  type Message,
  parseContentType,
  parseMessage,
  parseMultipart,
  parseWebSocketMessage,
  readEssentials,
  startFraming,
} from "carillon/message";
import {
  embeddedHeaders,
  formatNameAddr,
  formatUri,
  parseNameAddr,
  parseUri,
  sameUri,
  sipToTel,
} from "carillon/uri";

/** Reads everything there is to read. True if the message was one. Throws on what must not be. */
export function check(octets: string): boolean {
  parseWebSocketMessage(octets);
  checkFraming(octets);
  const message = parseMessage(octets);
  if (!message.ok) {
    if (/[\r\n]/.test(message.error.message)) throw new Error("a line end in an error's message");
    return false;
  }
  readEssentials(message.value);
  if (message.value.kind === "Request") checkUri(message.value.uri);
  for (const name of new Set(message.value.headers.names)) checkHeader(message.value, name);
  checkBody(message.value);
  return true;
}

/** Reads everything once, as a server that wanted all of it would, and checks nothing. */
export function read(octets: string): void {
  frame(startFraming, octets);
  const message = parseMessage(octets);
  if (!message.ok) return;
  readEssentials(message.value);
  for (const name of new Set(message.value.headers.names)) {
    const entry = headerEntry(name);
    for (const line of entry === undefined ? [] : headerLines(message.value, name))
      entry?.parse(line);
  }
  checkBody(message.value);
}

function checkHeader(message: Message, name: string): void {
  const entry = headerEntry(name);
  const list = elements(message, name);
  for (const element of list.ok ? list.value.slice(0, 8) : []) checkAddress(element);
  if (entry === undefined) return;
  for (const line of headerLines(message, name)) {
    const value = entry.parse(line);
    if (!value.ok) continue;
    const text = written(() => entry.format(value.value));
    if (text === undefined) continue;
    const again = entry.parse(text);
    if (!again.ok || entry.format(again.value) !== text) {
      throw new Error(`${name} is not stable: ${JSON.stringify([line, text])}`);
    }
  }
}

function checkAddress(text: string): void {
  const address = parseNameAddr(text);
  if (!address.ok) return;
  checkUri(address.value.uri);
  const first = written(() => formatNameAddr(address.value));
  if (first === undefined) return;
  const again = parseNameAddr(first);
  if (!again.ok || formatNameAddr(again.value) !== first) {
    throw new Error(`an address is not stable: ${JSON.stringify([text, first])}`);
  }
}

function checkUri(text: string): void {
  const uri = parseUri(text);
  if (!uri.ok) return;
  const again = parseUri(formatUri(uri.value));
  if (!again.ok || !sameUri(uri.value, again.value)) {
    throw new Error(`a URI is not stable: ${JSON.stringify(text)}`);
  }
  if (uri.value.scheme !== "sip" && uri.value.scheme !== "sips") return;
  embeddedHeaders(uri.value);
  sipToTel(uri.value);
}

/** Wherever a stream is cut, the same frames come out of it. */
function checkFraming(octets: string): void {
  const cut = octets.length >> 1;
  const [, ...whole] = frame(startFraming, octets);
  const [state, ...first] = frame(startFraming, octets.slice(0, cut));
  const [, ...second] = frame(state, octets.slice(cut));
  if (said(whole) !== said([...first, ...second]))
    throw new Error("frames depend on where it is cut");
}

const said = (frames: readonly Frame[]): string =>
  frames.map((each) => `${each.kind}${each.kind === "Message" ? `:${each.text}` : ""}`).join("\n");

function checkBody(message: Message): void {
  const type = parseContentType(header(message, "Content-Type") ?? "");
  if (type.ok && type.value.type === "multipart") parseMultipart(type.value, message.body);
}

/** What was written, or undefined where the value holds what no header can, such as a NUL. */
function written(format: () => string): string | undefined {
  try {
    return format();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
