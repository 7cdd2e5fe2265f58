/** What the doctor looks at: a house as it is set up, and the server of it, if one runs. */
import type { AddressesConfig } from "../addresses/public-addresses.ts";
import type { StunServer } from "../addresses/stun-question.ts";
import type { Ports } from "../control/status.ts";
import type { Settings } from "../settings.ts";

export interface Patient {
  readonly settings: Settings;
  readonly domain: string;
  /** Addresses of this machine that are listened at, loopback among them. */
  readonly addresses: readonly string[];
  /** What `addresses` of the configuration says. */
  readonly config: AddressesConfig;
  /** Ports as they are, or would be. */
  readonly ports: Ports;
  readonly isRunning: boolean;
  /** Who is asked where we are seen; undefined for nobody. */
  readonly stun: StunServer | undefined;
  /** Who is asked for the time; undefined for nobody. */
  readonly time: string | undefined;
  /** Whom to ask about names; whom the system asks, if undefined. */
  readonly dns: readonly string[] | undefined;
}

/** Addresses at which somebody else can reach this machine. */
export const outsideAddresses = ({ addresses }: Pick<Patient, "addresses">): readonly string[] =>
  addresses.filter((one) => one !== "::1" && !one.startsWith("127."));
