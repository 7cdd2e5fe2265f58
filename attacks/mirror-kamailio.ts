/**
 * Kamailio as Debian installs it: its own sample of a configuration, with authentication of people
 * from a table, its protection against floods, and what a careful operator adds: headers that only
 * servers may say are taken out of what phones send.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../interop/child.ts";
import { type Credentials, DOMAIN } from "../interop/house.ts";
import { pause, until } from "../interop/until.ts";
import { SIP } from "./stage.ts";
import { requestText, Stranger } from "./stranger.ts";

const SAMPLE = "/etc/kamailio/kamailio.cfg";
const TABLES = "/usr/share/kamailio/dbtext/kamailio";
const START_MS = 15_000;
const STOP_MS = 20_000;

export class MirrorKamailio {
  readonly #child: Child;

  private constructor(child: Child) {
    this.#child = child;
  }

  static async start(folder: string, people: readonly Credentials[]): Promise<MirrorKamailio> {
    const tables = join(folder, "tables");
    mkdirSync(tables, { recursive: true });
    for (const name of ["version", "subscriber"])
      copyFileSync(join(TABLES, name), join(tables, name));
    writeFileSync(join(tables, "subscriber"), subscribers(people));
    const path = join(folder, "kamailio.cfg");
    writeFileSync(path, configuration(readFileSync(SAMPLE, "utf8"), tables));
    const args = ["-f", path, "-w", folder, "-Y", folder, "-DD", "-E", "-m", "64", "-M", "8"];
    const named = ["-A", "WITH_AUTH", "-A", "WITH_ANTIFLOOD"];
    const child = new Child("kamailio", [...args, ...named], {
      ...{ log: join(folder, "..", "kamailio.log"), cwd: folder },
    });
    const kamailio = new MirrorKamailio(child);
    const at = await Stranger.at("127.0.0.40");
    await until(
      "Kamailio answers",
      async () => {
        at.say(requestText({ method: "OPTIONS", nth: "up", via: at.via, uri: `sip:${DOMAIN}` }));
        await pause(200);
        return at.heard[0];
      },
      START_MS,
    );
    at.close();
    return kamailio;
  }

  /** Its main process and all that it has begun. */
  pids(): readonly number[] {
    const own = this.#child.pid;
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0 && (pid === own || parentOf(pid) === own));
  }

  async stop(): Promise<void> {
    await this.#child.stop(STOP_MS);
  }
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}

/** In the form of its `db_text`: the columns in the first line, then one person a line. */
function subscribers(people: readonly Credentials[]): string {
  const columns =
    "id(int,auto) username(string) domain(string) password(string) ha1(string) ha1b(string)";
  const lines = people.map(
    ({ user, password }, nth) =>
      `${nth + 1}:${user}:${DOMAIN}:${password.replaceAll(":", "\\:")}:-:-`,
  );
  return [columns, ...lines, ""].join("\n");
}

/** What its sample wants to be told, and no more than that. */
function configuration(sample: string, tables: string): string {
  const url = `#!define DBURL "text://${tables}"`;
  const place = [
    `listen=udp:${SIP.host}:${SIP.port}`,
    `listen=tcp:${SIP.host}:${SIP.port}`,
    `alias="${DOMAIN}"`,
    "exit_timeout=4",
    "children=2",
    "tcp_children=1",
  ].join("\n");
  const careful = ['remove_hf("P-Asserted-Identity");', 'remove_hf("P-Preferred-Identity");'];
  return sample
    .replace("#!KAMAILIO", `#!KAMAILIO\n${url}\n`)
    .replace(/^####### Modules Section.*$/m, `${place}\n\n$&\n`)
    .replace(/^loadmodule "tm\.so"/m, 'loadmodule "db_text.so"\nloadmodule "tm.so"')
    .replace(/^request_route \{/m, `request_route {\n\t${careful.join("\n\t")}`);
}
