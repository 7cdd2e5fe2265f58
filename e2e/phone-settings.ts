/** What the page tells somebody to type into a phone, read as they read it. */
import type { Person } from "./person.ts";

export interface PhoneSettings {
  readonly aor: string;
  readonly password: string;
  readonly server: { readonly host: string; readonly port: number };
}

/** While the page shows them. */
export async function phoneSettings(person: Person): Promise<PhoneSettings> {
  const [server, user, password, domain] = [
    await settingOf(person, "Server"),
    await settingOf(person, "User name"),
    await settingOf(person, "Password"),
    await settingOf(person, "Domain"),
  ];
  const port = Number(/:(\d+) \(UDP\)$/.exec(server)?.[1]);
  return { aor: `sip:${user}@${domain}`, password, server: { host: "127.0.0.1", port } };
}

/** What stands beside this name. */
async function settingOf(person: Person, name: string): Promise<string> {
  const term = person.page.getByRole("term").filter({ hasText: name });
  return (await term.locator("xpath=following-sibling::dd").first().textContent()) ?? "";
}
