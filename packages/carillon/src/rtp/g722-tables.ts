/** What G.722 quantises by. ITU-T G.722 §6.2, Tables 11 to 21. */

/** The filter that parts the bands, and joins them: every second one of 24, which are symmetric. */
export const QMF: Int32Array = Int32Array.of(
  ...[3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11],
);

/** Decision levels of the lower band. */
export const Q6: Int32Array = Int32Array.of(
  ...[0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940],
  ...[1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
);

/** The codes of the lower band for each level, of differences below zero and others. */
export const ILN: Int32Array = Int32Array.of(
  ...[0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12],
  ...[11, 10, 9, 8, 7, 6, 5, 4],
);
export const ILP: Int32Array = Int32Array.of(
  ...[0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40],
  ...[39, 38, 37, 36, 35, 34, 33, 32],
);

/** What the four upper bits of a code of the lower band stand for, and all six. */
export const QM4: Int32Array = Int32Array.of(
  ...[0, -20_456, -12_896, -8968, -6288, -4240, -2584, -1200],
  ...[20_456, 12_896, 8968, 6288, 4240, 2584, 1200, 0],
);
const LOUDER = [
  ...[24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360, 8576, 7856],
  ...[
    7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728,
  ],
];
export const QM6: Int32Array = Int32Array.of(
  ...[-136, -136, -136, -136, ...LOUDER.map((value) => -value)],
  ...[...LOUDER, 432, 136, -432, -136],
);

/** What the codes of the higher band stand for. */
export const QM2: Int32Array = Int32Array.of(-7408, -1616, 7408, 1616);

/** How the codes move the size of steps: WL by the four upper bits, WH by the two. */
export const WL: Int32Array = Int32Array.of(
  ...[-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60],
);
export const WH: Int32Array = Int32Array.of(798, -214, 798, -214);
