/** The program as an operator runs it: accounts and bindings on disk. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Child } from "../../interop/child.ts";
import { DOMAIN, type Server, type Wanted } from "./server.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/server/src/main.ts", import.meta.url));
const START_MS = 30_000;

export async function program(folder: string, port: number, wanted: Wanted): Promise<Server> {
  const data = join(folder, "data");
  const options = ["--data", data, "--domain", DOMAIN];
  execFileSync(process.execPath, [PROGRAM, "user", "list", ...options]);
  addPeople(data, wanted.people);
  const config = join(folder, "carillon.config.json");
  writeFileSync(config, JSON.stringify(configuration(wanted)));
  const at = ["--host", "127.0.0.1", "--port", "8080", "--sip-port", `${port}`];
  at.push("--tls-port", "off", "--https-port", "off");
  const child = new Child(
    "taskset",
    [
      "-c",
      "0",
      process.execPath,
      ...wanted.nodeFlags,
      PROGRAM,
      "serve",
      ...options,
      ...at,
      "--config",
      config,
      ...(wanted.args ?? []),
    ],
    { log: join(folder, "carillon.log"), cwd: folder, env: { CARILLON_LOG: "error" } },
  );
  await child.prints("Stop with Ctrl+C", START_MS);
  return { name: "carillon", port, child };
}

const configuration = ({ digest }: Wanted) => ({
  ...(!digest && { trust: ["127.0.0.1"] }),
});

/** As `carillon user add --desk-phone` would, ten thousand times. */
function addPeople(data: string, count: number): void {
  const db = new DatabaseSync(join(data, "carillon.sqlite"));
  const account = db.prepare(
    "INSERT INTO account (name, display_name, owner, created_at) VALUES (?, ?, 0, 0)",
  );
  const device = db.prepare(
    `INSERT INTO device (id, account, desk_phone, ha1_md5, ha1_sha256, ha1_sha512_256, created_at)
     VALUES (?, ?, 1, ?, ?, ?, 0)`,
  );
  db.exec("BEGIN");
  for (let i = 0; i < count; i++) {
    const name = `u${i}`;
    const ha1 = (algorithm: string): string =>
      createHash(algorithm).update(`${name}:${DOMAIN}:p${name}`).digest("hex");
    account.run(name, name);
    device.run(`d${i}`, name, ha1("md5"), ha1("sha256"), ha1("sha512-256"));
  }
  db.exec("COMMIT");
  db.close();
}
