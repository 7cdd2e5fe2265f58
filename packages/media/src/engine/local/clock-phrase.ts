/** What a speaking clock says of a time of day, as names of the files that its words are in. */

/** `at-the-tone`, `ten`, `forty`, `two`, `and`, `twenty`, `seconds`: on a clock of twelve hours. */
export function clockPhrase(time: {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}): readonly string[] {
  const { hours, minutes, seconds } = time;
  return [
    "at-the-tone",
    ...numberWords(hours % 12 || 12),
    ...minuteWords(minutes),
    ...(seconds === 0 ? ["precisely"] : ["and", ...numberWords(seconds), "seconds"]),
  ];
}

const minuteWords = (minutes: number): readonly string[] =>
  minutes === 0 ? ["o-clock"] : [...(minutes < 10 ? ["oh"] : []), ...numberWords(minutes)];

function numberWords(number: number): readonly string[] {
  if (number <= 20) return [SMALL[number] ?? ""];
  const ones = number % 10;
  return [TENS[Math.floor(number / 10)] ?? "", ...(ones === 0 ? [] : [SMALL[ones] ?? ""])];
}

const SMALL: readonly string[] = [
  ...["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
  ...["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"],
  ...["eighteen", "nineteen", "twenty"],
];
const TENS: readonly string[] = ["", "ten", "twenty", "thirty", "forty", "fifty"];

/** Every word that is ever said, with how it is spelled for who speaks it. */
export const CLOCK_WORDS: ReadonlyMap<string, string> = new Map([
  ...SMALL.map((word): [string, string] => [word, word]),
  ...["thirty", "forty", "fifty", "and", "seconds", "precisely", "oh"].map(
    (word): [string, string] => [word, word],
  ),
  ["at-the-tone", "At the tone, the time will be"],
  ["o-clock", "o'clock"],
]);
