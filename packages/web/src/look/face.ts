/** A face for people without a picture: their initials on one of six quiet hues. */

/** "Anna Müller" is AM, "Bob" is B; letters that are pairs in Unicode stay whole. */
export function initials(name: string): string {
  const words = name.split(/[\s_.-]+/).filter((word) => /[\p{Letter}\p{Number}]/u.test(word));
  const first = firstLetter(words[0] ?? name);
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** The same name has the same hue everywhere. */
export function faceHue(name: string): number {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % 6;
}

function firstLetter(word: string): string {
  return /[\p{Letter}\p{Number}]/u.exec(word)?.[0] ?? [...word][0] ?? "";
}
