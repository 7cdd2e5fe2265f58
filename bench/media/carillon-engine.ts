/** The process of `carillon-relay.ts`: makes calls as the back-to-back agent does. */
import type { Described as Answered, MediaAnswer, MediaResult, Side } from "carillon/b2bua";
import { Pending } from "carillon/roles";
import { EmbeddedEngine } from "carillon-media/engine";
import { type Described, descriptionOf, HERE, toldIn } from "./relay.ts";

const engine = new EmbeddedEngine({ workers: 1, ports: { from: 20_000, to: 39_999 } });

async function settled(answer: MediaAnswer<Answered>): Promise<string> {
  const result =
    answer instanceof Pending
      ? await new Promise<MediaResult<Answered>>((resolve, reject) => {
          answer.whenSettled(resolve, reject);
        })
      : answer;
  if (!result.ok) throw new Error(result.error.why);
  return result.value.sdp;
}

const side = (tag: string, { crypto }: Described): Side => ({
  ...{ tag, address: HERE, isBehindNat: false },
  transport: crypto === undefined ? "rtp" : "srtp",
});

process.on(
  "message",
  async ({ id, near, far }: { id: string; near: Described; far: Described }) => {
    try {
      const [a, b] = [side("a", near), side("b", far)];
      const offered = await settled(engine.offer(id, a, b, descriptionOf(near)));
      const answered = await settled(engine.answer(id, b, a, descriptionOf(far)));
      process.send?.({ near: toldIn(answered, near), far: toldIn(offered, far) });
    } catch (cause) {
      process.send?.(String(cause));
    }
  },
);
process.on("disconnect", () => void engine.close().then(() => process.exit()));
process.send?.("ready");
