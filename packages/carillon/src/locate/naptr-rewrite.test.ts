import { expect, test } from "vitest";
import { rewrite } from "./naptr-rewrite.ts";

const number = "+441632960083";
const on = (regexp: string) => {
  const rewriting = rewrite(regexp, number);
  return rewriting.ok ? rewriting.text : `declined: ${rewriting.why}`;
};

//= RFC 6116 §5.2
//# ENUM clients MUST be ready to process NAPTRs that use a different character from '!' as their
//# Regexp Delimiter without failure.
//= RFC 6116 §5.2
//# ENUM clients MUST be ready to process NAPTRs that have non-trivial patterns in their ERE
//# sub-field values without failure.
test.each([
  ["!^.*$!sip:info@example.com!", "sip:info@example.com"],
  ["!^(\\+441632960083)$!sip:\\1@example.com!", "sip:+441632960083@example.com"],
  ["/^.*$/sip:info@example.com/", "sip:info@example.com"],
  ["#^\\+44(.*)$#sip:0\\1@example.com#", "sip:01632960083@example.com"],
  ["!^.*$!sip:info@example.com!i", "sip:info@example.com"],
  ["!^.*$!sip:info@example.com!I", "sip:info@example.com"],
  ["!^.*$!sip:a\\!b@example.com!", "sip:a!b@example.com"],
  ["!^\\+(44)(16)(.*)$!sip:\\3.\\2.\\1@x!", "sip:32960083.16.44@x"],
  ["!^.*$!a\\\\b!", "a\\b"],
  ["+^.44.*$+sip:info@example.com+", "sip:info@example.com"],
  ["!^(x)?.*$!sip:a\\1@x!", "sip:a@x"],
])("%s makes %s", (regexp, expected) => {
  expect(on(regexp)).toBe(expected);
});

//= RFC 6116 §5.2
//# ENUM clients SHOULD discard NAPTRs that have more or less than 3 unescaped instances of the
//# delimiter character within the Regexp field.
test.each([
  ["", "its regexp field has not three delimiters"],
  ["!", "its regexp field has not three delimiters"],
  ["!^.*$!sip:a@x", "its regexp field has not three delimiters"],
  ["!^.*$!sip:a!b@x!", "its regexp field has not three delimiters"],
  ["!^.*$!sip:a@x!!", "its regexp field has not three delimiters"],
  ["1^.*$1sip:a@x1", "its regexp field has not three delimiters"],
  ["i^.*$isip:a@xi", "its regexp field has not three delimiters"],
  ["\\^.*$\\sip:a@x\\", "its regexp field has not three delimiters"],
  ["!^.*$!sip:a@x!g", "flags g"],
  ["!^\\+1.*$!sip:a@x!", "its pattern is for other numbers"],
  ["!^(.)\\1$!sip:a@x!", "its pattern has \\1"],
  ["!^.*$!sip:\\1@x!", "\\1 stands for none"],
  ["!^(.*)$!sip:\\2@x!", "\\2 stands for none"],
  ["!^.*$!sip:\\0@x!", "\\0 stands for none"],
  ["!^.*$!sip:\\n@x!", "\\n stands for none"],
  ["!^.*$!sip:a@x\\", "its regexp field has not three delimiters"],
])("%j is declined: %s", (regexp, why) => {
  expect(on(regexp)).toBe(`declined: ${why}`);
});

//= RFC 6116 §5.2
//# ENUM clients MUST be ready to process NAPTRs with many copies of back-reference patterns within
//# the Repl sub-field without failure.
test("RFC 6116 §5.2: many back-references are filled in, up to a length", () => {
  expect(on(`!^(.*)$!${"\\1".repeat(78)}!`)).toBe(number.repeat(78));
  expect(on(`!^(.*)$!${"\\1".repeat(80)}!`)).toBe("declined: its URI is too long");
  expect(on(`!^(.*)$!${"\\1".repeat(78)}0123456789!`)).toHaveLength(1_024);
  expect(on(`!^(.*)$!${"\\1".repeat(78)}01234567890!`)).toBe("declined: its URI is too long");
});
