import { describe, expect, test } from "vitest";
import { parseCredentials } from "../auth/credentials.ts";
import { hasHeader, header, headerLines } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import { answerTo, lonePhone } from "../testing/lone-phone.ts";

const digest = (realm: string, more = "") =>
  `Digest realm="${realm}", nonce="n1", algorithm=SHA-256, qop="auth"${more}`;
const asks = (value: string) => ({ lines: [`WWW-Authenticate: ${value}`] });
const proxyAsks = (value: string) => ({ lines: [`Proxy-Authenticate: ${value}`] });

/** A phone with a password; its first REGISTER is out. */
async function registering(options: Parameters<typeof lonePhone>[0] = { password: "secret" }) {
  const lone = lonePhone(options);
  const registered = lone.phone.register();
  registered.catch(() => {});
  await lone.wait(0);
  const next = (method = "REGISTER") => lone.requests(method)[0] as Request;
  return { ...lone, registered, next };
}

/** A phone that was registered after a challenge of this realm, and calls. */
async function calling(realm: string) {
  const it = await registering();
  await it.say(answerTo(it.next(), 401, asks(digest(realm))));
  await it.say(answerTo(it.next(), 200));
  await it.registered;
  const call = it.phone.call("sip:bob@example.com");
  await it.wait(0);
  return { ...it, call, invite: it.next("INVITE") };
}

