/**
 * An Identity header that is true, and what is nearly one: each character of it changed, in its
 * full form and in its compact one; and certificates at addresses that nobody should ask.
 */
import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { formatPassport, IdentityVerifier, type Said, toBase64url } from "carillon/auth";
import { demand, type Report } from "../interop/report.ts";

const NOW = 1_790_000_000;
const INFO = "https://certs.example/one.pem";
const SAID: Said = {
  orig: { kind: "tn", number: "12155551212" },
  dest: [{ kind: "tn", number: "12125551213" }],
  iat: NOW,
};
const PLACES = [
  ...["http://127.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "http://certs.example/one.pem"],
  ...["https://certs.example@evil.example/", "https://certs.example.evil.example/", "file:///x"],
  ...["https://certs.example:22/", "https://certs.example\\@evil.example/", "https://169.254.1.1/"],
];

export async function identities(_: string, report: Report): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signed = (text: string) => toBase64url(sign("sha256", Buffer.from(text), ieee(privateKey)));
  const made = (info: string) => {
    const text = formatPassport(info, undefined, SAID);
    return {
      full: `${text}.${signed(text)};info=<${info}>`,
      compact: `..${signed(text)};info=<${info}>`,
    };
  };
  const fetched: string[] = [];
  const verifier = () =>
    new IdentityVerifier({
      isAllowed: (host) => host === "certs.example",
      key: (x5u) => {
        fetched.push(x5u);
        return x5u === INFO ? publicKey : undefined;
      },
      verify: (key, text, signature) =>
        verify("sha256", Buffer.from(text), ieee(key as KeyObject), signature),
      speaksFor: () => true,
    });
  const isTrue = (identity: string, said: Said = SAID, by = verifier()): boolean =>
    by.check({ ...said, identity, now: NOW, ppts: ["shaken"] }).ok;

  await report.check("one of all that are nearly right is true, once, and for one callee", () => {
    const good = made(INFO);
    demand(isTrue(good.full) && isTrue(good.compact), "the good ones are not");
    const changed = Object.values(good).flatMap((one) => mutations(one));
    const taken = changed.filter((one) => isTrue(one));
    demand(taken.length === 0, `${taken.length} are true: ${taken[0]}`);
    const by = verifier();
    demand(isTrue(good.full, SAID, by), "the first use");
    const other: Said = { ...SAID, dest: [{ kind: "tn", number: "12125559999" }] };
    demand(!isTrue(good.full, SAID, by) && !isTrue(good.full, other, by), "it was good twice");
    return Promise.resolve(`${changed.length} changed, ${taken.length} true; used again: refused`);
  });
  await report.check("certificates are asked for at allowed hosts over https alone", () => {
    fetched.length = 0;
    for (const info of PLACES) demand(!isTrue(made(info).full), `${info} was believed`);
    demand(fetched.length === 0, `asked for ${fetched.join()}`);
    return Promise.resolve(`${PLACES.length} other places, ${fetched.length} asked for`);
  });
}

const ieee = (key: KeyObject) => ({ key, dsaEncoding: "ieee-p1363" }) as const;

/** Each character another one, left out, and twice. */
function mutations(text: string): readonly string[] {
  return [...text].flatMap((one, at) => {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    const other = one === "A" ? "B" : "A";
    return [`${before}${other}${after}`, before + after, `${before}${one}${one}${after}`];
  });
}
