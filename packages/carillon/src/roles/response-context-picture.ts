/** The response context drawn: specimens of its states and inputs. docs/machines.md shows it. */
import { drawn, type Picture } from "../usage/picture.ts";
import * as machine from "./response-context.ts";

const params: machine.Params = { method: "INVITE", branches: 2, groups: 1, ringMs: 20_000 };
const alone: machine.Params = { ...params, groups: 0 };

const said = (branch: number, status: number): machine.Input => ({
  ...{ kind: "Response", branch, status },
});

const after = (p: machine.Params, ...inputs: readonly machine.Input[]): machine.State =>
  inputs.reduce((state, input) => machine.step(p, state, input, 0)[0], machine.start(p, 0)[0]);

/** The machine drawn, as `pictures` of `carillon/usage` draws the others. */
export const responseContext = (): Picture =>
  drawn({
    title: "Responses to a request that went several ways",
    file: "roles/response-context.ts",
    source: "RFC 3261 §16.7, §16.8, §16.10",
    machine,
    params,
    states: [
      after(params),
      after(params, said(0, 486)),
      machine.step(params, after(params), { kind: "Tick" }, params.ringMs)[0],
      after(alone),
      after(alone, said(0, 486)),
      after(alone, said(0, 603)),
      after(alone, said(0, 200)),
    ],
    inputs: [
      [said(1, 100), 10],
      [said(1, 180), 10],
      [said(1, 200), 10],
      [said(1, 302), 10],
      [said(1, 407), 10],
      [said(1, 486), 10],
      [said(1, 603), 10],
      [{ kind: "Failed", branch: 1, status: 408 }, 10],
      [{ kind: "Failed", branch: 1, status: 503 }, 10],
      [{ kind: "Added", count: 1 }, 10],
      [{ kind: "Added", count: 0 }, 10],
      [{ kind: "Redirected", branch: 1, count: 2 }, 10],
      [{ kind: "Beside", branch: 1, count: 1 }, 10],
      [{ kind: "Cancelled" }, 10],
      [{ kind: "Tick" }, 10],
      [{ kind: "Tick" }, machine.TIMER_DECLINE],
      [{ kind: "Tick" }, params.ringMs],
      [{ kind: "Tick" }, params.ringMs + machine.TIMER_DECLINE],
      [{ kind: "Tick" }, machine.TIMER_C],
    ],
  });
