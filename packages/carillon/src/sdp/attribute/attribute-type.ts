/**
 * What is known of an attribute: its name, how its value is read and written. RFC 8866 §5.13.
 *
 * A description keeps attributes as text. A value is read when somebody asks for it, with the
 * constant of its family: `readAttribute(section.lines, rtpmap)`.
 */
import { bad, ok, type Result } from "../../grammar/result.ts";
import type { Attribute, Line } from "../line.ts";

/**
 * How one attribute is read and written: `rtpmap`, `candidate` and their like are such constants.
 */
export interface AttributeType<T> {
  /** As it stands after `a=`. */
  readonly name: string;
  /** Where its grammar stands. */
  readonly source: string;
  /** Reads the text after the colon; a property has none. Errors: `bad-attribute` (400). */
  parse(value: string | undefined): Result<T>;
  /**
   * The text after the colon; undefined for a property. Values are not checked: `formatSdp` refuses
   * line ends.
   */
  format(value: T): string | undefined;
}

interface Grammar<T> {
  readonly name: string;
  readonly source: string;
  /** In words, for the error. */
  readonly expected: string;
  /** The value, or undefined where the grammar is broken. */
  read(text: string): T | undefined;
  write(value: T): string;
}

/** An attribute with a value. */
export function valueAttribute<T>(grammar: Grammar<T>): AttributeType<T> {
  const { name, source, expected, read, write } = grammar;
  return {
    name,
    source,
    parse: (text) => {
      const value = text === undefined ? undefined : read(text);
      if (value !== undefined) return ok(value);
      return bad("bad-attribute", `a=${name}: expected ${expected}`, 0, source);
    },
    format: write,
  };
}

/** A property: it is there or not. */
export function flagAttribute(name: string, source: string): AttributeType<true> {
  return {
    name,
    source,
    parse: (text) =>
      text === undefined
        ? ok(true)
        : bad("bad-attribute", `a=${name}: expected no value`, 0, source),
    format: () => undefined,
  };
}

/** The first attribute of this name that can be read; what is broken is passed over. */
export function readAttribute<T>(lines: readonly Line[], type: AttributeType<T>): T | undefined {
  for (const line of lines) {
    if (line.kind !== "a" || line.name !== type.name) continue;
    const result = type.parse(line.value);
    if (result.ok) return result.value;
  }
  return undefined;
}

/** All attributes of this name that can be read, in order. */
export function readAttributes<T>(lines: readonly Line[], type: AttributeType<T>): readonly T[] {
  const values: T[] = [];
  for (const line of lines) {
    if (line.kind !== "a" || line.name !== type.name) continue;
    const result = type.parse(line.value);
    if (result.ok) values.push(result.value);
  }
  return values;
}

/** True if there is an attribute of this name, whatever its value. */
export const hasAttribute = (lines: readonly Line[], name: string): boolean =>
  lines.some((line) => line.kind === "a" && line.name === name);

/** The `a=` line that says this, to be put among a section's lines. */
export const attributeLine = <T>(type: AttributeType<T>, value: T): Attribute => ({
  kind: "a",
  name: type.name,
  value: type.format(value),
});

/** The `a=` line of a property: `flagLine(rtcpMux)`. */
export const flagLine = (type: AttributeType<true>): Attribute => attributeLine(type, true);
