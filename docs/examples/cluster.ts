// Processes that share one port, and a restart of them that loses nothing.
// #region cluster
import cluster from 'node:cluster'
import { once } from 'node:events'
import { serve } from '@hyper/server'

if (cluster.isPrimary) {
  for (let i = 0; i < 2; i++) await start()
  process.on('SIGHUP', () => void restart())
} else {
  await serve({
    port: 0, // the same for all workers
    hostname: '127.0.0.1',
    signals: true, // SIGTERM drains; then the process ends by itself
    fetch: () => new Response(`by ${process.pid}`),
  })
}

/** Resolves when the new worker takes connections. */
async function start(): Promise<void> {
  await once(cluster.fork(), 'listening')
}

/** The new one takes connections before the old one stops; those that nobody has accepted yet wait with the primary. */
async function restart(): Promise<void> {
  for (const old of Object.values(cluster.workers ?? {})) {
    await start()
    old?.process.kill('SIGTERM')
    if (old !== undefined) await once(old, 'exit')
  }
}
// #endregion cluster

// What follows is a trial: requests all the time, and a restart meanwhile.
if (cluster.isPrimary) {
  process.removeAllListeners('SIGHUP')
  const probe = cluster.fork()
  const [{ port }] = (await once(probe, 'listening')) as [{ port: number }]
  const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text()
  const seen = new Set<string>()
  let failed = 0
  let isOver = false
  const load = async (): Promise<void> => {
    while (!isOver) seen.add(await ask().catch(() => `${failed++} failed`))
  }
  const loads = [load(), load(), load()]
  await restart()
  isOver = true
  await Promise.all(loads)
  console.log('failed:', failed, 'served by more than one:', seen.size > 1)
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM')
}
