import { describe, expect, test } from 'vitest'
import { HeaderMap, headerName, WELL_KNOWN } from '../../src/http/index.ts'
import { codeOf } from './code-of.ts'

const PROTOTYPE_NAMES = [
  '__proto__',
  'constructor',
  'hasownproperty',
  'tostring',
  'valueof',
  '__definegetter__',
]

function large(): HeaderMap {
  const map = new HeaderMap()
  for (let i = 0; i < 100; i++) map.append(`x-${i}`, String(i))
  return map
}

describe('making', () => {
  test('of pairs, a Map, Headers, an object, another map, or nothing', () => {
    const pairs: [string, string][] = [
      ['Accept', 'a'],
      ['X-One', '1'],
    ]
    const lower = [
      ['accept', 'a'],
      ['x-one', '1'],
    ]
    expect([...new HeaderMap(pairs)]).toEqual(lower)
    expect([...new HeaderMap(new Map(pairs))]).toEqual(lower)
    expect([...new HeaderMap(new Headers(pairs))]).toEqual(lower)
    expect([...new HeaderMap(Object.fromEntries(pairs))]).toEqual(lower)
    expect([...new HeaderMap(new HeaderMap(pairs))]).toEqual(lower)
    expect([...new HeaderMap({ a: ['1', '2'], b: [] })]).toEqual([
      ['a', '1'],
      ['a', '2'],
    ])
    expect(new HeaderMap().size).toBe(0)
    expect([...new Headers([...new HeaderMap(pairs)])]).toEqual(lower)
    expect(new Headers(new HeaderMap(pairs) as never).get('x-one')).toBe('1')
  })

  test('from gives a map itself back, and makes one of anything else', () => {
    const map = new HeaderMap({ a: '1' })
    expect(HeaderMap.from(map)).toBe(map)
    expect(HeaderMap.from({ a: '1' }).equals(map)).toBe(true)
    expect(HeaderMap.from(undefined).size).toBe(0)
  })

  test('a copy is independent, with spelling and marks', () => {
    const map = new HeaderMap().append('X-A', '1', { originalCase: true }).markSensitive('x-a')
    const copy = new HeaderMap(map)
    map.clear()
    expect([copy.size, copy.caseAt(0), copy.isSensitive(0)]).toEqual([1, 'X-A', true])
    expect([map.size, map.hasCases, copy.hasCases]).toEqual([0, false, true])
  })

  test('fromParsed takes the list over', () => {
    const flat = ['host', 'a', 'x-b', 'c']
    const map = HeaderMap.fromParsed(flat, ['HOST', 'X-B'])
    expect(map.fields()).toBe(flat)
    expect([map.get('Host'), map.caseAt(0), map.caseAt(1)]).toEqual(['a', 'HOST', 'X-B'])
    map.append('x-d', 'e')
    expect([map.caseAt(2), flat.length]).toEqual(['x-d', 6])
  })

  test('what is no text is refused, and told apart', () => {
    const wrong = (init: unknown) => codeOf(() => new HeaderMap(init as HeaderMap))
    expect(wrong({ a: 5 })).toBe('INVALID_HEADER_VALUE')
    expect(wrong({ a: null })).toBe('INVALID_HEADER_VALUE')
    expect(wrong({ a: undefined })).toBe('INVALID_HEADER_VALUE')
    expect(wrong({ a: [5] })).toBe('INVALID_HEADER_VALUE')
    expect(wrong([[5, 'v']])).toBe('INVALID_HEADER_NAME')
    expect(wrong([['a']])).toBe('INVALID_HEADER_VALUE')
    expect(() => new HeaderMap({ 'x-a': 5 } as never)).toThrow(
      'the value of x-a must be a string, not number',
    )
  })

  test.each([
    [null, 'null'],
    ['x-a: 1', 'a string'],
    [5, 'a number'],
    [['x-a', '1'], 'a string'],
    // Two letters would be a name and a value.
    [['ab', 'cd'], 'a string'],
    [[null], 'null'],
  ])('what is no fields at all is refused as such: %j', (init, kind) => {
    const message = `fields are pairs, a Headers or an object, not ${kind}`
    const refused = expect.objectContaining({ code: 'INVALID_OPTION', by: 'user', message }) as Error
    expect(() => new HeaderMap(init as never)).toThrow(refused)
    expect(() => HeaderMap.from(init as never)).toThrow(refused)
  })
})

