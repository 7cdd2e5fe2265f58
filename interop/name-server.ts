/** dnsmasq, which knows what this file says and asks nobody. */
import { join } from "node:path";
import { Child } from "./child.ts";

export const NAME_SERVER = "127.0.0.1:5353";
const START_MS = 5000;

/** `_sip._udp` of a domain is at `server`, as its NAPTR says; `_sips._tcp` is at `tlsPort`. */
export interface Served {
  readonly domain: string;
  readonly server: { readonly host: string; readonly port: number };
  readonly tlsPort: number;
}

export function startNameServer(folder: string, served: Served): Promise<Child> {
  const { domain, server, tlsPort } = served;
  const [service, host] = [`_sip._udp.${domain}`, `sip.${domain}`];
  return startKnowing(folder, domain, [
    `--naptr-record=${domain},10,10,s,SIP+D2U,,${service}`,
    `--srv-host=${service},${host},${server.port},1,1`,
    `--srv-host=_sips._tcp.${domain},${host},${tlsPort},1,1`,
    `--host-record=${host},${server.host}`,
  ]);
}

/** A name with several addresses, and nothing else. */
export function startNameOf(
  folder: string,
  name: string,
  addresses: readonly string[],
): Promise<Child> {
  return startKnowing(
    folder,
    name,
    addresses.map((address) => `--host-record=${name},${address}`),
  );
}

async function startKnowing(
  folder: string,
  domain: string,
  records: readonly string[],
): Promise<Child> {
  const child = new Child(
    "dnsmasq",
    [
      ...["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--pid-file="],
      ...["--user=root", "--group=root", "--no-resolv", "--no-hosts", "--no-daemon"],
      ...["--port=5353", "--listen-address=127.0.0.1", "--bind-interfaces", "--log-queries"],
      ...[...records, `--local=/${domain}/`],
    ],
    { log: join(folder, "dnsmasq.log") },
  );
  await child.prints("started, version", START_MS);
  return child;
}
