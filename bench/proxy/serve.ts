/** The server that is measured. See `carillon.ts`. */
import { parseArgs } from "node:util";
import { type Admission, createEndpoint, overloadControl } from "carillon/endpoint";
import { nodeCrypto, run } from "carillon/node";
import { type Accounts, type Device, domain, MemoryLocation } from "carillon/roles";
import { datagrams } from "carillon-server/datagrams";
import { DOMAIN } from "./server.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "5070" },
    people: { type: "string", default: "10000" },
    data: { type: "string", default: "" },
    digest: { type: "boolean", default: false },
    durable: { type: "boolean", default: false },
    "one-by-one": { type: "boolean", default: false },
    /** What each message costs that is let in, in ms: sleep, so that a core is not what counts. */
    cost: { type: "string", default: "0" },
    /** New calls are turned away when there is too much to do. */
    overload: { type: "boolean", default: false },
  },
});

const crypto = nodeCrypto();
const ha1 = (user: string): string => {
  const bytes = new TextEncoder().encode(`${user}:${DOMAIN}:p${user}`);
  return Buffer.from(crypto.hash("MD5", bytes)).toString("hex");
};
const people = new Map<string, readonly Device[]>();
for (let i = 0; i < Number(values.people); i++) {
  const account = `u${i}`;
  people.set(account, [{ id: account, account, deskPhone: true, ha1: { MD5: ha1(account) } }]);
}
const accounts: Accounts = {
  has: (user) => people.has(user),
  devices: (username) => people.get(username) ?? [],
  session: () => false,
  hasDeskPhones: true,
};
const key = crypto.randomBytes(32);
const role = domain({
  domain: DOMAIN,
  aliases: ["127.0.0.1"],
  realm: DOMAIN,
  accounts,
  location: new MemoryLocation(),
  crypto,
  key,
  tokenKey: crypto.randomBytes(32),
  node: "n1",
  ...(values.digest ? {} : { trusts: () => true }),
});
const costMs = Number(values.cost);
const control = values.overload ? overloadControl() : undefined;
const admission = costMs > 0 ? costly(costMs, control) : control;
const endpoint = createEndpoint({
  ...{ role, crypto, key, node: "n1", product: "Carillon" },
  ...(admission && { admission }),
});
const runner = run(endpoint);
const ways = await datagrams({ inBatches: !values["one-by-one"] });
await ways.bind(runner, { host: "127.0.0.1", port: Number(values.port) });
console.log(`listening on ${values.port}${ways.whyNot ? `, ${ways.whyNot}` : ""}`);
process.on("SIGTERM", () => process.exit(0));

/** Whoever is let in costs so much; who is not costs what that costs. */
function costly(ms: number, inner: Admission | undefined): Admission {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return {
    attach: (world) => inner?.attach(world),
    judge(...message) {
      const verdict = inner?.judge(...message) ?? "go";
      if (verdict === "go") Atomics.wait(never, 0, 0, ms);
      return verdict;
    },
    leaving: (response, flow, now) => inner?.leaving(response, flow, now) ?? response,
  };
}
