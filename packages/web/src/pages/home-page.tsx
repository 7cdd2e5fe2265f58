/** The front page: the seats this browser knows, or how to get one. */
import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Avatar } from "../look/avatar.tsx";
import { type KnownSeat, knownSeats } from "../seats.ts";
import { Gate } from "./gate.tsx";

export function HomePage(): ReactNode {
  const [seats] = useState(knownSeats);
  return seats.length === 0 ? <NoSeat /> : <Seats seats={seats} />;
}

function NoSeat(): ReactNode {
  return (
    <Gate title="You need an invite link">
      <p className="mt-2 text-ink-2">
        Carillon is for voice and video calls with people you know. Ask someone who is here already:
        they press <b className="font-semibold text-ink">Invite</b> and send you a link.
      </p>
      <p className="mt-4 text-ink-2">
        Did you just install it? The first link is printed where you started it.
      </p>
    </Gate>
  );
}

function Seats({ seats }: { readonly seats: readonly KnownSeat[] }): ReactNode {
  return (
    <Gate title="Welcome back">
      <p className="mt-2 text-ink-2">Who are you today?</p>
      <ul className="mt-4 -mx-2">
        {seats.map((seat) => (
          <li key={seat.path}>
            <a
              href={seat.path}
              className="flex min-h-16 items-center gap-3 rounded-card px-2 hover:bg-tint"
            >
              <Avatar name={seat.displayName} />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium">{seat.displayName}</span>
                <span className="block truncate text-small text-ink-2">{seat.house}</span>
              </span>
              <ChevronRight size={20} className="text-ink-2" aria-hidden="true" />
            </a>
          </li>
        ))}
      </ul>
    </Gate>
  );
}
