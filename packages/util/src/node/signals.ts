import type { Cluster } from 'node:cluster'

// Signals of the process. In: names, and who wants to hear of them. Out: a call for each, until that is given up. While
// somebody listens for a signal, the platform's own reaction to it (the end of the process) is off.

/** Who listens now, in the whole process. */
let listeners = 0
let isHeard = false

/**
 * Calls back for each of these signals that the process gets (`'SIGTERM'`), in place of what the platform does by itself.
 * @returns ends that. After a signal the last one lets go of the primary too, in a worker of `node:cluster`: it would keep
 *   the process alive
 */
export function onSignals(names: readonly string[], heard: (name: string) => void): () => void {
  // The same name twice would call back twice.
  const own = [...new Set(names)]
  const listener = (name: string): void => {
    isHeard = true
    heard(name)
  }
  for (const name of own) process.on(name, listener)
  listeners++
  let isOver = false
  return () => {
    if (isOver) return
    isOver = true
    for (const name of own) process.off(name, listener)
    listeners--
    if (listeners === 0 && isHeard) leaveCluster()
  }
}

function leaveCluster(): void {
  isHeard = false
  // Loaded where it is needed only. The types take the module for one with a default export.
  const cluster = process.getBuiltinModule('node:cluster') as unknown as Cluster
  if (cluster.isWorker && cluster.worker?.isConnected() === true) cluster.worker.disconnect()
}
