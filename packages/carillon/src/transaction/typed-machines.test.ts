/** The types of the four machines. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { Request, Response } from "../message/message.ts";
import type { inviteClient, inviteServer, nonInviteClient, nonInviteServer } from "./index.ts";

/** What all of them are: pure functions, with the state for a value, and the time handed in. */
interface Machine<Params, State, Input, Output> {
  start(params: Params, now: number): readonly [State, ...Output[]];
  step(params: Params, state: State, input: Input, now: number): readonly [State, ...Output[]];
  deadline(state: State): number;
}

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};

type Members<T> = T extends unknown ? keyof T : never;

test("each is start, step and deadline, of its own states, inputs and outputs", () => {
  expectTypeOf<Pick<typeof inviteClient, keyof Machine<1, 1, 1, 1>>>().toEqualTypeOf<
    Machine<inviteClient.Params, inviteClient.State, inviteClient.Input, inviteClient.Output>
  >();
  expectTypeOf<Pick<typeof inviteServer, keyof Machine<1, 1, 1, 1>>>().toEqualTypeOf<
    Machine<inviteServer.Params, inviteServer.State, inviteServer.Input, inviteServer.Output>
  >();
  expectTypeOf<Pick<typeof nonInviteClient, keyof Machine<1, 1, 1, 1>>>().toEqualTypeOf<
    Machine<
      nonInviteClient.Params,
      nonInviteClient.State,
      nonInviteClient.Input,
      nonInviteClient.Output
    >
  >();
  expectTypeOf<Pick<typeof nonInviteServer, keyof Machine<1, 1, 1, 1>>>().toEqualTypeOf<
    Machine<
      nonInviteServer.Params,
      nonInviteServer.State,
      nonInviteServer.Input,
      nonInviteServer.Output
    >
  >();
});

test("RFC 3261 §17, RFC 6026: states have the names of the figures", () => {
  expectTypeOf<inviteClient.State["name"]>().toEqualTypeOf<
    "Calling" | "Proceeding" | "Completed" | "Accepted" | "Terminated"
  >();
  expectTypeOf<inviteServer.State["name"]>().toEqualTypeOf<
    "Proceeding" | "Completed" | "Confirmed" | "Accepted" | "Terminated"
  >();
  expectTypeOf<nonInviteClient.State["name"]>().toEqualTypeOf<
    "Trying" | "Proceeding" | "Completed" | "Terminated"
  >();
  expectTypeOf<nonInviteServer.State["name"]>().toEqualTypeOf<
    "Trying" | "Proceeding" | "Completed" | "Terminated"
  >();
});

test("RFC 3261 §17.1.1: a state holds the timers that run in it, and no others", () => {
  expectTypeOf<Members<inviteClient.Calling>>().toEqualTypeOf<
    "name" | "timerA" | "intervalA" | "timerB"
  >();
  expectTypeOf<Members<inviteClient.Proceeding>>().toEqualTypeOf<"name">();
  expectTypeOf<Members<inviteClient.Completed>>().toEqualTypeOf<"name" | "timerD" | "ack">();
  expectTypeOf<Members<inviteClient.Accepted>>().toEqualTypeOf<"name" | "timerM">();
  expectTypeOf<Members<inviteClient.Terminated>>().toEqualTypeOf<"name">();
  compiled((state: inviteClient.State) => {
    if (state.name === "Calling") return state.timerB;
    // @ts-expect-error: in no other state does timer B run
    return state.timerB;
  });
});

test("a machine is given the time and changes nothing", () => {
  type Heard = Extract<inviteClient.Input, { readonly kind: "Response" }>;
  expectTypeOf<Heard["response"]>().toEqualTypeOf<Response>();
  expectTypeOf<inviteClient.Params["request"]>().toEqualTypeOf<Request>();
  compiled(
    (machine: typeof inviteClient, params: inviteClient.Params, state: inviteClient.State) => {
      const [next, ...outputs] = machine.step(params, state, { kind: "Tick" }, 0);
      expectTypeOf(next).toEqualTypeOf<inviteClient.State>();
      expectTypeOf(outputs).toEqualTypeOf<inviteClient.Output[]>();
      // @ts-expect-error: it has no clock
      machine.step(params, state, { kind: "Tick" });
      // @ts-expect-error: a transaction of an INVITE hears of responses, and of no requests
      machine.step(params, state, { kind: "Request", request: params.request }, 0);
      if (state.name === "Calling") {
        // @ts-expect-error: the state before stays as it was
        state.timerA = 0;
      }
    },
  );
});
