/** GRUUs in the registrar's hands. RFC 5627 §5.1, §5.2. */
import type { Octets } from "../grammar/octets.ts";
import { quote } from "../grammar/quoted.ts";
import { listsToken } from "../message/headers.ts";
import type { Request } from "../message/message.ts";
import type { Gruus } from "./gruu.ts";
import { instanceKey, withEpochs } from "./gruu-epochs.ts";
import type { Binding } from "./location.ts";
import { isSips } from "./sips.ts";

/** What a registrar asks of its domain's GRUUs. */
export interface RegistrarGruus {
  /** The bindings that a REGISTER leaves, each with its epoch. */
  renewed(before: readonly Binding[], after: readonly Binding[]): readonly Binding[];
  /** What the answer to this REGISTER says of each binding of this account: parameters. */
  given(register: Request, account: string): (binding: Binding) => Octets;
}

//= RFC 5627 §5.1
//# If the contact contained a "pub-gruu" Contact header field parameter, the header field parameter
//# MUST be ignored by the registrar.
//= RFC 5627 §5.1
//# If the contact contained a "temp-gruu" Contact header field parameter, the header field
//# parameter MUST be ignored by the registrar.
/** Nothing is read of a Contact but its instance. */
export function registrarGruus(gruus: Gruus): RegistrarGruus {
  return {
    renewed: (before, after) => withEpochs(before, after, () => gruus.newEpoch()),
    given(register, account) {
      const isWanted = listsToken(register, "Supported", "gruu");
      const temporary = new Map<string, Octets>();
      return (binding) => {
        const isNamed = isWanted && binding.instance !== undefined;
        return isNamed ? both(gruus, account, binding, temporary) : "";
      };
    },
  };
}

//= RFC 5627 §5.2
//# The value of the "temp-gruu" parameter is a quoted string, and MUST contain the most recently
//# created temporary GRUU for that AOR and instance ID.
//= RFC 5627 §5.2
//# In addition, if the registrar has a public GRUU assigned to the instance ID and AOR (and the
//# client supports GRUUs), the registrar MUST add a "pub-gruu" Contact header field parameter to
//# that Contact header field.
//= RFC 5627 §7
//# The quoted strings for temp-gruu and pub-gruu MUST contain a SIP URI.
//= RFC 5627 §5.2
//# If the REGISTER request contained a Supported header field that included the "gruu" option tag,
//# and the registrar has at least one temporary GRUU assigned to the instance ID and AOR, the
//# registrar MUST add a "temp-gruu" Contact header field parameter to that Contact header field.
function both(
  gruus: Gruus,
  account: string,
  { contact, instance = "", epoch = "" }: Binding,
  temporary: Map<string, Octets>,
): Octets {
  //= RFC 5630 §5.2.1
  //# If the Contact header field in the REGISTER request contains a SIP URI, the registrar MUST
  //# return the SIP version of the GRUU.
  const secure = isSips(contact);
  const pub = gruus.pub(account, instance, secure);
  // An instance that no GRUU can be made of has none of either kind.
  if (pub === undefined) return "";
  const key = `${secure} ${instanceKey(instance)}`;
  const temp = temporary.get(key) ?? gruus.temp(account, epoch, secure);
  if (temp !== undefined) temporary.set(key, temp);
  const hidden = temp === undefined ? "" : `;temp-gruu=${quote(temp)}`;
  return `;pub-gruu=${quote(pub)}${hidden}`;
}
