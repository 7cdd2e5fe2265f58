// What the agent says into its own server goes the way of every request.
import { expect, test } from "vitest";
import type { ClientUser } from "../endpoint/client-transaction.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { Incoming } from "../endpoint/incoming.ts";
import { header } from "../message/headers.ts";
import type { Response } from "../message/message.ts";
import type { CallBegan } from "../roles/calls-told.ts";
import type { Service } from "../roles/services.ts";
import { answer, DomainStage, request, titleOf } from "../testing/domain-stage.ts";
import { createInnerLineEndpoint, innerFlow, isFromAgent } from "./inner-line.ts";

const BOB = "203.0.113.5:5060";
const CONTACT = ["Contact: <sip:bob@203.0.113.5:5060>"];

function stage() {
  let endpoint: Endpoint | undefined;
  const responses: Response[] = [];
  const begun: CallBegan[] = [];
  const within: Incoming[] = [];
  const service: Service = {
    attach: (host) => {
      endpoint = host.endpoint;
    },
    take: () => false,
    vouches: (from) => {
      const isOwn = isFromAgent(from.flow) && from.essentials.callId.startsWith("for-alice");
      return isOwn ? { account: "alice" } : undefined;
    },
    inOwnDialog: (from) => {
      within.push(from);
      endpoint?.reply(from, { status: 200 });
      return true;
    },
  };
  const calls = { began: (one: CallBegan) => void begun.push(one), answered() {}, ended() {} };
  const options = { services: [service], endpoint: createInnerLineEndpoint, calls };
  const domain = new DomainStage(options);
  domain.register("bob", BOB, { lines: CONTACT });
  const user: ClientUser = {
    response: (_, response) => void responses.push(response),
    failed() {},
  };
  const says = (text: string) => {
    const before = domain.wire.outputs.length;
    domain.wire.call(() => {
      const flow = endpoint && innerFlow(endpoint);
      if (endpoint && flow) endpoint.sendText(text, flow, user);
    });
    return domain.sentSince(before);
  };
  return { domain, says, responses, begun, within };
}

/** Carol is called for whom alice has asked: From is carol's. */
const invite = (more: Parameters<typeof request>[1] = {}) =>
  request("INVITE", {
    ...{ from: "<sip:carol@house.example>;tag=c", callId: "for-alice-1" },
    via: "SIP/2.0/TLS 192.0.2.1:1;branch=z9hG4bKinner",
    lines: ["Contact: <sip:carol@192.0.2.1:1;transport=tls>"],
    ...more,
  });

test("an INVITE on it goes to the devices of whom it is for, in the name that it has", () => {
  const { says, begun, responses, domain } = stage();
  const [sent] = says(invite());
  expect(sent?.to).toBe(BOB);
  expect(header(sent?.message as never, "From")).toBe("<sip:carol@house.example>;tag=c");
  expect(begun.map(({ callerAccount, callee }) => [callerAccount, callee])).toEqual([
    ["carol", "bob"],
  ]);
  domain.say(BOB, answer(sent?.octets ?? "", 180, "b", CONTACT));
  expect(responses.map(({ status }) => status)).toEqual([180]);
});

test("requests that the callee sends in its dialog come back over it, to the agent", () => {
  const { says, within, domain } = stage();
  const [sent] = says(invite());
  const ok = answer(sent?.octets ?? "", 200, "b", CONTACT);
  domain.say(BOB, ok);
  const routes = ok.split("\r\n").filter((line) => line.startsWith("Record-Route"));
  const bye = request("BYE", {
    ...{ uri: "sip:carol@192.0.2.1:1;transport=tls", callId: "for-alice-1" },
    ...{ from: "<sip:bob@house.example>;tag=b", to: "<sip:carol@house.example>;tag=c" },
    lines: routes.map((line) => line.replace("Record-Route", "Route")),
  });
  const answered = domain.say(BOB, bye);
  expect(within.map(({ request: { method } }) => method)).toEqual(["BYE"]);
  expect(answered.map(titleOf)).toEqual(["200 BYE"]);
});

test("A25: what nobody vouches for is asked for credentials, there as elsewhere", () => {
  const { says, responses } = stage();
  expect(says(invite({ callId: "for-nobody" }))).toEqual([]);
  expect(responses.at(-1)?.status).toBe(407);
});

test("A25: whoever is put through by somebody's rights gets no further than they", () => {
  const { says, responses } = stage();
  const abroad = { uri: "sip:+900123@gw.example", to: "<sip:+900123@gw.example>" };
  expect(says(invite(abroad))).toEqual([]);
  expect(responses.at(-1)?.status).toBe(403);
});
