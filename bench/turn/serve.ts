/** Our TURN server alone, as it is measured: it reaches every peer of this machine. */
import { nodeStunCrypto } from "carillon/node";
import { turnDriver } from "carillon-server/turn-driver";

const [, , secret = ""] = process.argv;
const HERE = "127.0.0.1";
const crypto = nodeStunCrypto();
const limits = { strangers: { burst: 10_000, perSecond: 10_000 }, perSource: 2000 };
await turnDriver({
  ...{ crypto, realm: "house.example", secret: Buffer.from(secret), limits },
  nonceKey: crypto.randomBytes(32),
  listen: [{ host: HERE, port: 3478 }],
  ports: { first: 49_152, last: 50_175 },
  relayHost: () => ({ bound: HERE, told: HERE }),
  peers: { isOwn: () => true, isOwnMedia: () => true, isOpened: () => true },
  now: () => performance.timeOrigin + performance.now(),
  told: () => {},
});
process.on("SIGTERM", () => process.exit(0));
