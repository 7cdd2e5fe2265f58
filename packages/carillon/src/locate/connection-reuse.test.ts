import { describe, expect, test } from "vitest";
import type { Flow } from "../transport/flow.ts";
import { aliasKey, clientAlias, reusable, serverAlias } from "./connection-reuse.ts";
import type { Target } from "./target.ts";

const target = (name: string, more: Partial<Target> = {}): Target => ({
  transport: "TLS",
  address: { host: "192.0.2.1", port: 5061 },
  name,
  ...more,
});
const flow = (transport: Flow["transport"]): Flow => ({
  transport,
  local: { host: "192.0.2.128", port: 5061 },
  remote: { host: "192.0.2.1", port: 40_000 },
  connection: 18,
});
const via = (port?: number, ...names: string[]) => ({
  port,
  params: new Map(names.map((name) => [name, ""])),
});

describe("RFC 5923 §9.3: two domains on one address", () => {
  const net = ["example.net"];
  const rows = [
    clientAlias(target("example.com"), 18, ["example.com", "p1.example.com"], "ours.org"),
    clientAlias(target("example.net"), 54, net, "ours.org"),
  ];

  //= RFC 5923 §8.1
  //# Once the server has been authenticated, the client MUST cache, in the alias table, the
  //# identity (or identities) of the server as determined in Section 7.1 of RFC 5922 [RFC5922]. The
  //# client MUST also populate the destination IP address, port, and transport of the server in the
  //# alias table; these fields are retrieved from executing RFC3263 server resolution process on
  //# the next-hop URI. And finally, the client MUST populate the alias descriptor field with the
  //# connection handle (or identifier) used to connect to the server.
  test("a row holds address, transport, identities and connection", () => {
    expect(rows[1]).toEqual({
      ...{ connection: 54, transport: "TLS", identities: net, owner: "ours.org" },
      address: { host: "192.0.2.1", port: 5061 },
    });
  });

  //= RFC 5923 §8.1
  //# 2. The URI used for RFC3263 server resolution matches one of the identities stored in the
  //# alias table row corresponding to that resolved address.
  test("each request takes the connection whose certificate spoke for its domain", () => {
    expect(reusable(rows, target("example.com"), "ours.org")?.connection).toBe(18);
    expect(reusable(rows, target("p1.example.com"), "ours.org")?.connection).toBe(18);
    expect(reusable(rows, target("Example.NET"), "ours.org")?.connection).toBe(54);
    expect(reusable(rows, target("example.org"), "ours.org")).toBeUndefined();
  });

  test("another address, port or transport is another connection", () => {
    const host = { address: { host: "192.0.2.2", port: 5061 } };
    const port = { address: { host: "192.0.2.1", port: 5062 } };
    expect(reusable(rows, target("example.com", host), "ours.org")).toBeUndefined();
    expect(reusable(rows, target("example.com", port), "ours.org")).toBeUndefined();
    const other = target("example.com", { transport: "WSS" });
    expect(reusable(rows, other, "ours.org")).toBeUndefined();
  });

  //= RFC 5923 §9.3
  //# P1 MUST NOT open a connection on behalf of one domain and reuse it to send a new request on
  //# behalf of another domain.
  test("what was opened for one domain of ours is not for another", () => {
    expect(reusable(rows, target("example.com"), "other.org")).toBeUndefined();
    const key = (owner: string) => aliasKey(target("example.com"), owner);
    expect(key("ours.org")).toBe("TLS 192.0.2.1:5061 ours.org");
    expect(key("other.org")).not.toBe(key("ours.org"));
  });
});

test("without TLS nobody is proved to be anybody: the address alone decides", () => {
  const tcp = target("example.com", { transport: "TCP" });
  const rows = [clientAlias(tcp, 7, [], "ours.org")];
  expect(reusable(rows, { ...tcp, name: "example.net" }, "ours.org")?.connection).toBe(7);
});

describe("RFC 5923 §8.2: a connection that a peer opened", () => {
  //= RFC 5923 §8.2
  //# If the sent-by production of the Via header field contains a port, the server MUST use it as a
  //# destination port. Otherwise, the default port is the destination port.
  test("is known by the address it came from and the port of sent-by", () => {
    const row = serverAlias(flow("TLS"), via(undefined, "alias"), ["example.com"], "ours.org");
    expect(row).toEqual({
      ...{ connection: 18, transport: "TLS", identities: ["example.com"], owner: "ours.org" },
      address: { host: "192.0.2.1", port: 5061 },
    });
    const other = serverAlias(flow("TLS"), via(5071, "alias"), ["example.com"], "ours.org");
    expect(other?.address.port).toBe(5071);
  });

  //= RFC 5923 §9.2
  //# If the client does not present a certificate, the server MUST proceed as if the "alias" header
  //# field parameter was not present in the topmost Via header. In this case, the server MUST NOT
  //# update the alias table.
  //= RFC 5923 §9.3
  //# Virtual servers MUST only perform connection reuse for TLS connections; virtual servers MUST
  //# NOT perform connection reuse for other connection-oriented transports.
  test("is not used without a certificate, without TLS, or without alias", () => {
    const alias = via(undefined, "alias");
    expect(serverAlias(flow("TLS"), alias, [], "ours.org")).toBeUndefined();
    expect(serverAlias(flow("TCP"), alias, ["example.com"], "ours.org")).toBeUndefined();
    expect(serverAlias(flow("WSS"), alias, ["example.com"], "ours.org")).toBeUndefined();
    expect(serverAlias(flow("TLS"), via(), ["example.com"], "ours.org")).toBeUndefined();
  });
});
