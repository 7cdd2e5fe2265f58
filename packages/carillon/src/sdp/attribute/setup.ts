/** `a=setup` and `a=connection`: who opens the connection. RFC 4145 §4, §5; RFC 8842 §5. */
import { type AttributeType, valueAttribute } from "./attribute-type.ts";

/** Opens the connection, waits for it, can do either, or wants none for now. RFC 4145 §4. */
export type Setup = "active" | "passive" | "actpass" | "holdconn";

/** `a=setup`: who opens the connection. `setup-attr = "a=setup:" role`. RFC 4145 §4. */
export const setup: AttributeType<Setup> = valueAttribute({
  name: "setup",
  source: "RFC 4145 §4",
  expected: "active, passive, actpass or holdconn",
  read: (text) => {
    const role = text.trim();
    return isSetup(role) ? role : undefined;
  },
  write: String,
});

const isSetup = (text: string): text is Setup =>
  text === "active" || text === "passive" || text === "actpass" || text === "holdconn";

/** Whether a new connection is wanted, or the one that is there goes on. RFC 4145 §5. */
export type ConnectionUse = "new" | "existing";

/** `a=connection`: `connection-attr = "a=connection:" conn-value`. RFC 4145 §5. */
export const connectionUse: AttributeType<ConnectionUse> = valueAttribute({
  name: "connection",
  source: "RFC 4145 §5",
  expected: "new or existing",
  read: (text) => (text === "new" || text === "existing" ? text : undefined),
  write: String,
});

/**
 * The answer to an offered role. RFC 4145 §4.1: active to passive, passive to active, holdconn to
 * holdconn, and of actpass one's own choice; where none is told, active was meant.
 */
export function answeredSetup(offered: Setup | undefined, preferred: "active" | "passive"): Setup {
  if (offered === "actpass") return preferred;
  if (offered === "passive") return "active";
  return offered === "holdconn" ? "holdconn" : "passive";
}

/** True if an answer's role fits the offer's. */
export function isFittingSetup(offered: Setup, answered: Setup): boolean {
  if (answered === "holdconn") return true;
  if (offered === "actpass") return answered === "active" || answered === "passive";
  return answered === answeredSetup(offered, "active");
}
