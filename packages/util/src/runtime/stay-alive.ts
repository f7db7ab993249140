/** The longest that a timer can wait. */
const LONGEST = 2_147_483_647

/**
 * Keeps the process alive: deadlines do not, nor does a connection that nobody reads.
 * @returns ends that
 */
export function stayAlive(): () => void {
  const timer = setInterval(() => {}, LONGEST)
  return () => clearInterval(timer)
}
