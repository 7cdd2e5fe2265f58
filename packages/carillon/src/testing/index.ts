/** A network in memory, and what tests need on it: `carillon/testing`. */
export { testAccounts } from "./accounts.ts";
export { type House, type HouseOptions, house } from "./house.ts";
export { describe, type LadderOptions, ladder } from "./ladder.ts";
export { type Host, Network, type NetworkOptions, type Sight, type Weather } from "./network.ts";
export { seeded } from "./random.ts";
export { silentMedia } from "./silent-media.ts";
