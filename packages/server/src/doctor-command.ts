/** `carillon doctor` read into a value. */
import type { DoctorWish } from "./doctor/run-doctor.ts";

export type DoctorCommand = DoctorWish;

export const doctorFlags = [
  { name: "json", type: "boolean", expected: undefined },
  { name: "stun", type: "string", expected: "a STUN server, such as stun.example:3478, or off" },
  { name: "time", type: "string", expected: "a time server, such as pool.ntp.org, or off" },
] as const;

/** What was asked; or in which words it was wrong. */
export function readDoctorCommand(
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
): DoctorCommand | string {
  const known: readonly string[] = doctorFlags.map(({ name }) => name);
  const stray = [...flags.keys()].find((name) => !known.includes(name));
  if (stray !== undefined) return `--${stray} means nothing to: carillon doctor`;
  if (words.length > 0) return `carillon doctor expects nothing more; found "${words.join(" ")}".`;
  return { json: flags.has("json"), stun: flags.get("stun"), time: flags.get("time") };
}
