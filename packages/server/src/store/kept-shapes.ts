/** What several kinds of records have in common, as it is read back from the disk. */
import { z } from "zod";

const count = z.number().int().min(0);
const address = z.object({ host: z.string(), port: count });

/** One side of a dialog, as `carillon/dialog` has it. */
export const dialog = z.object({
  state: z.enum(["Early", "Confirmed"]),
  callId: z.string(),
  localTag: z.string(),
  remoteTag: z.string(),
  localUri: z.string(),
  remoteUri: z.string(),
  remoteTarget: z.string(),
  routeSet: z.array(z.string()),
  localSeq: count,
  // JSON leaves out what is undefined.
  remoteSeq: count.optional().transform((seq): number | undefined => seq),
  secure: z.boolean(),
});

/** The way to somebody over UDP, the only one that outlives the program. */
export const udpFlow = z.object({
  transport: z.literal("UDP"),
  local: address,
  remote: address,
  connection: z.literal(0),
});
