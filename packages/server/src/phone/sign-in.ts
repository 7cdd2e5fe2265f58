/** Signing in for one call: what was in the way, in words for whoever started it. */
import { type CorePhone, SipError } from "carillon/ua";
import { CannotStart } from "../cannot-start.ts";

/** As whom. */
export interface Account {
  readonly user: string;
  readonly password: string | undefined;
}

/** Resolves once the server knows this phone. Throws CannotStart in words. */
export async function signIn(
  phone: Pick<CorePhone, "aor" | "register">,
  account: Account,
): Promise<void> {
  try {
    await phone.register();
  } catch (cause) {
    if (!(cause instanceof SipError)) throw cause;
    throw new CannotStart(`${phone.aor} cannot sign in: ${cause.message} ${hint(cause, account)}`);
  }
}

function hint({ code }: SipError, { user, password }: Account): string {
  if (code === "SIP_TRANSPORT" || code === "SIP_TIMEOUT") {
    return "Another server is chosen with --server.";
  }
  if (code !== "SIP_UNAUTHORIZED") return "Its operator knows why.";
  return password === undefined
    ? "Set CARILLON_PASSWORD to the password."
    : `Is CARILLON_PASSWORD that of ${user}? Another name is chosen with --user.`;
}
