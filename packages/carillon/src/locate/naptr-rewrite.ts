/** The Regexp field of a NAPTR record, applied to a string. RFC 6116 §5, RFC 3402 §3.2. */
import { matchEre } from "./ere.ts";

export type Rewriting =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string };

/** Back-references can make little become much. */
const MAX_RESULT = 1_024;

/** `!^(\+44.*)$!sip:\1@example.com!` on `+441632960083`: `sip:+441632960083@example.com`. */
export function rewrite(regexp: string, subject: string): Rewriting {
  const parts = partsOf(regexp);
  if (parts === undefined) return { ok: false, why: "its regexp field has not three delimiters" };
  const [pattern, replacement, flags] = parts;
  // Case makes no difference to a number.
  if (flags !== "" && flags.toLowerCase() !== "i") return { ok: false, why: `flags ${flags}` };
  const match = matchEre(pattern, subject);
  if (match.kind === "NoMatch") return { ok: false, why: "its pattern is for other numbers" };
  if (match.kind === "Declined") return { ok: false, why: `its pattern has ${match.why}` };
  return filled(replacement, match.groups);
}

/**
 * Pattern, replacement, flags. The delimiter is whatever comes first; with a backslash before it
 * it stands for itself.
 */
function partsOf(regexp: string): readonly [string, string, string] | undefined {
  //= RFC 6116 §5.2
  //# ENUM clients MUST be ready to process NAPTRs that use a different character from '!' as their
  //# Regexp Delimiter without failure.
  const delimiter = regexp[0];
  // RFC 3402 §3.2: "delim-char" is neither a digit nor a flag; a backslash could not be escaped.
  if (delimiter === undefined || /[0-9i\\]/i.test(delimiter)) return undefined;
  const parts: string[] = [];
  let part = "";
  for (let i = 1; i < regexp.length; i++) {
    if (regexp[i] === delimiter) {
      parts.push(part);
      part = "";
    } else if (regexp[i] === "\\" && i + 1 < regexp.length) {
      const escaped = regexp[++i] ?? "";
      part += escaped === delimiter ? escaped : `\\${escaped}`;
    } else {
      part += regexp[i];
    }
  }
  //= RFC 6116 §5.2
  //# ENUM clients SHOULD discard NAPTRs that have more or less than 3 unescaped instances of the
  //# delimiter character within the Regexp field.
  const [pattern = "", replacement = ""] = parts;
  return parts.length === 2 ? [pattern, replacement, part] : undefined;
}

//= RFC 6116 §5.2
//# ENUM clients MUST be ready to process NAPTRs with many copies of back-reference patterns within
//# the Repl sub-field without failure.
function filled(replacement: string, groups: readonly string[]): Rewriting {
  let text = "";
  for (let i = 0; i < replacement.length; i++) {
    if (replacement[i] !== "\\") {
      text += replacement[i];
      continue;
    }
    const what = replacement[++i] ?? "";
    const group = /^[1-9]$/.test(what) ? groups[Number(what)] : undefined;
    if (group === undefined && what !== "\\")
      return { ok: false, why: `\\${what} stands for none` };
    text += group ?? "\\";
    if (text.length > MAX_RESULT) break;
  }
  return text.length > MAX_RESULT ? { ok: false, why: "its URI is too long" } : { ok: true, text };
}
