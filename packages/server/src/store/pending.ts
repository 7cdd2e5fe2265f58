/** What a store says, as a promise: for whoever waits for the disk anyway. */
import { type Answer, Pending } from "carillon/roles";

/** Rejected with what the store failed with: StoreBusy where the disk is behind. */
export const promised = <T>(answer: Answer<T>): Promise<T> =>
  answer instanceof Pending
    ? new Promise((resolve, reject) => {
        answer.whenSettled(resolve, reject);
      })
    : Promise.resolve(answer);
