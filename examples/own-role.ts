/**
 * An element of your own: what stands above the transactions is an object with two functions.
 *
 *   node examples/own-role.ts
 *
 * This one answers MESSAGE by repeating what it was told. A second endpoint tells it something,
 * over a real UDP socket; retransmissions and matching are done by the endpoints.
 */
import { createEndpoint, type Incoming, type Role } from "carillon/endpoint";
import { composeRequest } from "carillon/message";
import { nodeCrypto, run, udp } from "carillon/node";

const crypto = nodeCrypto();

const echo: Role = {
  attach() {},
  ack() {},
  request(from: Incoming) {
    const { request } = from;
    const server = endpoint.accept(from, { cancelled() {}, failed() {} });
    const headers = [["Content-Type", "text/plain"]] as const;
    if (request.method !== "MESSAGE")
      server?.reply({ status: 405, headers: [["Allow", "MESSAGE"]] });
    else server?.reply({ status: 200, headers, body: request.body.toUpperCase() });
  },
};
const endpoint = createEndpoint({ role: echo, crypto });
const runner = run(endpoint);
const socket = await udp(runner, { host: "127.0.0.1", port: 0 });

// ---- somebody who talks to it ------------------------------------------------------------------

const silent: Role = { attach() {}, request() {}, ack() {} };
const client = run(createEndpoint({ role: silent, crypto }));
const clientSocket = await udp(client, { host: "127.0.0.1", port: 0 });
const { host, port } = clientSocket.address;
const { ids } = client.endpoint;

const message = composeRequest(
  "MESSAGE",
  `sip:echo@127.0.0.1:${socket.address.port}`,
  [
    ["Via", `SIP/2.0/UDP ${host}:${port};branch=${ids.branch("hello")}`],
    ["Max-Forwards", "70"],
    ["From", `<sip:me@${host}>;tag=${ids.unique()}`],
    ["To", "<sip:echo@127.0.0.1>"],
    ["Call-ID", ids.unique()],
    ["CSeq", "1 MESSAGE"],
    ["Content-Type", "text/plain"],
  ],
  "is anybody there?",
);
const answer = Promise.withResolvers<string>();
client.call(() => {
  const flow = { local: clientSocket.address, remote: socket.address, connection: 0 };
  client.endpoint.send(
    message,
    { transport: "UDP", ...flow },
    {
      response: (_, { status, body }) => answer.resolve(`${status}: ${body}`),
      failed: (_, reason) => answer.reject(new Error(reason)),
    },
  );
});
console.log(await answer.promise);

for (const one of [runner, client]) one.close();
await Promise.all([socket.close(), clientSocket.close()]);
