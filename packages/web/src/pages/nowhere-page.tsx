/** An address that is none of ours. */
import type { ReactNode } from "react";
import { buttonLook } from "../look/button.tsx";
import { Gate } from "./gate.tsx";

export function NowherePage(): ReactNode {
  return (
    <Gate title="There is no page here">
      <p className="mt-2 text-ink-2">
        The address may have lost a piece on its way to you. Open the invite link once more, whole.
      </p>
      <a href="/" className={`mt-6 w-full ${buttonLook("primary")}`}>
        To the front page
      </a>
    </Gate>
  );
}
