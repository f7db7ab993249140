// The prober: every row against one port. In: where, which rows, and optionally a witness beside the service.
// Out: a verdict per row. It holds no opinion of its own: rules are in the tables, verdicts in `judge.ts`.
import { judge, type Verdict } from './judge.ts'
import { get, postLength } from './requests.ts'
import type { ParsedStream } from './response.ts'
import type { Need, Row } from './row.ts'
import { ALL_ROWS } from './rows.ts'
import { converse, type Transcript } from './wire.ts'

/** Where and what to probe. */
export interface ProberOptions {
  readonly host: string
  readonly port: number
  /** Rows whose name contains this; all when absent. */
  readonly only?: string | undefined
  /** Also the rows that last as long as the server's timeouts (minutes). Default false. */
  readonly slow?: boolean | undefined
  /** Connections at a time. Default 16. */
  readonly concurrency?: number | undefined
  /** Longest wait for one answer, in milliseconds. Default 3000; slow rows 180,000. */
  readonly patience?: number | undefined
  /** What the service saw on the connection that came from this local port, for example `['GET /']`. */
  readonly witness?: ((clientPort: number) => readonly string[]) | undefined
  /** Called after each row, in the order in which they end. */
  readonly onResult?: ((result: RowResult) => void) | undefined
}

/** A row and what became of it. */
export interface RowResult extends Verdict {
  readonly name: string
  readonly section: string
  readonly rfc: string
  readonly rule: string
  readonly ours: string
  readonly elapsedMs: number
}

/** All results, in the order of the tables. */
export interface ProberReport {
  readonly counts: {
    readonly pass: number
    readonly warn: number
    readonly fail: number
    readonly skip: number
  }
  readonly results: readonly RowResult[]
}

const SETTLE = 25

/** Probes a port. Rejects only when nothing listens there. */
export async function runProber(options: ProberOptions): Promise<ProberReport> {
  const rows = selectRows(options)
  const able = await findAbilities(options)
  const results: RowResult[] = new Array(rows.length)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const index = next++
      const row = rows[index]
      if (row === undefined) return
      const result = await runRow(row, able, options)
      results[index] = result
      options.onResult?.(result)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency ?? 16 }, worker))
  return { counts: countVerdicts(results), results }
}

/** The rows that these options choose. */
export function selectRows(options: Pick<ProberOptions, 'only' | 'slow'>): readonly Row[] {
  const { only, slow = false } = options
  return ALL_ROWS.filter((row) => (slow || !row.slow) && (only === undefined || row.name.includes(only)))
}

async function runRow(row: Row, able: ReadonlySet<Need>, options: ProberOptions): Promise<RowResult> {
  const { name, section, rfc, rule, ours } = row
  if (!able.has(row.need)) {
    const detail = `the server has no ${row.need} routes`
    return { name, section, rfc, rule, ours, verdict: 'skip', detail, elapsedMs: 0 }
  }
  const transcript = await talk(row, options)
  const seen = options.witness === undefined ? null : options.witness(transcript.localPort)
  return { name, section, rfc, rule, ours, ...judge(row, transcript, seen), elapsedMs: transcript.elapsedMs }
}

function talk(row: Row, options: ProberOptions): Promise<Transcript> {
  const { host, port, patience = row.slow ? 180_000 : 3_000 } = options
  return converse({
    host,
    port,
    steps: row.send,
    kindOf: (index) => row.answers[index]?.kind ?? 'plain',
    enough: (stream) => hasEnough(row, stream),
    settle: SETTLE,
    patience,
  })
}

// Where an end must follow, only the end is enough; a wrong answer is enough at once.
function hasEnough(row: Row, stream: ParsedStream): boolean {
  if (stream.malformed !== null) return true
  const complete = stream.responses.filter((response) => response.complete)
  if (complete.length < Math.max(row.answers.length, 1)) return row.rule === 'W' && row.answers.length === 0
  const last = complete.at(-1)
  if (last?.framing === 'tunnel') return last.body.length >= (row.answers.at(-1)?.body?.length ?? 0)
  if (row.ours !== 'A' && (complete[0]?.status ?? 0) >= 400) return false
  return row.after !== 'closed'
}

// A row that posts to `/echo` proves nothing where that is a 404.
async function findAbilities(options: ProberOptions): Promise<ReadonlySet<Need>> {
  const able = new Set<Need>()
  const hello = await ask(options, get('/'))
  if (hello.failed !== null)
    throw new Error(`nothing answers on ${options.host}:${options.port}: ${hello.failed}`)
  able.add('none')
  const echo = (await ask(options, postLength('/echo', 'hello'))).responses[0]
  if (echo?.status === 200 && echo.body.toString('latin1') === 'hello') able.add('echo')
  const inspect = (await ask(options, get('/inspect'))).responses[0]
  if (inspect?.status === 200 && inspect.body.includes('"method"')) able.add('inspect')
  const reference = (await ask(options, get('/status/204'))).responses[0]
  if (reference?.status === 204 && able.has('echo') && able.has('inspect')) able.add('reference')
  return able
}

function ask(options: ProberOptions, text: string): Promise<Transcript> {
  const { host, port } = options
  const enough = (stream: ParsedStream): boolean =>
    stream.malformed !== null || stream.responses[0]?.complete === true
  return converse({ host, port, steps: [text], kindOf: () => 'plain', enough, settle: 0, patience: 3_000 })
}

function countVerdicts(results: readonly RowResult[]): ProberReport['counts'] {
  const counts = { pass: 0, warn: 0, fail: 0, skip: 0 }
  for (const { verdict } of results) counts[verdict]++
  return counts
}
