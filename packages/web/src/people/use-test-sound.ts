/** Lets a person hear themselves as others hear them: a call to the echo of the house. */
import { useSession } from "../phone/seat-session.ts";
import { useStore } from "../store.ts";
import { callBarrier } from "./call-barrier.ts";

export function useTestSound(): { readonly canTest: boolean; readonly testSound: () => void } {
  const { me, phone } = useSession();
  const barrier = callBarrier(useStore(phone.desk), useStore(phone.registration));
  const echo = { name: "Your own voice", uri: `sip:echo@${me.domain}` };
  return { canTest: barrier === undefined, testSound: () => void phone.place(echo, false) };
}
