// Sizes that a benchmark and the suite that divides by them share.

/** Bytes of the smallest head of `head-linear`. */
export const BASE_SIZE: number = 15 * 1024
