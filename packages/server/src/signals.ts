import { userError } from '@hyper/core/error'
import type { Runtime } from '@hyper/core/rt'
import { onSignals } from '@hyper/util/platform'
import { limit } from './check.ts'
import type { Server } from './server.ts'

// Signals that end a server. In: the option, and the server. Out: the first signal drains it, the second ends it at once.
// Nothing listens any more once the server is closed, so that a process with nothing else to do ends by itself.

/** What {@link ServeOptions.signals} may say. */
export interface ServerSignals {
  /** Default `['SIGTERM', 'SIGINT']`. */
  readonly names?: readonly string[] | undefined
  /** As of `close()`: milliseconds until what still runs is aborted. Default 10,000; Infinity is none. */
  readonly deadline?: number | undefined
  /** As of `close()`. Default 500. */
  readonly grace?: number | undefined
  /**
   * Milliseconds between the signal and the drain, in which everything is served as before, but `server.ready` says no: as
   * long as it takes until whoever sends requests here has noticed. Default 0.
   */
  readonly delay?: number | undefined
}

/** As they are used. */
export interface SignalPlan {
  readonly names: readonly string[]
  readonly deadline: number
  readonly grace: number | undefined
  readonly delay: number
}

const NAMES = ['SIGTERM', 'SIGINT'] as const
const DEADLINE = 10_000

/** Null where no signal is meant. @throws HyperError `INVALID_OPTION` */
export function signalPlan(
  given: boolean | readonly string[] | ServerSignals | undefined,
): SignalPlan | null {
  if (given === undefined || given === false) return null
  const options = given === true ? {} : isList(given) ? { names: given } : given
  if (typeof options !== 'object' || options === null)
    throw userError('INVALID_OPTION', '`signals` must be true, a list of names, or an object')
  const { deadline = DEADLINE, delay = 0, grace, names = NAMES } = options
  if (!isList(names) || names.length === 0 || !names.every(isSignal))
    throw userError(
      'INVALID_OPTION',
      "`signals` takes names such as 'SIGTERM'; SIGKILL and SIGSTOP cannot be caught",
    )
  limit('signals.grace', grace)
  const isFinite = limit('signals.delay', delay) !== Infinity
  if (!isFinite) throw userError('INVALID_OPTION', 'signals.delay must be finite')
  return { names, deadline: limit('signals.deadline', deadline), grace, delay }
}

/** Closes `server` by signals, until it is closed. */
export function closeOnSignals(server: Server, plan: SignalPlan, runtime: Runtime): void {
  const { deadline, delay, grace, names } = plan
  let heard = 0
  const close = (): void => void server.close({ deadline, grace })
  const alarm = runtime.timer.alarm({ onAlarm: close })
  const forget = onSignals(names, () => {
    heard++
    if (heard > 1) void server.close({ deadline: 0 })
    else if (delay > 0) {
      server.leave()
      alarm.move(runtime.clock.now() + delay)
    } else close()
  })
  void server.closed.then(() => {
    alarm.cancel()
    forget()
  })
}

function isList(given: unknown): given is readonly string[] {
  return Array.isArray(given)
}

/** Those that a system may know, and that a program can do something about. Others would never be heard. */
const KNOWN =
  /^SIG(?:ABRT|ALRM|BREAK|CHLD|CONT|HUP|INFO|INT|IO|PIPE|POLL|PROF|PWR|QUIT|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR[12]|VTALRM|WINCH|XCPU|XFSZ)$/

function isSignal(name: unknown): boolean {
  return typeof name === 'string' && KNOWN.test(name)
}
