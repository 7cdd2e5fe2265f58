/**
 * What `carillon help` prints.
 */
import { settings } from "./settings.ts";

export function helpText(): string {
  const rows = settings.map(({ flag, env, about }) => {
    const name = flag === undefined ? "" : `--${flag}`;
    return `  ${name.padEnd(12)} ${env.padEnd(18)} ${about}`;
  });
  return `Carillon: calls with voice and video, in a page and on desk phones.

  carillon [serve]                       Start the server. With npm: npm start -- [options]
  carillon user add NAME [--desk-phone]  Add a phone: prints its password once. A new name becomes
                                         a new person; a known one gets one more phone.
  carillon user list                     Who lives here.
  carillon help                          This.

Options, and the variables that do the same:

${rows.join("\n")}

  --desk-phone makes a password for a phone that knows MD5 only, as most desk phones do.

It exits with 0 when all went well, 1 when something was in the way, 2 when it was asked wrongly.
`;
}