describe("a password", () => {
  test.each(["sip:alice@example.com", "alice\r\nX: y"])(
    "of a name that no digest can have is refused before anything is sent: %j",
    (username) => {
      expect(() => lonePhone({ username, password: "secret" })).toThrow(RangeError);
    },
  );

  test("RFC 3261 §22.2 answers the registrar with the next number, all else the same", async () => {
    const { say, next, registered, phone } = await registering();
    const first = next();
    await say(answerTo(first, 401, asks(digest("any realm at all"))));
    const second = next();
    expect(header(second, "Authorization")).toContain('realm="any realm at all"');
    expect(header(second, "Authorization")).toContain('username="alice"');
    for (const name of ["From", "To", "Call-ID", "Contact"]) {
      expect(header(second, name)).toBe(header(first, name));
    }
    //= RFC 3261 §10.2
    //# A UA MUST increment the CSeq value by one for each REGISTER request with the same Call-ID.
    //= RFC 3261 §22.2
    //# it MUST increment the CSeq header field value as it would normally when sending an updated
    //# request.
    expect([header(first, "CSeq"), header(second, "CSeq")]).toEqual(["1 REGISTER", "2 REGISTER"]);
    await say(answerTo(second, 200));
    await registered;
    expect(phone.state.name).toBe("Registered");
  });

  test("RFC 3261 §22.4 goes with a name of its own where the address has another", async () => {
    const { say, next } = await registering({ username: "acct-17", password: "secret" });
    await say(answerTo(next(), 401, asks(digest("r"))));
    const second = next();
    expect(header(second, "Authorization")).toContain('username="acct-17"');
    expect(header(second, "From")).toContain("sip:alice@example.com");
  });

  test("RFC 3261 §22.1 is not tried again when it was wrong", async () => {
    const { say, next, registered, sent, wait, phone } = await registering();
    await say(answerTo(next(), 401, asks(digest("r"))));
    //= RFC 3261 §22.1
    //# A UAC MUST NOT re-attempt requests with the credentials that have just been rejected (though
    //# the request may be retried if the nonce was stale).
    await say(answerTo(next(), 401, asks(digest("r"))));
    await expect(registered).rejects.toMatchObject({ code: "SIP_UNAUTHORIZED", status: 401 });
    expect(phone.state.name).toBe("Failed");
    await wait(3_600_000);
    expect(sent()).toEqual([]);
  });

  test("is tried again with a new nonce when the old one was stale, but not for ever", async () => {
    const { say, next, registered, requests } = await registering();
    await say(answerTo(next(), 401, asks(digest("r"))));
    let tries = 0;
    for (let [again] = requests("REGISTER"); again; [again] = requests("REGISTER")) {
      tries++;
      await say(answerTo(again, 401, asks(digest("r", ", stale=true"))));
    }
    expect(tries).toBe(4);
    await expect(registered).rejects.toMatchObject({ code: "SIP_UNAUTHORIZED" });
  });

  //= RFC 3261 §20.7
  //# Although not a comma-separated list, this header field name may be present multiple times, and
  //# MUST NOT be combined into a single header line using the usual rules described in Section 7.3.
  //= RFC 3261 §20.28
  //# Although not a comma-separated list, this header field name may be present multiple times, and
  //# MUST NOT be combined into a single header line using the usual rules described in Section
  //# 7.3.1.
  test("RFC 3261 §20.28 answers each of two servers in a line of its own", async () => {
    for (const [status, name, ask] of [
      [407, "Proxy-Authorization", proxyAsks],
      [401, "Authorization", asks],
    ] as const) {
      const { say, next } = await registering();
      await say(answerTo(next(), status, ask(digest("one"))));
      await say(answerTo(next(), status, ask(digest("two"))));
      const lines = headerLines(next(), name);
      expect(lines.map((line) => /realm="(\w+)"/.exec(line)?.[1])).toEqual(["one", "two"]);
      for (const line of lines) expect(line.match(/Digest /g)).toHaveLength(1);
    }
  });

  //= RFC 3261 §21.4.8
  //# This code is similar to 401 (Unauthorized), but indicates that the client MUST first
  //# authenticate itself with the proxy.
  //= RFC 7616 §3.8
  //# The client/proxy MUST then reissue the request with a Proxy-Authorization header field, with
  //# parameters as specified for the Authorization header field in Section 3.4 above.
  test("answers a proxy and then the registrar, each in its own header", async () => {
    const { say, next, registered } = await registering();
    await say(answerTo(next(), 407, proxyAsks(digest("proxy"))));
    await say(answerTo(next(), 401, asks(digest("registrar"))));
    const both = next();
    expect(header(both, "Proxy-Authorization")).toContain('realm="proxy"');
    expect(header(both, "Authorization")).toContain('realm="registrar"');
    await say(answerTo(both, 200));
    await registered;
  });

  //= RFC 7616 §3.4
  //# The nc value is the hexadecimal count of the number of requests (including the current
  //# request) that the client has sent with the nonce value in this request.
  test("RFC 7616 §3.4: counts how often a server on the way has seen its nonce", async () => {
    const { say, next } = await registering();
    await say(answerTo(next(), 407, proxyAsks(digest("proxy"))));
    const first = next();
    await say(answerTo(first, 401, asks(digest("registrar"))));
    const second = next();
    const shown = [
      header(first, "Proxy-Authorization"),
      header(second, "Proxy-Authorization"),
      header(second, "Authorization"),
    ].map((value = "") => {
      const credentials = parseCredentials(value);
      return credentials.ok && credentials.value;
    });
    expect(shown).toMatchObject([{ nc: 1 }, { nc: 2 }, { nc: 1 }]);
    expect(shown.map((one) => one && "response" in one && one.response.length)).toEqual([
      ...[64, 64, 64],
    ]);
  });

  test("goes to the realms that REGISTER met, and to no other", async () => {
    for (const realm of ["evil.example", "example.com"]) {
      for (const status of [401, 407]) {
        const { say, invite, call, sent } = await calling("our realm");
        const challenge = status === 401 ? asks(digest(realm)) : proxyAsks(digest(realm));
        await say(answerTo(invite, status, challenge));
        expect(sent().filter((text) => !text.startsWith("ACK"))).toEqual([]);
        expect(await call.ended).toMatchObject({ code: "SIP_UNAUTHORIZED" });
      }
    }
    const { say, invite, next } = await calling("our realm");
    await say(answerTo(invite, 401, asks(digest("our realm"))));
    expect(hasHeader(next("INVITE"), "Authorization")).toBe(true);
  });

  test("picks its own realm out of several challenges", async () => {
    const { say, invite, next } = await calling("our realm");
    //= RFC 3261 §22.3
    //# These credentials MUST NOT be cached across dialogs
    expect(invite.text).not.toMatch(/Authorization/);
    const lines = ["evil.example", "our realm", "x"].map(
      (realm) => `Proxy-Authenticate: ${digest(realm)}`,
    );
    await say(answerTo(invite, 407, { lines }));
    const proofs = headerLines(next("INVITE"), "Proxy-Authorization");
    expect(proofs).toHaveLength(1);
    expect(proofs[0]).toContain('realm="our realm"');
  });

  test("before any REGISTER was challenged goes to the domain of one's address", async () => {
    for (const [realm, answers] of [
      ["example.com", 1],
      ["evil.example", 0],
    ] as const) {
      const it = await registering();
      await it.say(answerTo(it.next(), 200));
      it.phone.call("sip:bob@example.com");
      await it.wait(0);
      await it.say(answerTo(it.next("INVITE"), 407, proxyAsks(digest(realm))));
      expect(it.requests("INVITE")).toHaveLength(answers);
    }
  });

  test("is of no use with a challenge that makes no sense", async () => {
    const odd = ["Basic realm=x", "Digest", 'Digest realm="r", nonce="n", algorithm=ROT13', "\xff"];
    for (const value of odd) {
      const { say, next, registered } = await registering();
      await say(answerTo(next(), 401, asks(value)));
      await expect(registered).rejects.toMatchObject({ code: "SIP_UNAUTHORIZED" });
    }
  });
});

