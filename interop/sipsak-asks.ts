/** sipsak, a third way to write SIP: no space where others have one, a Contact without brackets. */
import { join } from "node:path";
import { Child } from "./child.ts";
import { type Credentials, type House, SERVER } from "./house.ts";
import { demand, type Report } from "./report.ts";

const END_MS = 10_000;

export async function sipsakAsks(house: House, folder: string, report: Report): Promise<void> {
  const [eve] = await house.addDeskPhones(["Eve"] as const);
  await report.check("sipsak: registers with digest", async () => {
    const { code, printed } = await register(eve, join(folder, "sipsak-right.log"));
    demand(code === 0, `exit code ${code}: ${printed.trim().split("\n").at(-1)}`);
    demand(/^SIP\/2\.0 200 /m.test(printed), "no 200");
    return "401, then 200";
  });
  await report.check("sipsak: a wrong password is refused", async () => {
    const wrong = { ...eve, password: "not-the-password" };
    const { code, printed } = await register(wrong, join(folder, "sipsak-wrong.log"));
    demand(code !== 0 && !/^SIP\/2\.0 200 /m.test(printed), "it was registered");
    return `401 ${printed.split("SIP/2.0 401 ").length - 1} times`;
  });
  await report.check("sipsak: traces the way, and learns no more than the first hop", async () => {
    const printed = await trace(eve, join(folder, "sipsak-trace.log"));
    const statuses = [...printed.matchAll(/^SIP\/2\.0 (\d{3}) /gm)].map(([, status]) => status);
    const figure = statuses.join(", ");
    demand(statuses[0] === "483" && /^0: \(/m.test(printed), `the first hop said ${figure}`);
    demand(statuses[1] === "407" && !statuses.includes("200"), `a stranger got ${figure}`);
    return figure;
  });
}

/** With growing Max-Forwards, and nobody's credentials. */
async function trace({ user }: Credentials, log: string): Promise<string> {
  const child = new Child("sipsak", ["-T", "-vvv", "-s", `sip:${user}@${SERVER}`], { log });
  await child.ended(END_MS);
  return child.printed;
}

async function register({ user, password }: Credentials, log: string) {
  const uri = `sip:${user}@${SERVER}`;
  const contact = ["-C", `sip:${user}@127.0.0.1:5099`, "-x", "300"];
  const args = ["-U", "-i", "-vvv", ...contact, "-s", uri, "-u", user, "-a", password];
  const child = new Child("sipsak", args, { log });
  const code = await child.ended(END_MS);
  return { code, printed: child.printed };
}
