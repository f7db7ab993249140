// Every representation of HPACK arrives as the field it stands for: RFC 7541 §6.
import { headers, HEADER_TABLE_SIZE } from './frames.ts'
import { indexed, literal, tableSize, type Literal, type Text } from './hpack.ts'
import { arrived, ended, requestBlock } from './requests.ts'
import { answered, rowsOf, type Row } from './row.ts'

const row = rowsOf('hpack-works')
const KINDS: readonly Literal[] = ['indexing', 'plain', 'never']
const SECTIONS = { indexing: '§6.2.1', plain: '§6.2.2', never: '§6.2.3' } as const
const INSPECT = { need: 'inspect' } as const
/** The index of `user-agent`, and the first of the dynamic table. */
const USER_AGENT = 58
const NEWEST = 62

const BASE = requestBlock('GET', '/inspect')

function arrives(name: string, rfc: string, fields: Uint8Array, expected: readonly [string, string]): Row {
  return row(
    name,
    `7541 ${rfc}`,
    headers(1, Buffer.concat([BASE, fields])),
    answered(1, { check: arrived(expected) }),
    INSPECT,
  )
}

function both(what: string): (readonly [string, Text])[] {
  return [
    ['', what],
    ['-huffman', { huffman: what }],
  ]
}

export const HPACK_WORKS_ROWS: readonly Row[] = [
  row(
    'indexed-static',
    '7541 §6.1',
    headers(1, Buffer.concat([indexed(2), indexed(6), indexed(4), literal('plain', 1, 'localhost')])),
    answered(1),
  ),
  ...KINDS.flatMap((kind) => [
    ...both('agent').map(([how, value]) =>
      arrives(`${kind}-indexed-name${how}`, SECTIONS[kind], literal(kind, USER_AGENT, value), [
        'user-agent',
        'agent',
      ]),
    ),
    ...both('x-custom').flatMap(([how, name]) => {
      return both('some value').map(([other, value]) => {
        return arrives(`${kind}-new-name${how}-value${other}`, SECTIONS[kind], literal(kind, name, value), [
          'x-custom',
          'some value',
        ])
      })
    }),
  ]),
  arrives('indexed-dynamic', '§6.1', Buffer.concat([literal('indexing', 'x-a', 'one'), indexed(NEWEST)]), [
    'x-a',
    'one',
  ]),
  arrives(
    'literal-with-a-dynamic-name',
    '§6.2.1',
    Buffer.concat([literal('indexing', 'x-a', 'one'), literal('plain', NEWEST, 'two')]),
    ['x-a', 'two'],
  ),
  row(
    'dynamic-across-requests',
    '7541 §2.2',
    [
      headers(1, Buffer.concat([BASE, literal('indexing', 'x-a', 'one')])),
      ended(),
      headers(3, Buffer.concat([BASE, indexed(NEWEST)])),
      ended(3),
    ],
    answered(3, {
      check: (wire) => (wire.view(3).body.includes('"x-a","one"') ? null : 'the entry was lost'),
    }),
    INSPECT,
  ),
  row(
    'dynamic-of-a-refused-request',
    '7541 §2.2',
    [
      // The first request is malformed; what it put into the table stays.
      headers(1, Buffer.concat([literal('indexing', 'x-a', 'one'), literal('plain', 'X-UPPER', '')])),
      headers(3, Buffer.concat([BASE, indexed(NEWEST)])),
      ended(3),
    ],
    answered(3, {
      check: (wire) => (wire.view(3).body.includes('"x-a","one"') ? null : 'the entry was lost'),
    }),
    INSPECT,
  ),
  row(
    'eviction',
    '7541 §4.4',
    [
      headers(
        1,
        Buffer.concat([
          BASE,
          literal('indexing', 'x-a', 'a'.repeat(3_000)),
          literal('indexing', 'x-b', 'b'.repeat(3_000)),
          indexed(NEWEST),
        ]),
      ),
      ended(),
    ],
    answered(1, { check: arrived(['x-b', 'b'.repeat(3_000)]) }),
    INSPECT,
  ),
  arrives('entry-larger-than-the-table', '§4.4', literal('indexing', 'x-a', 'a'.repeat(5_000)), [
    'x-a',
    'a'.repeat(5_000),
  ]),
  arrives('empty-value', '§5.2', literal('plain', 'x-a', ''), ['x-a', '']),
  arrives('empty-value-huffman', '§5.2', literal('plain', 'x-a', { huffman: '' }), ['x-a', '']),
  arrives('every-visible-character-huffman', '§5.2', literal('plain', 'x-a', { huffman: visible() }), [
    'x-a',
    visible(),
  ]),
  arrives('obs-text', '§5.2', literal('plain', 'x-a', '\xe9\xff'), ['x-a', '\xe9\xff']),
  arrives('obs-text-huffman', '§5.2', literal('plain', 'x-a', { huffman: '\xe9\xff' }), ['x-a', '\xe9\xff']),
  row('size-update', '7541 §6.3', headers(1, Buffer.concat([tableSize(128), BASE])), answered(1), INSPECT),
  row(
    'size-updates-two',
    '7541 §4.2',
    headers(1, Buffer.concat([tableSize(0), tableSize(4096), BASE])),
    answered(1),
    INSPECT,
  ),
  row(
    'size-update-to-zero-empties-the-table',
    '7541 §4.3',
    [
      headers(1, Buffer.concat([BASE, literal('indexing', 'x-a', 'one')])),
      headers(
        3,
        Buffer.concat([
          tableSize(0),
          tableSize(4096),
          BASE,
          literal('indexing', 'x-b', 'two'),
          indexed(NEWEST),
        ]),
      ),
      ended(3),
    ],
    answered(3, { check: (wire) => (wire.view(3).body.includes('"x-b","two') ? null : 'not the new entry') }),
    INSPECT,
  ),
  row(
    'our-table-of-zero-is-kept',
    '7541 §4.2',
    [headers(1, BASE), ended(), headers(3, BASE), ended(3)],
    answered(3),
    {
      ...INSPECT,
      settings: [[HEADER_TABLE_SIZE, 0]],
    },
  ),
  row(
    'our-table-of-4-gib-is-survived',
    '7541 §4.2',
    [headers(1, BASE), ended(), headers(3, BASE), ended(3)],
    answered(3),
    {
      ...INSPECT,
      settings: [[HEADER_TABLE_SIZE, 0xffffffff]],
    },
  ),
]

function visible(): string {
  return Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join('')
}
