/**
 * What authorities find at `/.well-known/acme-challenge/`, RFC 8555 §8.3: at port 80 of a listener
 * that does nothing else but lead people to https.
 */

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { crowdAt } from "../http/http-crowd.ts";
import { listenAt } from "../http/listen.ts";
import { SERVER_LIMITS } from "../http/server-limits.ts";
import type { Answerer, Challenge } from "./acme-order.ts";
import { AcmeTrouble } from "./acme-trouble.ts";

/** Where an authority asks. */
export const CHALLENGE_PATH = "/.well-known/acme-challenge/";

const PORT_CURE =
  "Let this program listen there (sysctl net.ipv4.ip_unprivileged_port_start=80), or have port " +
  "80 passed on to another one and name that: certificates.acme.httpPort.";

export interface ChallengeAt {
  readonly host: string | undefined;
  readonly port: number;
  /** Where people are led to: `https://house.example:8443`; undefined where there is no https. */
  readonly secureAt: () => string | undefined;
}

export class ChallengeAnswers implements Answerer {
  readonly type = "http-01";
  /** By token: as many as a certificate has names. */
  readonly #values = new Map<string, string>();
  #server: Server | undefined;

  async answer({ token, value }: Challenge): Promise<void> {
    this.#values.set(token, value);
  }

  async takeBack({ token }: Challenge): Promise<void> {
    this.#values.delete(token);
  }

  /** The text for this token; undefined for all that nobody asked us to show. */
  at(token: string): string | undefined {
    return this.#values.get(token);
  }

  /** Listens, if it does not yet. Throws AcmeTrouble if the port is not to be had. */
  async listen({ host, port, secureAt }: ChallengeAt): Promise<void> {
    if (this.#server) return;
    const { maxConnections: _, ...limits } = SERVER_LIMITS;
    const server = createServer(limits, (request, response) =>
      this.#reply(request, response, secureAt()),
    );
    crowdAt(server);
    try {
      await listenAt({ host, port, flag: "certificates.acme.httpPort" }, (at) => {
        server.listen(port, at);
        return once(server, "listening");
      });
    } catch (error) {
      const [why] = (error as Error).message.split(/\.(?: |$)/);
      throw new AcmeTrouble(`the authority cannot ask here: ${why}`, PORT_CURE);
    }
    this.#server = server;
  }

  close(): Promise<void> {
    const server = this.#server;
    if (!server) return Promise.resolve();
    return new Promise((closed) => {
      server.close(() => closed());
      server.closeAllConnections();
    });
  }

  #reply({ url = "", method }: IncomingMessage, response: ServerResponse, to?: string): void {
    const say = (status: number, headers: Record<string, string>, body = ""): void => {
      response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
      response.end(method === "HEAD" ? undefined : body);
    };
    if (method !== "GET" && method !== "HEAD") return say(405, { allow: "GET, HEAD" });
    if (url.startsWith(CHALLENGE_PATH)) {
      const value = this.at(url.slice(CHALLENGE_PATH.length));
      if (value === undefined) return say(404, {});
      return say(200, { "content-type": "application/octet-stream" }, value);
    }
    if (to === undefined || !/^\/[\x21-\x7e]*$/.test(url)) return say(404, {});
    return say(308, { location: to + url });
  }
}
