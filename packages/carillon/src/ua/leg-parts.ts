/** What the parts of a leg have in common. */
import type { DialogUse } from "./abilities.ts";
import type { DialogSide } from "./dialog-side.ts";
import type { Farewell } from "./farewell.ts";
import type { LegUser } from "./leg-user.ts";
import type { Modification } from "./modification.ts";
import type { Negotiation } from "./negotiation.ts";
import type { CallEnd } from "./sip-error.ts";
import type { LegTimer } from "./timing.ts";

export interface LegParts {
  readonly side: DialogSide;
  readonly negotiation: Negotiation;
  readonly modification: Modification;
  readonly timer: LegTimer;
  /** What else shares the dialog. */
  readonly uses: readonly DialogUse[];
  readonly user: LegUser;
  /** Neither left nor over. */
  readonly isOpen: () => boolean;
  /** It was cut off, and is on its way back: a silent other side may be on its way, too. */
  readonly isRestoring: () => boolean;
  /** Their answer to the offer in our INVITE, by a dialog that is still early. */
  readonly answeredEarly: (answer: string) => void;
  /** Ends the dialog because it cannot go on. */
  readonly fail: (end: CallEnd, why: Farewell) => void;
}
