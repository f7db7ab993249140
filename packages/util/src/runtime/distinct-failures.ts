// What fails again and again must not flood the log, and what fails anew must not be swallowed: failures are the same
// when they have the same codes and come from the same lines, whatever their messages say.

/** Distinct failures that are told of; one more would not help whoever has not looked at these. */
const MAX_DISTINCT = 100

/** Tells of each distinct failure once. */
export function distinctFailures(tell: (error: unknown, code: string) => void): (error: unknown) => void {
  const seen = new Set<string>()
  return (error) => {
    const failure = placeOf(error)
    if (seen.has(failure) || seen.size >= MAX_DISTINCT) return
    seen.add(failure)
    tell(error, codeOf(error))
  }
}

/** The codes and stack frames of an error and of its causes. */
function placeOf(error: unknown): string {
  let place = ''
  for (let depth = 0, one = error; one !== undefined && depth < 4; depth++) {
    place += `${codeOf(one)}\n`
    if (!(one instanceof Error)) break
    place += framesOf(one)
    one = one.cause
  }
  return place
}

function framesOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n')
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : error.name
}
