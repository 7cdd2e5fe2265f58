/** `a=record`: whether what is said is recorded. RFC 7866 §7.1.2. */
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** `paused`: it is recorded, but not at the moment. RFC 7866 §7.1.2. */
export type RecordIndication = "on" | "off" | "paused";

const KNOWN: ReadonlySet<string> = new Set(["on", "off", "paused"]);

/**
 * `a=record`: of all media where it stands in the session, else of its section. `indication = "on"
 * / "off" / "paused"`. RFC 7866 §7.1.2.
 */
export const record: AttributeType<RecordIndication> = valueAttribute({
  name: "record",
  source: "RFC 7866 §7.1.2",
  expected: "on, off or paused",
  read: (text) => {
    const value = text.trimEnd().toLowerCase();
    return KNOWN.has(value) ? (value as RecordIndication) : undefined;
  },
  write: String,
});
