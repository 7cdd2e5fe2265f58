/**
 * One of the two bands of G.722: adaptive prediction and the size of its steps, as encoder and
 * decoder both keep it. Blocks 3 and 4 of ITU-T G.722 §6.2, in its 16-bit arithmetic and by its
 * names.
 */

/** What differs between the lower and the higher band. */
export interface BandShape {
  /** The scale factor at the start: DETL, DETH. */
  readonly det: number;
  /** The most that NBL, NBH may become. */
  readonly maxNb: number;
  /** How far the table of scale factors is shifted: 8, 10. */
  readonly shift: number;
}

export const LOWER: BandShape = { det: 32, maxNb: 18_432, shift: 8 };
export const HIGHER: BandShape = { det: 8, maxNb: 22_528, shift: 10 };

/** ILB: two to the power of n/32, times 2048. Table 9. */
const ILB = Int32Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774],
  ...[2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838],
  ...[3922, 4008],
);

export class Band {
  /** What the next sample is expected to be: SL, SH. */
  predicted = 0;
  /** How large a step is: DETL, DETH. */
  det: number;
  readonly #maxNb: number;
  readonly #shift: number;
  #nb = 0;
  /** Of the zeros alone: SZL, SZH. */
  #zeros = 0;
  #a1 = 0;
  #a2 = 0;
  readonly #b = new Int32Array(6);
  /** The last six differences, the newest first. */
  readonly #d = new Int32Array(6);
  #r1 = 0;
  #p1 = 0;
  #p2 = 0;

  constructor({ det, maxNb, shift }: BandShape) {
    this.det = det;
    this.#maxNb = maxNb;
    this.#shift = shift;
  }

  /** Takes up a difference, with what its size does to the steps: WL, WH. */
  adapt(difference: number, weight: number): void {
    this.#scale(weight);
    this.#predict(difference);
  }

  /** LOGSCL and SCALEL, LOGSCH and SCALEH. */
  #scale(weight: number): void {
    const nb = ((this.#nb * 127) >> 7) + weight;
    this.#nb = nb < 0 ? 0 : nb > this.#maxNb ? this.#maxNb : nb;
    const shift = this.#shift - (this.#nb >> 11);
    const factor = ILB[(this.#nb >> 6) & 31]!;
    this.det = (shift < 0 ? factor << -shift : factor >> shift) << 2;
  }

  #predict(d0: number): void {
    // RECONS, PARREC
    const r0 = saturated(this.predicted + d0);
    const p0 = saturated(this.#zeros + d0);
    this.#adaptPoles(p0);
    this.#adaptZeros(d0);
    // FILTEP, FILTEZ, PREDIC
    const poles =
      ((this.#a1 * saturated(r0 + r0)) >> 15) + ((this.#a2 * saturated(this.#r1 * 2)) >> 15);
    this.#r1 = r0;
    this.#zeros = this.#filterZeros();
    this.predicted = saturated(saturated(poles) + this.#zeros);
  }

  /** UPPOL2, UPPOL1 */
  #adaptPoles(p0: number): void {
    const isAsLast = p0 >> 15 === this.#p1 >> 15;
    const isAsBefore = p0 >> 15 === this.#p2 >> 15;
    const quadruple = saturated(this.#a1 << 2);
    const turned = saturated(isAsLast ? -quadruple : quadruple) >> 7;
    const a2 = turned + (isAsBefore ? 128 : -128) + ((this.#a2 * 32_512) >> 15);
    this.#a2 = a2 > 12_288 ? 12_288 : a2 < -12_288 ? -12_288 : a2;
    const a1 = saturated((isAsLast ? 192 : -192) + ((this.#a1 * 32_640) >> 15));
    const limit = 15_360 - this.#a2;
    this.#a1 = a1 > limit ? limit : a1 < -limit ? -limit : a1;
    this.#p2 = this.#p1;
    this.#p1 = p0;
  }

  /** UPZERO, DELAYA */
  #adaptZeros(d0: number): void {
    const [b, d] = [this.#b, this.#d];
    const step = d0 === 0 ? 0 : 128;
    const sign = d0 >> 15;
    for (let i = 5; i >= 0; i--) {
      const turned = d[i]! >> 15 === sign ? step : -step;
      b[i] = saturated(turned + ((b[i]! * 32_640) >> 15));
      d[i] = i === 0 ? d0 : d[i - 1]!;
    }
  }

  #filterZeros(): number {
    const [b, d] = [this.#b, this.#d];
    let sum = 0;
    for (let i = 5; i >= 0; i--) sum += (b[i]! * saturated(d[i]! * 2)) >> 15;
    return saturated(sum);
  }
}

export const saturated = (value: number): number =>
  value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