describe("a token", () => {
  function tokens() {
    let count = 0;
    const token = async () => `token${++count}`;
    return { token, count: () => count };
  }

  test("RFC 8898 §2.1.3 is shown with the first REGISTER, without being asked", async () => {
    const { token } = tokens();
    const { next, say, registered } = await registering({ token });
    const register = next();
    expect(header(register, "Authorization")).toBe("Bearer token1");
    await say(answerTo(register, 200));
    await registered;
  });

  test("that has expired is got anew, once", async () => {
    const { token, count } = tokens();
    const { next, say, registered, phone } = await registering({ token });
    await say(answerTo(next(), 401, asks(digest("house"))));
    const again = next();
    expect(headerLines(again, "Authorization")).toEqual(["Bearer token2"]);
    await say(answerTo(again, 401, asks(digest("house"))));
    await expect(registered).rejects.toMatchObject({ code: "SIP_UNAUTHORIZED" });
    expect(phone.state.name).toBe("Failed");
    expect(count()).toBe(2);
  });

  test("is got anew for a call that meets its end, in the header that was asked for", async () => {
    const { token } = tokens();
    const it = await registering({ token });
    await it.say(answerTo(it.next(), 200));
    const call = it.phone.call("sip:bob@example.com");
    await it.wait(0);
    const invite = it.next("INVITE");
    expect(header(invite, "Proxy-Authorization")).toBe("Bearer token1");
    await it.say(answerTo(invite, 407, proxyAsks(digest("house"))));
    expect(headerLines(it.next("INVITE"), "Proxy-Authorization")).toEqual(["Bearer token2"]);
    expect(call.state.name).toBe("Dialing");
  });

  test("that cannot be had rejects in the words of whoever should have given it", async () => {
    const { phone } = lonePhone({ token: () => Promise.reject(new Error("Sign in again.")) });
    const error = { code: "SIP_UNAUTHORIZED", message: "Sign in again." };
    await expect(phone.register()).rejects.toMatchObject(error);
    expect(phone.state.name).toBe("Offline");
  });

  test("that cannot be had a second time ends the sign-in, however it fails", async () => {
    let count = 0;
    const token = (): Promise<string> => {
      if (count++ > 0) throw new Error("not even a promise");
      return Promise.resolve("token");
    };
    const { next, say, registered } = await registering({ token });
    await say(answerTo(next(), 401, asks(digest("house"))));
    await expect(registered).rejects.toMatchObject({ code: "SIP_UNAUTHORIZED" });
  });
});
