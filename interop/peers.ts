/** The programs that were not written here, and where Debian has them. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const PEERS = [
  { program: "baresip", debianPackage: "baresip-core" },
  { program: "kamailio", debianPackage: "kamailio" },
  { program: "dnsmasq", debianPackage: "dnsmasq-base" },
  { program: "sipp", debianPackage: "sip-tester" },
  { program: "sipsak", debianPackage: "sipsak" },
  { program: "unshare", debianPackage: "util-linux" },
  { program: "ip", debianPackage: "iproute2" },
];

/** A sentence for each that is missing: no check is left out in silence. */
export function missingPeers(): readonly string[] {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return PEERS.filter(
    ({ program }) => !folders.some((folder) => existsSync(join(folder, program))),
  ).map(
    ({ program, debianPackage }) =>
      `the program ${program} is not installed; on Debian: apt-get install ${debianPackage}`,
  );
}
