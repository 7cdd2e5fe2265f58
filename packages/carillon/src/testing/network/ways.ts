/** From whom to whom: the weather on each way, and what its pieces remember. */
import type { Octets } from "../../grammar/octets.ts";
import type { Chance, Copy, Piece } from "./pieces.ts";
import { datagramPieces, type Weather } from "./weather.ts";

interface Way {
  readonly weather: Weather;
  readonly piece: Piece;
  state: unknown;
}

export class Ways {
  readonly #everywhere: () => Weather;
  readonly #own = new Map<string, Weather>();
  readonly #ways = new Map<string, Way>();

  constructor(everywhere: () => Weather) {
    this.#everywhere = everywhere;
  }

  between(from: string, to: string, weather: Weather): void {
    this.#own.set(key(from, to), weather);
  }

  weather(from: string, to: string): Weather {
    return this.#own.get(key(from, to)) ?? this.#everywhere();
  }

  /** What arrives of a datagram. */
  copies(from: string, to: string, octets: Octets, chance: Chance): readonly Copy[] {
    const way = this.#way(from, to);
    const [state, ...copies] = way.piece.step(way.state, { afterMs: 0, octets }, chance);
    way.state = state;
    return copies;
  }

  /** Made anew when the weather has changed. */
  #way(from: string, to: string): Way {
    const weather = this.weather(from, to);
    const known = this.#ways.get(key(from, to));
    if (known?.weather === weather) return known;
    const piece = datagramPieces(weather);
    const way = { weather, piece, state: piece.start };
    this.#ways.set(key(from, to), way);
    return way;
  }
}

const key = (from: string, to: string) => `${from} > ${to}`;
