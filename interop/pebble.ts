/** The authority `pebble`, which asks over HTTP and in a DNS of its own. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { certificate } from "carillon/testing";
import { Child } from "./child.ts";
import { until } from "./until.ts";

const START_MS = 10_000;
const DIRECTORY = "https://127.0.0.1:14000/dir";
const DNS = "127.0.0.1:8053";
const DNS_CONTROL = "http://127.0.0.1:8055";

export interface PebbleOptions {
  /** How long its certificates live. */
  readonly validSeconds: number;
  /** Where it asks. */
  readonly httpPort?: number;
}

export class Pebble {
  readonly directory = DIRECTORY;
  /** The file with what vouches for its own HTTPS. */
  readonly ca: string;
  /** The module of a configuration whose functions write into its DNS. */
  readonly dnsHooks = `{
    set: ({ name, value }) => post("set-txt", { host: name + ".", value }),
    remove: ({ name }) => post("clear-txt", { host: name + "." }),
  }`;
  readonly post = `const post = (what, body) =>
    fetch("${DNS_CONTROL}/" + what, { method: "POST", body: JSON.stringify(body) });\n`;
  readonly #children: readonly Child[];

  private constructor(folder: string, { validSeconds, httpPort = 80 }: PebbleOptions) {
    const at = (name: string): string => join(folder, name);
    this.ca = at("cert.pem");
    const own = certificate({ name: "pebble", dns: ["localhost"], ips: ["127.0.0.1"] });
    writeFileSync(this.ca, own.cert);
    writeFileSync(at("key.pem"), own.key);
    const pebble = {
      ...{ listenAddress: "127.0.0.1:14000", managementListenAddress: "127.0.0.1:15000" },
      ...{ certificate: this.ca, privateKey: at("key.pem"), httpPort, tlsPort: 5001 },
      certificateValidityPeriod: validSeconds,
    };
    writeFileSync(at("pebble.json"), JSON.stringify({ pebble }));
    const dns = ["-dns01", DNS, "-management", "127.0.0.1:8055", "-defaultIPv6", ""];
    const nothing = ["-http01", "", "-https01", "", "-tlsalpn01", ""];
    const env = { PEBBLE_VA_NOSLEEP: "1" };
    this.#children = [
      new Child("pebble-challtestsrv", [...dns, ...nothing], { log: at("dns.log") }),
      new Child("pebble", ["-config", at("pebble.json"), "-dnsserver", DNS], {
        ...{ log: at("pebble.log"), env },
      }),
    ];
  }

  static async start(folder: string, options: PebbleOptions): Promise<Pebble> {
    mkdirSync(folder, { recursive: true });
    const pebble = new Pebble(folder, options);
    await until("pebble listens", () => pebble.root().catch(() => undefined), START_MS);
    return pebble;
  }

  /** What vouches for the certificates that it signs, PEM; another at each start. */
  root(): Promise<string> {
    return new Promise((resolve, reject) => {
      const from = { host: "127.0.0.1", port: 15_000, path: "/roots/0", ca: readFileSync(this.ca) };
      request(from, (response) => {
        let pem = "";
        response.setEncoding("utf8").on("data", (text) => {
          pem += text;
        });
        response.on("end", () => resolve(pem));
      })
        .on("error", reject)
        .end();
    });
  }

  async stop(): Promise<void> {
    for (const child of this.#children) await child.stop(START_MS);
  }
}
