// Streams that were made here, of bodies: they can be given up at any time, which is not so of all streams.

const made: WeakSet<ReadableStream> = new WeakSet()

export function noteMade(stream: ReadableStream): void {
  made.add(stream)
}

export function isMade(stream: ReadableStream): boolean {
  return made.has(stream)
}
