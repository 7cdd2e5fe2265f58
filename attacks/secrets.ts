/** What of passwords can be found in a challenge, on the disk and in the log. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { demand, type Report } from "../interop/report.ts";
import { DigestClient } from "./digest-client.ts";
import { folderIn, Stage } from "./stage.ts";

/** The strongest first; MD5 only because desk phones are there, and last. */
const ORDER = ["SHA-512-256", "SHA-256", "MD5"];
/** A guess at a password of the program costs 2^BITS tries on average, offline too. */
const BITS = 95;

export async function secrets(folder: string, report: Report): Promise<void> {
  const own = folderIn(folder, "secrets");
  const stage = await Stage.open(own, 1);
  await report.check(
    "without desk phones no MD5 is offered, and with them it is last",
    async () => {
      const nobody = await DigestClient.at("127.0.0.71", "p0");
      const before = algorithmsIn((await nobody.say({ method: "REGISTER" })).text);
      await stage.house.addDeskPhones(["Zoe"] as const);
      // A running server knows it within a second.
      await new Promise((later) => setTimeout(later, 1000));
      const after = algorithmsIn((await nobody.say({ method: "REGISTER" })).text);
      nobody.close();
      demand(before.join() === ORDER.slice(0, 2).join(), `offered ${before.join(", ")}`);
      demand(after.join() === ORDER.join(), `then ${after.join(", ")}`);
      return after.join(", ");
    },
  );
  await report.check("no password is on the disk or in the log, once it was made", async () => {
    const phones = await stage.house.addDeskPhones(["Yan", "Xia"] as const);
    const all: string[] = [];
    for (const { user, password } of phones) {
      const phone = await DigestClient.at("127.0.0.9", user);
      const { status } = await phone.register(password);
      phone.close();
      demand(status === 200, `${user} gets ${status}`);
      all.push(password, Buffer.from(password).toString("base64").slice(0, -4));
    }
    const alphabet = new Set(phones.flatMap(({ password }) => [...password])).size;
    const bits = Math.min(...phones.map(({ password }) => password.length * Math.log2(32)));
    demand(bits >= BITS && alphabet > 16, `a password has ${bits.toFixed(0)} bits`);
    const files = readAll(own);
    const found = files.filter(({ text }) => all.some((secret) => text.includes(secret)));
    const users = files.filter(({ text }) => phones.some(({ user }) => text.includes(user)));
    demand(users.length > 0, "not even their names are found: it was not searched");
    demand(found.length === 0, `in ${found.map(({ path }) => path).join(", ")}`);
    return `${files.length} files, ${bits.toFixed(0)} bits each`;
  });
  await stage.close();
}

const algorithmsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^WWW-Authenticate: Digest .*?algorithm=([A-Z0-9-]+)/gm)].map(
    ([, name = ""]) => name,
  );

function readAll(folder: string): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() ? [{ path, text: readFileSync(path, "latin1") }] : [];
  });
}
