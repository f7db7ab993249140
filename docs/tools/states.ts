import { ConnectionState, EVENT_NAMES, nextState, STATE_NAMES } from '../../packages/core/src/h1/state.ts'
import type { HalfEvent, HalfState } from '../../packages/core/src/h1/state.ts'
import { streamStates } from './stream-states.ts'
import { read } from './pages.ts'

// docs/states.md, made of the engine's own tables. In: packages/core/src/h1/state.ts and close-reason.ts, and the page's
// second half from stream-states.ts. Out: a page; `node --conditions=source docs/tools/generate.ts` writes it, and a test
// compares it.

const STATES = STATE_NAMES.map((name, state) => ({ name, state: state as HalfState }))
const EVENTS = EVENT_NAMES.map((name, event) => ({ name, event: event as HalfEvent }))
const ALONE = EVENT_NAMES.indexOf('alone') as HalfEvent
const CLOSE = EVENT_NAMES.indexOf('close') as HalfEvent

export function statesPage(): string {
  return `# States

*Generated from \`packages/core/src/h1/state.ts\` and \`packages/core/src/h2/streams/state.ts\` by \`docs/tools/generate.ts\`; a test
compares them. Do not edit.*

- [An HTTP/1 connection](#an-http1-connection)
- [An HTTP/2 stream](#an-http2-stream)

## An HTTP/1 connection

A connection has two halves: what is read and what is written. For a server the read half carries requests and the write half
responses; for a client it is the other way round. Both move by one table.

### One half

\`\`\`mermaid
stateDiagram-v2
  [*] --> HEAD
${edges()}
\`\`\`

| event | means |
|---|---|
| begin | a head with a body after it |
| alone | a head that is a whole message |
| end | the body is complete |
| recycle | both halves are done, and nothing speaks against another message |
| switch | both halves are done, and the protocol changes (101, or 2xx to CONNECT) |
| close | nothing more comes, or nothing more is said |

The table itself. A dash is a call that the state does not allow: a machine never makes it, whatever the peer sends.

| state | ${EVENT_NAMES.join(' | ')} |
|---|${EVENTS.map(() => '---').join('|')}|
${STATES.map(({ name, state }) => `| ${name} | ${EVENTS.map(({ event }) => cell(state, event)).join(' | ')} |`).join('\n')}

### Both halves

An exchange as pairs, \`read/write\`, while nothing speaks against reuse. When both are done they move together.

\`\`\`mermaid
stateDiagram-v2
${pairEdges()}
\`\`\`

| when both halves are done | they become |
|---|---|
| nothing speaks against reuse | ${outcome(() => {})} |
| the protocol is switched | ${outcome((state) => (state.switching = true))} |
| there is a reason to close | ${outcome((state) => state.addReason('peer-close'))} |
| one is done and the other closes | ${closing()} |

### Reasons to close

Why a connection serves no further message. \`ConnectionEnd.reasons\` and \`Tracer.onConnectionEnd\` give these names, all that applied.
Of HTTP/2 they are \`keep-alive-off\`, \`peer-error\` and \`timeout\`.

| reason | means |
|---|---|
${reasons()}

${streamStates()}`
}

function edges(): string {
  const lines: string[] = []
  for (const { name, state } of STATES) {
    for (const { name: label, event } of EVENTS) {
      const next = nextState(state, event)
      if (next !== -1 && next !== state) lines.push(`  ${name} --> ${STATE_NAMES[next]}: ${label}`)
    }
  }
  return lines.join('\n')
}

function cell(state: HalfState, event: HalfEvent): string {
  const next = nextState(state, event)
  return next === -1 ? '–' : (STATE_NAMES[next] ?? '')
}

// Every pair that can be reached without closing, by trying each event on each half.
function pairEdges(): string {
  const lines: string[] = []
  const seen = new Set<string>()
  const open: [HalfState, HalfState][] = [[0, 0]]
  for (let pair = open.shift(); pair !== undefined; pair = open.shift()) {
    const from = nameOf(pair)
    if (seen.has(from)) continue
    seen.add(from)
    for (const half of ['read', 'write'] as const) {
      for (const { name, event } of EVENTS) {
        if (event > 2 || nextState(pair[half === 'read' ? 0 : 1], event) === -1) continue
        const state = at(pair)
        if (half === 'read') state.moveRead(event)
        else state.moveWrite(event)
        lines.push(`  ${from} --> ${nameOf([state.read, state.write])}: ${half} ${name}`)
        open.push([state.read, state.write])
      }
    }
  }
  const names = [...seen].map((name) => `  state "${name.replace('_', '/')}" as ${name}`)
  return [...names, '  [*] --> HEAD_HEAD', ...lines].join('\n')
}

function at([read_, write]: [HalfState, HalfState]): ConnectionState {
  const state = new ConnectionState()
  state.read = read_
  state.write = write
  return state
}

function nameOf([read_, write]: [HalfState, HalfState]): string {
  return `${STATE_NAMES[read_]}_${STATE_NAMES[write]}`
}

function outcome(prepare: (state: ConnectionState) => void): string {
  const state = new ConnectionState()
  prepare(state)
  state.moveRead(ALONE)
  state.moveWrite(ALONE)
  return `${STATE_NAMES[state.read]}/${STATE_NAMES[state.write]}`
}

function closing(): string {
  const state = new ConnectionState()
  state.moveRead(ALONE)
  state.moveWrite(CLOSE)
  return `${STATE_NAMES[state.read]}/${STATE_NAMES[state.write]}`
}

const MEANINGS: Readonly<Record<string, string>> = {
  'max-requests': 'the connection has served as many requests as the option allows',
  eof: 'the peer has ended its half',
  'peer-error': 'the peer broke the protocol or went over a limit',
  timeout: 'something took too long',
  aborted: 'we ended it at once: an abort, or a body that could not be completed',
  switched: 'the connection speaks another protocol now',
}

function reasons(): string {
  const found = read('packages/core/src/h1/close-reason.ts').matchAll(/^ +\| '([^']+)'(?: \/\/ (.*))?$/gm)
  return Array.from(
    found,
    ([, name = '', comment]) => `| \`${name}\` | ${comment ?? MEANINGS[name] ?? ''} |`,
  ).join('\n')
}
