// What options of connecting and of listening are checked with: core's own checks, in core's words.

export { amount, count, time } from '@hyper/core/error'
