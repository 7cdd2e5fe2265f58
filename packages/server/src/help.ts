/**
 * What `carillon help` prints.
 */
import { lookCommands } from "./look-command.ts";
import { settings } from "./settings.ts";
import { userCommands } from "./user-command.ts";

const exitCodes =
  "It exits with 0 when all went well, 1 when something was in the way, 2 when asked wrongly.";

export function helpText(about: "all" | "user" = "all"): string {
  return about === "user" ? userHelp() : wholeHelp();
}

function wholeHelp(): string {
  const rows = settings.map(({ flag, env, about }) => {
    const name = flag === undefined ? "" : `--${flag}`;
    return `  ${name.padEnd(12)} ${env.padEnd(18)} ${about}`;
  });
  return `Carillon: calls with voice and video, in a page and on desk phones.

  carillon [serve]                       Start the server. With npm: npm start -- [options]
  carillon help [user]                   This; or more about the commands below.

${userRows()}

  What --desk-phone, --label and --json do with them: carillon help user

${lookRows()}

Options, and the variables that do the same:

${rows.join("\n")}

${exitCodes}
`;
}

function userHelp(): string {
  return `People and their phones. All of it works beside a running server, which knows it at once.

${userRows()}

  --desk-phone   The phone knows MD5 only, as most desk phones do.
  --label LABEL  What to call it, such as Kitchen; so that it is the right one that goes later.
  --json         One JSON document on stdout. If something was in the way: one on stderr, with a
                 code, a message and a hint.
  --data FOLDER  The house; .carillon in this folder if not given.

A phone's password is made here, shown once, and kept only as a hash. A phone that is lost is
revoked alone: its password means nothing any more, nobody is called on it, and the person's other
phones and pages go on. A call that it is in goes on until it ends.

  carillon user add "Anna Müller" --desk-phone --label Kitchen
  carillon user device list anna-muller
  carillon user device revoke anna-muller Kitchen

${exitCodes}
`;
}

function lookRows(): string {
  return Object.entries(lookCommands)
    .flatMap(([word, { args, about, flags }]) =>
      about.map((line, i) => {
        const marks = flags.map((flag) => `[--${flag}]`);
        const command = i === 0 ? ["carillon", word, args, ...marks].filter(Boolean).join(" ") : "";
        return `  ${command.padEnd(42)} ${line}`.trimEnd();
      }),
    )
    .join("\n");
}

function userRows(): string {
  return userCommands
    .flatMap(({ words, args, about }) =>
      about.map((line, i) => {
        const command = i === 0 ? ["carillon user", words, ...args].join(" ") : "";
        return `  ${command.padEnd(42)} ${line}`.trimEnd();
      }),
    )
    .join("\n");
}
