/** The types of an endpoint. `npm run types` checks them; that they run shows nothing. */
import { expectTypeOf, test } from "vitest";
import type { Address } from "../uri/host.ts";
import type { Endpoint, EndpointOptions, Incoming, Input, Output, Reply, Role } from "./index.ts";

type In<Kind extends Input["kind"]> = Extract<Input, { readonly kind: Kind }>;
type Out<Kind extends Output["kind"]> = Extract<Output, { readonly kind: Kind }>;

/** Compiled, and never run. */
const compiled = (_: (...given: never[]) => unknown): void => {};
const impossible = (value: never): never => value;

test("what happened goes in with the time, and what is to be done comes out", () => {
  expectTypeOf<Endpoint["handle"]>().toEqualTypeOf<
    (input: Input, now: number) => readonly Output[]
  >();
  expectTypeOf<Endpoint["deadline"]>().toEqualTypeOf<() => number>();
  compiled(async (endpoint: Endpoint) => {
    // @ts-expect-error: an endpoint has no clock of its own
    endpoint.handle({ kind: "Tick" });
    // @ts-expect-error: a time is a number of milliseconds
    endpoint.handle({ kind: "Tick" }, new Date());
    // @ts-expect-error: outputs are there at once
    endpoint.handle({ kind: "Tick" }, 0).then(() => {});
    // @ts-expect-error: outputs are not for their driver to change
    endpoint.handle({ kind: "Tick" }, 0).pop();
  });
});

test("inputs are told apart by kind, and each has what it needs", () => {
  expectTypeOf<Input["kind"]>().toEqualTypeOf<
    | "Listening"
    | "Unbound"
    | "Datagram"
    | "Unreachable"
    | "Opened"
    | "NotOpened"
    | "Received"
    | "Closed"
    | "Answered"
    | "Tick"
    | "Call"
  >();
  expectTypeOf<In<"Datagram">["remote"]>().toEqualTypeOf<Address>();
  expectTypeOf<In<"Opened">["transport"]>().toEqualTypeOf<"TCP" | "TLS" | "WS" | "WSS">();
  expectTypeOf<In<"Call">["run"]>().toEqualTypeOf<() => void>();
  const take = (_: Input): void => {};
  const local: Address = { host: "192.0.2.1", port: 5060 };
  compiled(() => {
    take({ kind: "Datagram", local, remote: local, octets: "" });
    // @ts-expect-error: from where it came is what answers go by
    take({ kind: "Datagram", local, octets: "" });
    // @ts-expect-error: octets are a string, so that nothing is copied
    take({ kind: "Received", connection: 1, octets: new Uint8Array() });
    // @ts-expect-error: over UDP there are no connections
    take({ kind: "Opened", connection: 1, transport: "UDP", local, remote: local });
    // @ts-expect-error: nothing of this kind happens
    take({ kind: "Timeout" });
  });
});

test("outputs are told apart by kind, and a driver can see that it carries all of them out", () => {
  expectTypeOf<Output["kind"]>().toEqualTypeOf<
    "Datagram" | "Send" | "Open" | "Close" | "Regard" | "Query"
  >();
  expectTypeOf<Out<"Send">["connection"]>().toEqualTypeOf<number>();
  expectTypeOf<Out<"Regard">["as"]>().toEqualTypeOf<"Heard" | "Known">();
  compiled((output: Output): unknown => {
    switch (output.kind) {
      case "Datagram":
        return output.remote.port;
      case "Send":
        return output.octets;
      case "Open":
        return "url" in output.to ? output.to.url : output.to.remote.host;
      case "Close":
        return output.connection;
      case "Regard":
        return output.as;
      case "Query":
        return output.question.name;
      default:
        return impossible(output);
    }
  });
  compiled((output: Output) => {
    // @ts-expect-error: a datagram belongs to no connection
    const { connection } = output;
    if (output.kind === "Query") return connection;
    // @ts-expect-error: the others are still to be carried out
    return impossible(output);
  });
});

test("a role takes requests and ACKs, and may leave all else out", () => {
  const play = (_: Role): void => {};
  compiled(() => {
    play({ attach() {}, request() {}, ack() {} });
    // @ts-expect-error: what becomes of a request is what a role is for
    play({ attach() {}, ack() {} });
    // @ts-expect-error: a CANCEL is passed on or not, at once
    play({ attach() {}, request() {}, ack() {}, cancel: async () => true });
  });
  expectTypeOf<EndpointOptions["role"]>().toEqualTypeOf<Role>();
});

test("a reply has a status, and headers that are pairs", () => {
  compiled((endpoint: Endpoint, incoming: Incoming) => {
    endpoint.reply(incoming, { status: 486, headers: [["Retry-After", "60"]] });
    // @ts-expect-error: no status, no response
    endpoint.reply(incoming, { reasonPhrase: "Busy Here" });
    // @ts-expect-error: a name and a value, and not a line
    endpoint.reply(incoming, { status: 486, headers: ["Retry-After: 60"] });
    // @ts-expect-error: it is called `reasonPhrase`
    const reply: Reply = { status: 486, reason: "Busy Here" };
    return reply;
  });
});
