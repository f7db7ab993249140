import type { Stream } from './stream.ts'

// Schedule: which stream writes next. Eight rings by urgency (RFC 9218 §4.1), the most urgent first. Within a ring,
// streams take turns, one frame each; a stream that asked to be served whole (incremental off, by a signal of its own)
// keeps the turn until it is done. A stream is here only while it has something to send and credit to send it.

const URGENCIES = 8

export class Schedule {
  /** The last of each ring, whose `next` is the first. */
  private readonly rings: (Stream | null)[] = [null, null, null, null, null, null, null, null]
  private count: number = 0

  get isEmpty(): boolean {
    return this.count === 0
  }

  /** Puts a stream at the end of its ring; does nothing when it is there. */
  add(stream: Stream): void {
    if (stream.isScheduled) return
    stream.isScheduled = true
    this.count++
    const last = this.rings[stream.urgency]!
    if (last === null) stream.next = stream
    else {
      stream.next = last.next
      last.next = stream
    }
    this.rings[stream.urgency] = stream
  }

  /** The stream whose turn it is, or null. It stays where it is. */
  first(): Stream | null {
    for (let urgency = 0; urgency < URGENCIES; urgency++) {
      const last = this.rings[urgency]!
      if (last !== null) return last.next
    }
    return null
  }

  /** The first stream has had its turn. */
  rotate(stream: Stream): void {
    if (stream.incremental) this.rings[stream.urgency] = stream
  }

  /** Takes a stream out, wherever it is. */
  remove(stream: Stream): void {
    if (!stream.isScheduled) return
    stream.isScheduled = false
    this.count--
    const last = this.rings[stream.urgency]!
    if (last === null) return
    let before = last
    while (before.next !== stream) before = before.next!
    if (before === stream) this.rings[stream.urgency] = null
    else {
      before.next = stream.next
      if (last === stream) this.rings[stream.urgency] = before
    }
    stream.next = null
  }

  /** Changes a stream's priority, keeping its place among those that write if it has one. */
  reprioritize(stream: Stream, urgency: number, incremental: boolean): void {
    const wasScheduled = stream.isScheduled
    if (wasScheduled) this.remove(stream)
    stream.urgency = urgency
    stream.incremental = incremental
    if (wasScheduled) this.add(stream)
  }
}
