import { describe, expect, test } from "vitest";
import {
  CHAT_NAMESPACE,
  CHAT_PREFIX,
  type ChatHeaders,
  chatExtensions,
  chatHeadersOf,
} from "./chat-headers.ts";
import { type CpimExtension, formatCpim, parseCpim } from "./cpim.ts";

function read(extensions: readonly CpimExtension[]) {
  const octets = formatCpim({
    ...{ from: { name: "", uri: "sip:anna@b" }, to: { name: "", uri: "sip:bob@b" } },
    ...{ extensions, prefixes: { [CHAT_NAMESPACE]: CHAT_PREFIX } },
    ...{ contentHeaders: [["Content-Type", "text/plain"]], content: "hello" },
  });
  const message = parseCpim(octets);
  return message.ok ? chatHeadersOf(message.value) : message;
}

const raw = (name: string, value: string): CpimExtension => {
  return { namespace: CHAT_NAMESPACE, name, value };
};
const file = { url: "https://b/f/1/ü.png", name: 'a "b".png', size: 20_000_000, type: "image/png" };

describe("headers of a chat", () => {
  test("RFC 3862 §3.4 say the same once they have been written and read", () => {
    const all: readonly ChatHeaders[] = [
      ...[{}, { replaces: "m1" }, { retracts: "m1" }, { read: 0 }, { read: 17 }],
      ...[
        { replyTo: "m1", file },
        { replaces: "m 2 \\ ü", file: { ...file, hash: "sha-256:0" } },
      ],
    ];
    for (const headers of all) {
      expect(read(chatExtensions(headers))).toEqual({ ok: true, value: headers });
    }
  });

  test("are refused where they say nothing, or two things", () => {
    for (const wrong of [
      [raw("Replaces", "")],
      [raw("Replaces", "x".repeat(257))],
      [raw("Replaces", "a"), raw("Replaces", "a")],
      [raw("Replaces", "a"), raw("Retracts", "b")],
      [raw("Retracts", "a"), raw("Read", "1")],
      [raw("Read", "-1")],
      [raw("Read", "1".repeat(16))],
      [raw("In-Reply-To", " ")],
      [raw("File", "{}")],
      [raw("File", "nonsense")],
      [raw("File", JSON.stringify({ ...file, size: "7" }))],
      [raw("File", JSON.stringify({ ...file, url: `https://b/${"x".repeat(2048)}` }))],
      [raw("File", JSON.stringify(file).replace(",", `,${" ".repeat(4096)}`))],
    ]) {
      expect(read(wrong), JSON.stringify(wrong).slice(0, 80)).toMatchObject({
        ...{ ok: false, error: { code: "bad-chat-header", status: 400 } },
      });
    }
  });

  test("are not those of others that have the same names", () => {
    const others = { namespace: "urn:other", name: "Replaces", value: "m1" };
    const octets = formatCpim({
      ...{ from: { name: "", uri: "sip:a@b" }, to: { name: "", uri: "sip:b@b" } },
      ...{ extensions: [others], prefixes: { "urn:other": "o" } },
      ...{ contentHeaders: [["Content-Type", "text/plain"]], content: "hello" },
    });
    const message = parseCpim(octets);
    expect(message.ok && chatHeadersOf(message.value)).toEqual({ ok: true, value: {} });
  });
});
