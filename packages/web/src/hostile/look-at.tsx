/**
 * Not part of the page: mounts one field with many texts, each in a box as wide as a phone, and
 * says what is wrong with what it then looks like.
 */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { plainName } from "../look/plain-name.ts";
import { FIELDS, type Field } from "./shown-fields.tsx";

export interface Given {
  readonly name: string;
  readonly text: string;
}

const WIDTH = 360;
/** A message is long, and not longer than a few screens; a name is a line or two. */
const [MOST_HIGH_TEXT, MOST_HIGH] = [6000, 700];
const HARMLESS = "Hello";
const TURNS = /[\u202a-\u202e\u2066-\u2069]/;

export const fieldNames = (): readonly string[] => FIELDS.map(({ name }) => name);

/** What is wrong, a line each; nothing if all is well. */
export function lookAt(name: string, all: readonly Given[]): readonly string[] {
  const field = FIELDS.find((one) => one.name === name);
  if (!field) throw new Error(`no field is called ${name}`);
  const usual = mounted(field, HARMLESS, (box) => tagsIn(box));
  return all.flatMap((given) =>
    mounted(field, given.text, (box) => judge(field, given, box, usual)).map(
      (what) => `${name}, ${given.name}: ${what}`,
    ),
  );
}

function mounted<T>(field: Field, text: string, look: (box: HTMLElement) => T): T {
  const box = document.createElement("div");
  box.style.cssText = `position:relative;width:${WIDTH}px;min-height:40px`;
  document.body.replaceChildren(box);
  const root = createRoot(box);
  try {
    flushSync(() => root.render(field.show(text)));
    // A dialog stands beside the box.
    return look(field.isAbove === true ? document.body : box);
  } finally {
    flushSync(() => root.unmount());
  }
}

const tagsIn = (box: HTMLElement): ReadonlySet<string> =>
  new Set([...box.querySelectorAll("*")].map(({ tagName }) => tagName.toLowerCase()));

/** What the page makes of a text by itself. */
const MADE = new Set(["a", "mark", "br", "button", "p", "span", "bdi"]);
/** Parts of the page's own pictures, and of a sound. */
const DRAWN = new Set(["svg", "path", "circle", "line", "rect", "polyline", "polygon", "audio"]);
const MEDIA = new Set(["img", "input"]);

function judge(
  field: Field,
  { text }: Given,
  box: HTMLElement,
  usual: ReadonlySet<string>,
): readonly string[] {
  const wrong: string[] = [];
  for (const element of box.querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    const isKnown = usual.has(tag) || MADE.has(tag) || DRAWN.has(tag);
    if (!isKnown && !(MEDIA.has(tag) && field.name.startsWith("file"))) wrong.push(`a ${tag}`);
    for (const { name, value } of element.attributes) {
      if (name.startsWith("on")) wrong.push(`${tag} has ${name}`);
      if (isAddress(name) && !isHarmless(value)) wrong.push(`${name}="${value.slice(0, 60)}"`);
    }
  }
  const wanted = field.read ? field.read(text).slice(0, 200) : plainName(text).slice(0, 60);
  if (!spaced(box.textContent).includes(spaced(wanted))) wrong.push(`it is not to be read`);
  if (box.scrollWidth > Math.max(WIDTH, box.clientWidth)) wrong.push(`${box.scrollWidth} px wide`);
  const high = box.scrollHeight;
  const most = field.name === "text" ? MOST_HIGH_TEXT : MOST_HIGH;
  if (high > Math.max(most, box.clientHeight)) wrong.push(`${high} px high`);
  if (field.isAbove !== true && box.offsetHeight > most) wrong.push(`${box.offsetHeight} px high`);
  wrong.push(...turnedIn(box));
  return [...new Set(wrong)];
}

/** Line ends are one thing, however they came; so is a space at the end. */
const spaced = (text: string): string => text.replace(/\r\n?/g, "\n").trim();

const isAddress = (name: string): boolean =>
  ["href", "src", "action", "formaction", "xlink:href", "srcdoc", "poster", "data"].includes(name);

const isHarmless = (value: string): boolean =>
  URL.canParse(value, location.href) &&
  ["http:", "https:", "mailto:", "sip:", "sips:"].includes(new URL(value, location.href).protocol);

/** What turns the direction of writing turns nothing but itself. */
function turnedIn(box: HTMLElement): readonly string[] {
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (!TURNS.test(node.nodeValue ?? "")) continue;
    let around = node.parentElement;
    while (around !== null && !isIsolated(around)) around = around.parentElement;
    if (around === null || !box.contains(around)) return ["it turns what stands beside it"];
  }
  return [];
}

function isIsolated(element: Element): boolean {
  const { unicodeBidi, display } = getComputedStyle(element);
  return display === "block" || unicodeBidi.includes("isolate") || unicodeBidi === "plaintext";
}
