import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { type ConnectionOptions, connect, createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Input } from "../endpoint/input-output.ts";
import {
  type Certificate,
  type CertificateOptions,
  certificate,
  revocationList,
} from "../testing/certificate.ts";
import { alternativeNames } from "./peer-identity.ts";
import type { ConnectionInfo, Link } from "./runner.ts";
import type { StreamHost } from "./stream-server.ts";
import { dialTls, type TlsCredentials, tls } from "./tls.ts";

const HERE = { host: "127.0.0.1", port: 0 };
const authority = certificate({ name: "an authority", isAuthority: true });
const other = certificate({ name: "another authority", isAuthority: true });
const signed = (options: Partial<CertificateOptions> = {}): Certificate =>
  certificate({ name: "x", issuer: authority, ...options });
const house = signed({ uris: ["sip:house.example"] });
const trusted = (shown?: Certificate): TlsCredentials => ({
  ...(shown && { cert: shown.cert, key: shown.key }),
  ca: authority.cert,
});

function recorder() {
  const connections: { info: ConnectionInfo; link: Link; closed: unknown[] }[] = [];
  const inputs: Input[] = [];
  const host: StreamHost = {
    input: (input) => void inputs.push(input),
    connection(info, link) {
      const closed: unknown[] = [];
      connections.push({ info, link, closed });
      return { received: link.send, closed: (cause) => void closed.push(cause) };
    },
  };
  return { host, connections, inputs };
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function stage(shown: Certificate = house, limits: Parameters<typeof tls>[3] = {}) {
  const on = recorder();
  const server = await tls(on.host, HERE, trusted(shown), limits);
  cleanups.push(() => server.close());
  return { ...on, server };
}

/** What becomes of a dial: an error, or the names that were proved. */
async function dialled(
  remote: { readonly host: string; readonly port: number },
  name: string,
  shown?: Certificate,
  credentials = trusted(shown),
) {
  const { host, connections, inputs } = recorder();
  dialTls(host, 7, { remote, name }, credentials);
  await vi.waitFor(() => expect(connections.length + inputs.length).toBe(1), { timeout: 3000 });
  const [connection] = connections;
  cleanups.push(() => connection?.link.close());
  const [input] = inputs;
  if (input?.kind === "NotOpened") return { refused: `${input.dial} ${input.cause}` };
  return { identities: connection?.info.identities, dial: connection?.info.dial };
}

describe("whom we call", () => {
  test("RFC 5922 §7.3: is who was wanted, by the name that was wanted", async () => {
    const { server } = await stage();
    expect(await dialled(server.address, "house.example")).toEqual({
      identities: ["house.example"],
      dial: 7,
    });
    //= RFC 5922 §7.3
    //# If the server is not authenticated, the client MUST close the connection immediately.
    const refused = await dialled(server.address, "other.example");
    expect(refused).toEqual({
      refused: "7 Error: the certificate does not speak for other.example",
    });
  });

  const name = "house.example";
  const uris = [`sip:${name}`];
  const bad: Record<string, Certificate> = {
    "has expired": signed({ uris, validFrom: -20, validTo: -1 }),
    "is not valid yet": signed({ uris, validFrom: 2 }),
    "is signed by itself": certificate({ name, uris }),
    "is signed by somebody we do not know": certificate({ name, uris, issuer: other }),
    "names somebody else": signed({ uris: ["sip:other.example"] }),
    "names it as CN only": signed({ name }),
    "has a wildcard": signed({ dns: ["*.example"] }),
    "names a user and no domain": signed({ uris: [`sip:someone@${name}`] }),
    "names it with a null behind": signed({ dns: [`${name}\0.evil.example`] }),
    "names it inside of another name": signed({ dns: [`evil.example, DNS:${name}`] }),
    "is for mail": signed({ uris, usage: "mail" }),
    "has a weak key": signed({ uris, key: "RSA 1024" }),
    "is signed with SHA-1": signed({ uris, hash: "sha1" }),
  };
  test.each(Object.entries(bad))("is refused if the certificate %s", async (_, shown) => {
    // What no server of ours would start with is shown by one that takes everything.
    const server = createTlsServer({ ...shown, ciphers: "DEFAULT@SECLEVEL=0" });
    server.on("tlsClientError", () => {});
    server.listen(0, HERE.host);
    await once(server, "listening");
    cleanups.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(await dialled({ host: HERE.host, port }, name)).toHaveProperty("refused");
  });

  test("has to speak for it as DNS name only where no URI does", async () => {
    const { server } = await stage(signed({ dns: ["House.Example"] }));
    expect(await dialled(server.address, "house.example")).toMatchObject({ dial: 7 });
    const both = await stage(signed({ dns: ["house.example"], uris: ["sip:other.example"] }));
    expect(await dialled(both.server.address, "house.example")).toHaveProperty("refused");
  });

  test("has to come to the point", async () => {
    const silent = createServer().listen(0, HERE.host);
    await once(silent, "listening");
    cleanups.push(() => silent.close());
    const { host, inputs } = recorder();
    const { port } = silent.address() as AddressInfo;
    const remote = { host: HERE.host, port };
    const limits = { connectMs: 50, handshakeMs: 50 };
    dialTls(host, 7, { remote, name: "x.example" }, {}, limits);
    await vi.waitFor(() => expect(inputs).toHaveLength(1));
    expect(String(inputs[0]?.kind === "NotOpened" && inputs[0].cause)).toContain("in time");
  });
});

describe("who calls us", () => {
  test("RFC 5922 §7.4: is nobody without a valid certificate", async () => {
    const on = await stage();
    const shown = [
      undefined,
      signed({ uris: ["sip:peer.example"] }),
      certificate({ name: "x", uris: ["sip:peer.example"], issuer: other }),
    ];
    for (const one of shown) await dialled(on.server.address, "house.example", one);
    await vi.waitFor(() => expect(on.connections).toHaveLength(3));
    //= RFC 5922 §7.4
    //# If the client does not present a certificate, the client MUST NOT be considered
    //# authenticated.
    //= RFC 5922 §7.4
    //# When authenticating the client, the server MUST obtain the set of SIP domain identities from
    //# the client certificate as described in Section 7.1.
    const identities = on.connections.map(({ info }) => info.identities);
    expect(identities).toEqual([[], ["peer.example"], []]);
  });

  const handshake = async (options: ConnectionOptions) => {
    const socket = connect({ ...options, rejectUnauthorized: false });
    cleanups.push(() => socket.destroy());
    return once(socket, "secureConnect").then(
      () => socket.getProtocol(),
      (error) => error.code,
    );
  };

  test("has TLS 1.2 at least", async () => {
    const { server } = await stage();
    const { host, port } = server.address;
    const old = { host, port, maxVersion: "TLSv1.1", minVersion: "TLSv1" } as const;
    expect(await handshake({ ...old, ciphers: "DEFAULT@SECLEVEL=0" })).toMatch(/ALERT|VERSION/);
    expect(await handshake({ host, port, maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
  });

  test("RFC 9325 §4.2: has ciphers with forward secrecy and authentication alone", async () => {
    const { server } = await stage();
    const { host, port } = server.address;
    const tls12 = { host, port, maxVersion: "TLSv1.2" } as const;
    for (const ciphers of ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES128-SHA"]) {
      expect(await handshake({ ...tls12, ciphers })).toMatch(/ALERT/);
    }
    expect(await handshake({ ...tls12, ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305" })).toBe("TLSv1.2");
  });

  test("RFC 9325 §3.5: does not shake hands anew on the same connection", async () => {
    const { server, connections } = await stage();
    const { host, port } = server.address;
    const socket = connect({ host, port, maxVersion: "TLSv1.2", rejectUnauthorized: false });
    cleanups.push(() => socket.destroy());
    await once(socket, "secureConnect");
    const refused = await new Promise((told) => {
      socket.on("error", told);
      socket.renegotiate({ rejectUnauthorized: false }, (error) => told(error));
    });
    expect(String(refused)).toMatch(/no.renegotiation/i);
    expect(connections).toHaveLength(1);
  });

  test("has to shake hands in time, and counts from the start", async () => {
    const on = await stage(house, { handshakeMs: 100 });
    const socket = connectTcp(on.server.address.port, HERE.host);
    await once(socket, "connect");
    await vi.waitFor(() => expect(on.server.count).toBe(1));
    await once(socket, "close");
    expect(on.connections).toEqual([]);
    await vi.waitFor(() => expect(on.server.count).toBe(0));
  });

  test("who speaks no TLS at all is hung up on, and nobody else is", async () => {
    const on = await stage();
    const socket = connectTcp(on.server.address.port, HERE.host);
    socket.on("error", () => {});
    socket.write("OPTIONS sip:house.example SIP/2.0\r\n\r\n");
    socket.resume();
    await once(socket, "close");
    expect(await dialled(on.server.address, "house.example")).toMatchObject({ dial: 7 });
  });
});

describe("RFC 5922 §7.1: a certificate that was revoked", () => {
  const peer = signed({ uris: ["sip:peer.example"] });
  const none = revocationList(authority, []);

  //= RFC 5922 §7.1
  //# Implementations (both clients and server) MUST determine the validity of a certificate by
  //# following the procedures described in RFC 5280 [6].
  test("is refused where we call", async () => {
    const { server } = await stage();
    const by = (crl: string) =>
      dialled(server.address, "house.example", undefined, { ...trusted(), crl });
    expect(await by(none)).toMatchObject({ dial: 7 });
    expect(await by(revocationList(authority, [peer]))).toMatchObject({ dial: 7 });
    const refused = { refused: "7 Error: certificate revoked" };
    expect(await by(revocationList(authority, [peer, house]))).toEqual(refused);
  });

  test("is refused, too, without a list of its authority, and by an old one", async () => {
    const { server } = await stage();
    const by = async (crl: string) =>
      (await dialled(server.address, "house.example", undefined, { ...trusted(), crl })).refused;
    expect(await by(revocationList(other, []))).toMatch(/unable to get certificate CRL/);
    expect(await by(revocationList(authority, [], { validTo: -1 }))).toMatch(/CRL has expired/);
  });

  test("names nobody where we are called, from the next reading of the list on", async () => {
    const on = await stage();
    const call = () => dialled(on.server.address, "house.example", peer);
    await call();
    on.server.reload({ ...trusted(house), crl: none });
    await call();
    on.server.reload({ ...trusted(house), crl: revocationList(authority, [peer]) });
    await call();
    await vi.waitFor(() => expect(on.connections).toHaveLength(3));
    const identities = on.connections.map(({ info }) => info.identities);
    expect(identities).toEqual([["peer.example"], ["peer.example"], []]);
  });
});

test("a new certificate is shown from the next handshake on, and nobody is cut off", async () => {
  const on = await stage();
  await dialled(on.server.address, "house.example");
  on.server.reload(trusted(signed({ uris: ["sip:renewed.example"] })));
  expect(await dialled(on.server.address, "house.example")).toHaveProperty("refused");
  expect(await dialled(on.server.address, "renewed.example")).toMatchObject({ dial: 7 });
  expect(on.connections[0]?.closed).toEqual([]);
  expect(() => on.server.reload({ cert: house.cert, key: authority.key })).toThrow();
  expect(await dialled(on.server.address, "renewed.example")).toMatchObject({ dial: 7 });
});

test("a certificate and a key that do not belong together are the caller's mistake", async () => {
  const { host } = recorder();
  const credentials = { cert: house.cert, key: authority.key };
  await expect(tls(host, HERE, credentials)).rejects.toThrow(/key values mismatch/);
});

test("names are read from Node's print, and none can look like two", () => {
  expect(alternativeNames("DNS:a.example, URI:sip:b.example, IP Address:192.0.2.1")).toEqual([
    { type: "DNS", value: "a.example" },
    { type: "URI", value: "sip:b.example" },
  ]);
  const hidden = 'DNS:"evil, DNS:good.example", DNS:"a\\", DNS:b.example", DNS:c.example';
  expect(alternativeNames(hidden)).toEqual([{ type: "DNS", value: "c.example" }]);
  for (const odd of ["", "DNS", 'DNS:"', "DNS:", ", , "]) {
    expect(alternativeNames(odd).filter(({ value }) => value !== "")).toEqual([]);
  }
});
