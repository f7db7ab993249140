// Clock and Timer: time as the embedder brings it. Core reads no clock of its own; a test brings a virtual one.

/** Where time comes from. */
export interface Clock {
  /** Monotonic milliseconds; only differences have a meaning. May be coarse, but never goes back. */
  now(): number
  /** Milliseconds since 1970-01-01T00:00:00Z, for `date` fields. */
  wall(): number
}

/** Who is woken by an {@link Alarm}. An object rather than a closure: a connection has one, for life. */
export interface AlarmTarget {
  /** The alarm is due; it is disarmed until the next `move`. */
  onAlarm(now: number): void
}

/** One movable deadline. Moving it later must cost no more than a store: it happens for every request. */
export interface Alarm {
  /** Sets the time, in {@link Clock.now} milliseconds; `Infinity` disarms. */
  move(at: number): void
  /** Releases the alarm; it never fires again. */
  cancel(): void
}

/** Makes alarms. Granularity is 50 ms or finer, never early; an alarm alone does not keep a process alive. */
export interface Timer {
  /** A new alarm, disarmed. */
  alarm(target: AlarmTarget): Alarm
}
