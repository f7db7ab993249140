import {
  mayReceive,
  maySend,
  nextStreamState,
  STREAM_EVENT_NAMES,
  STREAM_STATE_NAMES,
} from '../../packages/core/src/h2/streams/state.ts'
import type { StreamEvent, StreamState } from '../../packages/core/src/h2/streams/state.ts'

// The second half of docs/states.md, made of the engine's table of stream states. In:
// packages/core/src/h2/streams/state.ts. Out: a section of the page.

const STATES = STREAM_STATE_NAMES.map((name, state) => ({ name, state: state as StreamState }))
const EVENTS = STREAM_EVENT_NAMES.map((name, event) => ({ name, event: event as StreamEvent }))

export function streamStates(): string {
  return `## An HTTP/2 stream

The states of RFC 9113 §5.1. Without server push there are no reserved ones. Seen from here: *local* is our side, *remote* the peer's.

\`\`\`mermaid
stateDiagram-v2
  [*] --> IDLE
${edges()}
\`\`\`

| event | means |
|---|---|
| opened | HEADERS, sent by a client or received by a server |
| received end | END_STREAM from the peer |
| sent end | END_STREAM from us |
| reset | RST_STREAM in either direction, or the connection is gone |

The table itself. A dash is a call that the state does not allow: a machine never makes it, whatever the peer sends.

| state | ${EVENTS.map(({ name }) => name).join(' | ')} | peer may send | we may send |
|---|${EVENTS.map(() => '---').join('|')}|---|---|
${STATES.map(({ name, state }) => row(name, state)).join('\n')}
`
}

function edges(): string {
  return STATES.flatMap(({ name, state }) =>
    EVENTS.flatMap(({ name: label, event }) => {
      const next = nextStreamState(state, event)
      return next === -1 || next === state ? [] : [`  ${name} --> ${STREAM_STATE_NAMES[next]}: ${label}`]
    }),
  ).join('\n')
}

function row(name: string, state: StreamState): string {
  const cells = EVENTS.map(({ event }) => {
    const next = nextStreamState(state, event)
    return next === -1 ? '–' : (STREAM_STATE_NAMES[next] ?? '')
  })
  const may = [mayReceive(state), maySend(state)].map((answer) => (answer ? 'yes' : 'no'))
  return `| ${[name, ...cells, ...may].join(' | ')} |`
}