describe('names', () => {
  test('of object members are names like any other', () => {
    for (const filler of [0, 40]) {
      const map = new HeaderMap()
      for (let i = 0; i < filler; i++) map.append(`x-${i}`, 'v')
      for (const name of PROTOTYPE_NAMES) {
        expect([map.get(name), map.has(name), map.delete(name), map.getAll(name)], name).toEqual([
          null,
          false,
          false,
          [],
        ])
      }
      for (const name of PROTOTYPE_NAMES) map.append(name, name).append(name, '2')
      for (const name of PROTOTYPE_NAMES) {
        expect(map.get(name)).toBe(`${name}, 2`)
        expect(map.set(name, '3').getAll(name)).toEqual(['3'])
      }
      expect(map.get('hasOwnProperty')).toBe('3')
      expect(map.size).toBe(filler + PROTOTYPE_NAMES.length)
      expect(({} as Record<string, unknown>)['2']).toBe(undefined)
    }
    const own = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    expect([...new HeaderMap(own)]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
    expect([...new HeaderMap(Object.create({ inherited: 'x' }) as Record<string, string>)]).toEqual([])
  })

  test('fold in ASCII only: no other letter finds or makes one', () => {
    const map = new HeaderMap({ key: 'k' })
    expect(map.get('\u212aEY')).toBe(null)
    expect(map.get('KEY')).toBe('k')
    expect(large().get('\u212a')).toBe(null)
    expect(codeOf(() => map.append('\u212aey', 'v'))).toBe('INVALID_HEADER_NAME')
  })

  test('underscores and dashes stay apart', () => {
    const map = new HeaderMap({ content_length: '1', 'content-length': '2' })
    expect([map.get('content_length'), map.get('content-length')]).toEqual(['1', '2'])
  })

  test('well-known names are distinct lower-case tokens, and fold to themselves', () => {
    expect(new Set(WELL_KNOWN).size).toBe(WELL_KNOWN.length)
    for (const name of WELL_KNOWN) {
      expect(name).toMatch(/^[a-z0-9-]+$/)
      expect(headerName(name)).toBe(name)
      expect(headerName(name.toUpperCase())).toBe(name)
    }
    expect([headerName('ETag'), headerName('WWW-Authenticate'), headerName('Te')]).toEqual([
      'etag',
      'www-authenticate',
      'te',
    ])
  })

  test('an error shows a short, escaped name', () => {
    expect(() => headerName('a\r\nb')).toThrow('"a\\r\\nb" is not a field name')
    expect(() => headerName(' '.repeat(500))).toThrow(/^" {64}…" is not a field name$/)
    expect(() => headerName(7 as never)).toThrow('a field name must be a string, not number')
  })
})

describe('values', () => {
  test('are trimmed of SP and TAB at both ends, not inside', () => {
    const map = new HeaderMap({ a: ' \t a \t b \t', b: ' \t', c: '' })
    expect([...map.values()]).toEqual(['a \t b', '', ''])
  })

  test('never lose a character: what is no byte throws, and the message hides the value', () => {
    expect(new HeaderMap({ a: '\u00ff' }).get('a')).toBe('\u00ff')
    const map = new HeaderMap()
    expect(() => map.append('X-Token', 'secret\u0100')).toThrow(
      /^the value of x-token has U\+0100 at index 6, which a field cannot carry$/,
    )
    expect(() => map.set('a', `${'s'.repeat(30)}\n`)).toThrow('U+000A at index 30')
    expect(map.size).toBe(0)
  })

  test('set that fails leaves the old value', () => {
    const map = new HeaderMap({ a: '1' })
    expect(codeOf(() => map.set('a', '\0'))).toBe('INVALID_HEADER_VALUE')
    expect(map.get('a')).toBe('1')
  })
})

describe('reading', () => {
  test('get joins, first takes the first, getSetCookie splits nothing', () => {
    const map = new HeaderMap([
      ['set-cookie', 'a=1, x'],
      ['accept', 'a'],
      ['Set-Cookie', 'b=2'],
      ['accept', ''],
    ])
    expect(map.get('set-cookie')).toBe('a=1, x, b=2')
    expect(map.get('ACCEPT')).toBe('a, ')
    expect(map.first('Set-Cookie')).toBe('a=1, x')
    expect(map.getSetCookie()).toEqual(['a=1, x', 'b=2'])
    expect(map.get('host')).toBe(null)
  })

  test('by position; past the end is an error', () => {
    for (const map of [new HeaderMap({ 'x-0': '0' }), large()]) {
      expect([map.nameAt(0), map.valueAt(0), map.caseAt(0), map.isSensitive(0)]).toEqual([
        'x-0',
        '0',
        'x-0',
        false,
      ])
      for (const i of [-1, map.size]) {
        expect(() => map.nameAt(i)).toThrow(RangeError)
        expect(() => map.valueAt(i)).toThrow(RangeError)
        expect(() => map.caseAt(i)).toThrow(RangeError)
      }
    }
  })

  test('forEach and the iterators go through the lines in order', () => {
    const map = new HeaderMap([
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
    ])
    const seen: unknown[] = []
    map.forEach((value, name, of) => seen.push([name, value, of === map]))
    expect(seen).toEqual([
      ['b', '1', true],
      ['a', '2', true],
      ['b', '3', true],
    ])
    expect([[...map.keys()].join(''), [...map.values()].join('')]).toEqual(['bab', '123'])
    const iterator = map.entries()
    expect(iterator[Symbol.iterator]()).toBe(iterator)
    expect([...iterator]).toHaveLength(3)
    expect(iterator.next()).toEqual({ done: true, value: undefined })
  })

  test('equals counts the order within a name only', () => {
    const map = new HeaderMap([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ])
    const same = new HeaderMap([
      ['B', '2'],
      ['A', '1'],
      ['a', '3'],
    ])
    expect(map.equals(same)).toBe(true)
    expect(map.equals(map)).toBe(true)
    const others: [string, string][][] = [
      [
        ['a', '3'],
        ['b', '2'],
        ['a', '1'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['a', '1'],
        ['b', '2'],
        ['b', '3'],
      ],
      [
        ['a', '1'],
        ['c', '2'],
        ['a', '3'],
      ],
    ]
    for (const other of others) expect(map.equals(new HeaderMap(other))).toBe(false)
  })
})

describe('spelling, marks and the encoder’s room', () => {
  test('spelling is kept where asked for, through removals', () => {
    const map = new HeaderMap()
    map
      .append('Plain', '1')
      .append('X-MiXed', '2', { originalCase: true })
      .append('Gone', '3')
      .append('LAST', '4')
    map.delete('gone')
    expect([0, 1, 2].map((i) => map.caseAt(i))).toEqual(['plain', 'X-MiXed', 'last'])
    const big = large()
    big.append('X-Kept', 'v', { originalCase: true })
    for (let i = 0; i < 10; i++) big.delete(`x-${i * 3}`)
    expect(big.caseAt(big.size - 1)).toBe('X-Kept')
    expect(big.nameAt(0)).toBe('x-1')
  })

  test('a sensitive name stays so for later lines, until clear', () => {
    const map = new HeaderMap([
      ['cookie', 'a'],
      ['host', 'h'],
    ]).markSensitive('Cookie')
    map.append('cookie', 'b').delete('host')
    map.set('cookie', 'c')
    expect(map.isSensitive(0)).toBe(true)
    expect(map.toJSON()).toEqual([['cookie', 'Sensitive']])
    map.clear()
    expect(map.append('cookie', 'd').isSensitive(0)).toBe(false)
  })

  test('every change empties the encoder’s room, and nothing else does', () => {
    const changes: ((map: HeaderMap) => void)[] = [
      (map) => map.append('z', '1'),
      (map) => map.set('z', '1'),
      (map) => map.set('x-0', '1'),
      (map) => map.delete('x-0'),
      (map) => map.take('x-0'),
      (map) => map.clear(),
      (map) => map.drain(),
    ]
    for (const make of [() => new HeaderMap({ 'x-0': '0' }), large]) {
      for (const change of changes) {
        const map = make()
        map.encoded = 'text'
        void [
          map.get('x-0'),
          map.has('q'),
          [...map],
          map.clone(),
          map.delete('q'),
          map.take('q'),
          String(map),
        ]
        expect(map.encoded).toBe('text')
        expect(map.clone().encoded).toBe(null)
        change(map)
        expect(map.encoded).toBe(null)
      }
    }
  })

  test('an empty map is not changed through another', () => {
    const one = new HeaderMap()
    const two = new HeaderMap()
    one.append('a', '1')
    expect([two.size, [...two], two.get('a')]).toEqual([0, [], null])
    one.clear()
    two.append('b', '2')
    expect([one.size, new HeaderMap().size, new HeaderMap(one).append('c', '3').size, one.size]).toEqual([
      0, 0, 1, 0,
    ])
  })
})
