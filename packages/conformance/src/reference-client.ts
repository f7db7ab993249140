// The reference client as a program: one JSON object per request on standard output.
// Exit code: 0 when every request got an answer, 1 when one failed, 2 when the command line is wrong.
import { setTimeout as sleep } from 'node:timers/promises'
import { readArguments, USAGE, type ClientArguments } from './reference/client-arguments.ts'
import { clientFor } from './reference/client-for.ts'
import { sendOne } from './reference/client-record.ts'

const args = readOrExplain()
process.exitCode = args === null ? 2 : await run(args)

async function run(options: ClientArguments): Promise<number> {
  const client = clientFor(options)
  let left = options.repeat
  let failures = 0
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left--
      const record = await sendOne(client, options)
      if (record.error !== null) failures++
      console.log(JSON.stringify(record))
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.parallel, options.repeat) }, worker))
  if (options.linger > 0) await sleep(options.linger)
  await client.close()
  return failures === 0 ? 0 : 1
}

function readOrExplain(): ClientArguments | null {
  try {
    return readArguments(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    console.error(USAGE)
    return null
  }
}
