/** Specimens of the machine's states and inputs. */
import { drawn, type Picture } from "../picture.ts";
import type { Input, State, Target } from "../redirection.ts";
import * as machine from "../redirection.ts";

const [bob, desk, mobile] = ["sip:bob@a.example", "sip:desk@b.example", "sip:mobile@b.example"];
const at = (uri: string, q = 1): Target => ({ uri, q });

const states: readonly State[] = [
  { name: "Trying", seen: [bob], left: [], redirections: 0 },
  { name: "Trying", seen: [bob, desk, mobile], left: [at(mobile)], redirections: 1 },
  {
    ...{ name: "Asking", seen: [bob, desk, mobile], left: [at(desk), at(mobile)] },
    ...{ redirections: 1, status: 302 },
  },
  { name: "Terminated" },
];

const redirected = (status: number, ...contacts: readonly Target[]): Input => ({
  ...{ kind: "Redirected", status, contacts },
});

const inputs: readonly (readonly [Input, number])[] = [
  [redirected(302, at(mobile, 0.5), at(desk)), 7],
  [redirected(302, at(bob)), 7],
  [redirected(305, at(desk)), 7],
  [{ kind: "Failed", status: 486 }, 7],
  [{ kind: "Failed", status: 603 }, 7],
  [{ kind: "Decided", goOn: true }, 7],
  [{ kind: "Decided", goOn: false }, 7],
  [{ kind: "Tick" }, 7],
  [{ kind: "Abandon" }, 7],
];

export const redirection = (): Picture =>
  drawn({
    title: "A call that is sent elsewhere",
    file: "usage/redirection.ts",
    source: "RFC 3261 §8.1.3.4",
    machine,
    params: { target: bob, maxRedirections: 5, maxTargets: 16 },
    states,
    inputs,
  });
