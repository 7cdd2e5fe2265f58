/** The page's own port answers an authority, too: where port 80 is passed on to it, or is it. */
import type { FastifyInstance } from "fastify";
import { refuse } from "../http/answer.ts";
import { refusal } from "../refusal.ts";
import { CHALLENGE_PATH, type ChallengeAnswers } from "./challenge-answers.ts";

export function challengeRoute(app: FastifyInstance, answers: ChallengeAnswers | undefined): void {
  app.get(`${CHALLENGE_PATH}:token`, async (request, reply) => {
    const { token } = request.params as { token: string };
    const value = answers?.at(token);
    if (value === undefined) return refuse(reply, refusal("NOT_FOUND"));
    return reply.type("application/octet-stream").send(value);
  });
}
