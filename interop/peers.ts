/** The programs that were not written here, and where Debian has them. */
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const PEERS = [
  { program: "baresip", debianPackage: "baresip-core" },
  { program: "kamailio", debianPackage: "kamailio" },
  { program: "chromium", debianPackage: "chromium" },
  { program: "rtpengine", debianPackage: "rtpengine-daemon" },
  { program: "turnserver", debianPackage: "coturn" },
  { program: "turnutils_uclient", debianPackage: "coturn" },
  { program: "nft", debianPackage: "nftables" },
  { program: "dnsmasq", debianPackage: "dnsmasq-base" },
  { program: "chronyd", debianPackage: "chrony" },
  { program: "faketime", debianPackage: "faketime" },
  { program: "sipp", debianPackage: "sip-tester" },
  { program: "sipsak", debianPackage: "sipsak" },
  { program: "sngrep", debianPackage: "sngrep" },
  { program: "pebble", debianPackage: "pebble" },
  { program: "pebble-challtestsrv", debianPackage: "pebble" },
  { program: "unshare", debianPackage: "util-linux" },
  { program: "nsenter", debianPackage: "util-linux" },
  { program: "ip", debianPackage: "iproute2" },
];

/** A sentence for each that is missing: no check is left out in silence. */
export function missingPeers(): readonly string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const missing = [...PEERS, ...MODULES.filter(({ module }) => !hasModule(module))];
  return missing
    .filter(({ program }) => !folders.some((folder) => existsSync(join(folder, program))))
    .map(
      ({ program, debianPackage }) =>
        `the program ${program} is not installed; on Debian: apt-get install ${debianPackage}`,
    );
}

/** In packages of their own, beside Kamailio's. */
const MODULES = [
  { module: "tls.so", debianPackage: "kamailio-tls-modules" },
  { module: "outbound.so", debianPackage: "kamailio-outbound-modules" },
  { module: "presence.so", debianPackage: "kamailio-presence-modules" },
].map((one) => ({ ...one, program: `${one.module} of kamailio` }));

function hasModule(name: string): boolean {
  const folders = ["/usr/lib", ...readdirSync("/usr/lib").map((one) => join("/usr/lib", one))];
  return folders.some((folder) => existsSync(join(folder, "kamailio/modules", name)));
}
