import type { Echoed } from './peer.ts'

// What a program can see of a fetch, case by case. Every case runs with our fetch and with the platform's, against the same
// server, and must give the same value; those in DIFFERENT are meant to differ.

export type Fetch = typeof globalThis.fetch
/** `other` is the same server at another origin. */
type Run = (fetch: Fetch, url: string, other: string) => Promise<unknown>
export type Case = readonly [name: string, run: Run]

/** What there is to see of a response. */
export async function seen(response: Response, base: string): Promise<unknown> {
  const { ok, redirected, status, statusText, type, url } = response
  const fields = [...response.headers].filter(([name]) => !OF_THE_PEER.has(name))
  const hasBody = response.body !== null
  const text = await response.text()
  const { bodyUsed } = response
  return {
    ok,
    redirected,
    status,
    statusText,
    type,
    url: url.replace(base, ''),
    fields,
    hasBody,
    text,
    bodyUsed,
  }
}

const OF_THE_PEER = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding'])

/** What the server has seen of a request, without what every fetch says of itself. */
async function echoed(response: Promise<Response>): Promise<unknown> {
  const { body, headers, method, url } = (await (await response).json()) as Echoed
  const fields = Object.entries(headers).filter(([name]) => !OF_THE_CLIENT.has(name))
  const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1]
  const hide = (text: string): string =>
    boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY')
  const own = fields.map(([name, value]) => {
    // Its value depends on the length of the boundary.
    if (name === 'content-length' && boundary !== undefined) return [name, 'of a multipart']
    return [name, name === 'host' ? 'HOST' : hide(value)]
  })
  return {
    method,
    url,
    body: hide(body),
    headers: own.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
  }
}

const OF_THE_CLIENT = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'connection',
  'sec-fetch-mode',
  'user-agent',
])

const post = (body: unknown, more: object = {}): RequestInit =>
  ({ method: 'POST', body, ...more }) as RequestInit

const streamOf = (...chunks: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })

async function* iterated(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('one')
  yield new TextEncoder().encode('two')
}

function form(): FormData {
  const made = new FormData()
  made.append('plain', 'one\ntwo\rthree\r\nfour')
  made.append('na"me\n', 'grüße')
  made.append('file', new File(['con', 'tent'], 'a "b"\n.txt', { type: 'text/x' }))
  made.append('blob', new Blob(['x']))
  return made
}

/** Responses. */
export const RESPONSES: readonly Case[] = [
  ...['/text', '/gzip', '/bom', '/empty', '/chunks', '/fields', '/nowhere', '/text?a=b#c'].map(
    (path): Case => [`GET ${path}`, async (fetch, url) => seen(await fetch(url + path), url)],
  ),
  ...['200', '201/Made', '200/', '204', '205', '299', '304', '404', '500', '599', '300', '301', '302'].map(
    (path): Case => [
      `status ${path}`,
      async (fetch, url) => seen(await fetch(`${url}/status/${path}`, { redirect: 'manual' }), url),
    ],
  ),
  ['HEAD', async (fetch, url) => seen(await fetch(`${url}/text`, { method: 'HEAD' }), url)],
  [
    'headers.get of a name with several lines',
    async (fetch, url) => {
      const { headers } = await fetch(`${url}/fields`)
      return [
        headers.get('x-twice'),
        headers.get('X-LATIN'),
        headers.get('set-cookie'),
        headers.getSetCookie(),
        headers.has('x-no'),
      ]
    },
  ],
  ['headers.get of what is no name', async (fetch, url) => (await fetch(`${url}/text`)).headers.get('a b')],
  ['headers cannot be changed', async (fetch, url) => (await fetch(`${url}/text`)).headers.set('a', 'b')],
  [
    'new Headers(headers)',
    async (fetch, url) => new Headers((await fetch(`${url}/fields`)).headers).getSetCookie(),
  ],
  ['json()', async (fetch, url) => echoed(fetch(`${url}/echo`))],
  ['json() of what is none', async (fetch, url) => (await fetch(`${url}/not-json`)).json()],
  ['json() of nothing', async (fetch, url) => (await fetch(`${url}/status/204`)).json()],
  ['bytes()', async (fetch, url) => [...(await (await fetch(`${url}/bom`)).bytes())]],
  [
    'arrayBuffer()',
    async (fetch, url) => [...new Uint8Array(await (await fetch(`${url}/bom`)).arrayBuffer())],
  ],
  [
    'arrayBuffer() of a null body',
    async (fetch, url) => (await (await fetch(`${url}/status/204`)).arrayBuffer()).byteLength,
  ],
  [
    'blob()',
    async (fetch, url) => {
      const blob = await (await fetch(`${url}/text`)).blob()
      return [blob.type, blob.size, await blob.text()]
    },
  ],
  ['formData(), url-encoded', async (fetch, url) => [...(await (await fetch(`${url}/form`)).formData())]],
  [
    'formData(), multipart',
    async (fetch, url) => {
      const data = await (await fetch(`${url}/multipart`)).formData()
      const file = data.get('f') as File
      return [data.get('a'), file.name, file.type, await file.text()]
    },
  ],
  ['formData() of text', async (fetch, url) => (await fetch(`${url}/text`)).formData()],
  [
    'text() twice',
    async (fetch, url) => {
      const response = await fetch(`${url}/text`)
      await response.text()
      return response.text()
    },
  ],
  [
    'body after text()',
    async (fetch, url) => {
      const response = await fetch(`${url}/text`)
      await response.text()
      return [response.bodyUsed, response.body === null]
    },
  ],
  [
    'text() of a body that somebody reads',
    async (fetch, url) => {
      const response = await fetch(`${url}/text`)
      response.body?.getReader()
      return response.text()
    },
  ],
  [
    'text() of a null body, twice',
    async (fetch, url) => {
      const response = await fetch(`${url}/status/204`)
      return [await response.text(), await response.text(), response.bodyUsed]
    },
  ],
  [
    'clone()',
    async (fetch, url) => {
      const response = await fetch(`${url}/fields#x`)
      const copy = response.clone()
      const both = [response, copy].map(async (one) => seen(one, url))
      return Promise.all(both)
    },
  ],
  [
    'clone() of a response that was read',
    async (fetch, url) => {
      const response = await fetch(`${url}/text`)
      await response.text()
      return response.clone()
    },
  ],
  ['clone() of a null body', async (fetch, url) => seen((await fetch(`${url}/status/204`)).clone(), url)],
  [
    'clone(), one half read to its end before the other',
    async (fetch, url) => {
      const response = await fetch(`${url}/chunks`)
      const copy = response.clone()
      return [await copy.text(), copy.bodyUsed, response.bodyUsed, await response.text()]
    },
  ],
  [
    'body, chunk by chunk',
    async (fetch, url) => {
      let text = ''
      const response = await fetch(`${url}/chunks`)
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk)
      return [text, response.bodyUsed]
    },
  ],
  [
    'body, into memory of the reader',
    async (fetch, url) => {
      const reader = (await fetch(`${url}/text`)).body?.getReader({ mode: 'byob' })
      const sizes: number[] = []
      for (let more = true; more;) {
        const step = await reader?.read(new Uint8Array(5))
        sizes.push(step?.value?.byteLength ?? -1)
        more = step?.done === false
      }
      return sizes
    },
  ],
  [
    'body is the same stream each time',
    async (fetch, url) => {
      const response = await fetch(`${url}/text`)
      return response.body === response.body
    },
  ],
  [
    'new Response(body, response)',
    async (fetch, url) => {
      const response = await fetch(`${url}/fields`)
      const copy = new Response(response.body, response)
      return [
        copy.status,
        copy.statusText,
        copy.headers.getSetCookie(),
        copy.headers.get('x-case'),
        await copy.text(),
      ]
    },
  ],
  ['structuredClone(response)', async (fetch, url) => structuredClone(await fetch(`${url}/text`))],
  [
    'instanceof, tag and constructor',
    async (fetch, url) => {
      const response = await fetch(`${url}/text`)
      const { headers } = response
      return [
        response instanceof Response,
        headers instanceof Headers,
        Object.prototype.toString.call(response),
        Object.prototype.toString.call(headers),
        response.constructor === Response,
        Object.keys(response).length,
      ]
    },
  ],
  ['URL object as input', async (fetch, url) => seen(await fetch(new URL('/text#x', url)), url)],
  ['data: URL', async (fetch, url) => seen(await fetch('data:text/x,a%20b#c'), url)],
  ['blob: URL', async (fetch) => (await fetch(URL.createObjectURL(new Blob(['in memory'])))).text()],
]

/** Requests that are sent, as the server sees them. */
export const REQUESTS: readonly Case[] = [
  ...['get', 'GET', 'post', 'PuT', 'delete', 'options', 'PATCH', 'PROPFIND', 'custom'].map((method): Case => [
    `method ${method}`,
    (fetch, url) => echoed(fetch(`${url}/echo?${method}`, { method })),
  ]),
  [
    'undefined members',
    (fetch, url) => {
      const init = {
        method: undefined,
        headers: undefined,
        body: undefined,
        signal: undefined,
        redirect: undefined,
      }
      return echoed(fetch(`${url}/echo`, init as unknown as RequestInit))
    },
  ],
  ['null init', (fetch, url) => echoed(fetch(`${url}/echo`, null as unknown as RequestInit))],
  [
    'headers of a record',
    (fetch, url) => echoed(fetch(`${url}/echo`, { headers: { 'X-A': ' b ', c: 'd' } })),
  ],
  [
    'headers of pairs',
    (fetch, url) =>
      echoed(
        fetch(`${url}/echo`, {
          headers: [
            ['x-a', 'b'],
            ['x-a', 'c'],
            ['cookie', 'd=e'],
            ['authorization', 'Basic x'],
          ],
        }),
      ),
  ],
  [
    'headers of a Headers',
    (fetch, url) => echoed(fetch(`${url}/echo`, { headers: new Headers([['x-a', 'caf\u00e9']]) })),
  ],
  [
    'host is not for the caller to say',
    (fetch, url) => echoed(fetch(`${url}/echo`, { headers: { host: 'other.example' } })),
  ],
  [
    'own content-type',
    (fetch, url) =>
      echoed(fetch(`${url}/echo`, post('{}', { headers: { 'content-type': 'application/json' } }))),
  ],
  ...(
    [
      ['text', () => 'grüße \ud800'],
      ['empty text', () => ''],
      ['bytes', () => new Uint8Array([0, 1, 255])],
      ['a part of a buffer', () => new Uint8Array([0, 1, 2, 3]).subarray(1, 3)],
      ['a DataView', () => new DataView(new Uint8Array([65, 66]).buffer)],
      ['an ArrayBuffer', () => new Uint8Array([65, 66]).buffer],
      ['a number', () => 5],
      ['an object', () => ({ a: 1 })],
      ['URLSearchParams', () => new URLSearchParams({ a: 'b c', ü: '&' })],
      ['a Blob', () => new Blob(['a', 'b'], { type: 'Text/X' })],
      ['a Blob without a type', () => new Blob([new Uint8Array([1, 2])])],
      ['a FormData', form],
      ['an empty FormData', () => new FormData()],
      ['null', () => null],
    ] as const
  ).map(([name, make]): Case => [
    `body: ${name}`,
    (fetch, url) => echoed(fetch(`${url}/echo`, post(make()))),
  ]),
  [
    'body: a stream',
    (fetch, url) => echoed(fetch(`${url}/echo`, post(streamOf('one', 'two'), { duplex: 'half' }))),
  ],
  [
    'body: an empty stream',
    (fetch, url) => echoed(fetch(`${url}/echo`, post(streamOf(), { duplex: 'half' }))),
  ],
  [
    'body: an async iterable',
    (fetch, url) => echoed(fetch(`${url}/echo`, post(iterated(), { duplex: 'half' }))),
  ],
  [
    'bytes are copied',
    (fetch, url) => {
      const bytes = new Uint8Array([65])
      const sent = fetch(`${url}/echo`, post(bytes))
      bytes[0] = 66
      return echoed(sent)
    },
  ],
  ['Request', (fetch, url) => echoed(fetch(new Request(`${url}/echo?a#b`, { headers: { 'x-a': 'b' } })))],
  ...(
    [
      ['text', () => 'text'],
      ['bytes', () => new Uint8Array([1, 2, 3])],
      ['URLSearchParams', () => new URLSearchParams('a=b')],
      [
        'a FormData of texts',
        () => {
          const made = new FormData()
          made.append('a', 'b')
          made.append('c', 'd')
          return made
        },
      ],
      ['nothing', () => null],
    ] as const
  ).map(([name, make]): Case => [
    `Request with a body of ${name}`,
    (fetch, url) => echoed(fetch(new Request(`${url}/echo`, post(make())))),
  ]),
  [
    'Request with a stream',
    (fetch, url) => echoed(fetch(new Request(`${url}/echo`, post(streamOf('a', 'b'), { duplex: 'half' })))),
  ],
  [
    'Request of a class below it',
    (fetch, url) => {
      class Special extends Request {}
      return echoed(fetch(new Special(`${url}/echo`, post('x'))))
    },
  ],
  [
    'Request is used by fetch',
    async (fetch, url) => {
      const request = new Request(`${url}/echo`, post('x'))
      const answer = echoed(fetch(request))
      const used = request.bodyUsed
      return [used, await answer, request.bodyUsed]
    },
  ],
  [
    'Request whose body the init replaces',
    async (fetch, url) => {
      const request = new Request(`${url}/echo`, post('x'))
      const answer = await echoed(
        fetch(request, { body: new URLSearchParams('y=z'), headers: { 'x-new': '1' }, method: 'PUT' }),
      )
      return [answer, request.bodyUsed]
    },
  ],
  [
    'Request with an init that says nothing',
    (fetch, url) => echoed(fetch(new Request(`${url}/echo`, post('x')), {})),
  ],
  [
    'Request after clone()',
    async (fetch, url) => {
      const request = new Request(`${url}/echo`, post('x'))
      const copy = request.clone()
      return [await echoed(fetch(request)), await echoed(fetch(copy))]
    },
  ],
  ...['no-store', 'reload', 'no-cache', 'force-cache', 'default'].map((cache): Case => [
    `cache: ${cache}`,
    (fetch, url) => echoed(fetch(`${url}/echo`, { cache: cache as Request['cache'] })),
  ]),
  ...[
    '',
    'no-referrer',
    'no-referrer-when-downgrade',
    'same-origin',
    'origin',
    'strict-origin',
    'origin-when-cross-origin',
    'strict-origin-when-cross-origin',
    'unsafe-url',
  ].flatMap((policy): Case[] => [
    [
      `referrer across origins, ${policy}`,
      (fetch, url) =>
        echoed(
          fetch(`${url}/echo`, {
            referrer: 'http://u:p@other.example/a?b#c',
            referrerPolicy: policy as Request['referrerPolicy'],
          }),
        ),
    ],
    [
      `referrer from https, ${policy}`,
      (fetch, url) =>
        echoed(
          fetch(`${url}/echo`, {
            referrer: 'https://other.example/a?b#c',
            referrerPolicy: policy as Request['referrerPolicy'],
          }),
        ),
    ],
  ]),
  ['referrer: about:client', (fetch, url) => echoed(fetch(`${url}/echo`, { referrer: 'about:client' }))],
  ['referrer: none', (fetch, url) => echoed(fetch(`${url}/echo`, { referrer: '' }))],
  [
    'integrity that holds',
    async (fetch, url) => {
      const metadata = 'sha256-AAAA sha384-P/Hyh17QlhUp8iZHkCXWIl4k7lIQtLbzDRVFYTfS2+iEAS/0w0qsJfZYkMvIoFan?x'
      const response = await fetch('data:,x').then(() => fetch(`${url}/status/200`, { integrity: metadata }))
      return response.status
    },
  ],
  [
    'integrity that asks for nothing',
    async (fetch, url) => (await fetch(`${url}/text`, { integrity: 'md5-x foo' })).text(),
  ],
  [
    'ignored members',
    (fetch, url) =>
      echoed(
        fetch(`${url}/echo`, {
          mode: 'no-cors',
          credentials: 'include',
          keepalive: true,
          priority: 'high',
        } as RequestInit),
      ),
  ],
]

const REDIRECT_STATUSES = [301, 302, 303, 307, 308]

const to = (status: number, path: string): string => `/redirect/${status}?to=${encodeURIComponent(path)}`

/** Redirects. */
export const REDIRECTS: readonly Case[] = [
  ...REDIRECT_STATUSES.flatMap((status): Case[] => [
    [`${status}`, async (fetch, url) => seen(await fetch(url + to(status, '/text')), url)],
    [
      `${status}, seen by where it leads`,
      (fetch, url) =>
        echoed(fetch(url + to(status, '/echo'), { headers: { 'x-a': 'b', authorization: 'c' } })),
    ],
    ...['POST', 'PUT', 'PROPFIND'].map((method): Case => {
      const headers = {
        'content-language': 'de',
        'content-encoding': 'x',
        'content-location': 'y',
        'x-a': 'b',
      }
      const init = { method, body: 'content', headers }
      return [`${status} of a ${method}`, (fetch, url) => echoed(fetch(url + to(status, '/echo'), init))]
    }),
    [
      `${status} of a HEAD`,
      async (fetch, url) => seen(await fetch(url + to(status, '/text'), { method: 'HEAD' }), url),
    ],
    [
      `${status} of a form`,
      (fetch, url) => echoed(fetch(url + to(status, '/echo'), { method: 'POST', body: form() })),
    ],
    [
      `${status} of a Blob`,
      (fetch, url) => echoed(fetch(url + to(status, '/echo'), { method: 'POST', body: new Blob(['blob']) })),
    ],
    [
      `${status} of a stream`,
      (fetch, url) => echoed(fetch(url + to(status, '/echo'), post(streamOf('content'), { duplex: 'half' }))),
    ],
    [
      `${status} of a Request with a body`,
      (fetch, url) => echoed(fetch(new Request(url + to(status, '/echo'), post('content')))),
    ],
    [
      `${status}, manual`,
      async (fetch, url) => seen(await fetch(url + to(status, '/text'), { redirect: 'manual' }), url),
    ],
    [`${status}, error`, (fetch, url) => fetch(url + to(status, '/text'), { redirect: 'error' })],
    [
      `${status} to another origin`,
      (fetch, url, other) => {
        const headers = { authorization: 'Basic x', cookie: 'a=b', 'proxy-authorization': 'y', 'x-a': 'b' }
        return echoed(fetch(url + to(status, `${other}/echo`), { headers }))
      },
    ],
  ]),
  [
    'Request that says manual',
    async (fetch, url) => {
      const request = new Request(url + to(302, '/text'), { redirect: 'manual' })
      return seen(await fetch(request), url)
    },
  ],
  ['300 with a Location', async (fetch, url) => seen(await fetch(url + to(300, '/text')), url)],
  ['304 with a Location', async (fetch, url) => seen(await fetch(url + to(304, '/text')), url)],
  ['without a Location', async (fetch, url) => seen(await fetch(`${url}/redirect/302`), url)],
  ['without a Location, error', (fetch, url) => fetch(`${url}/redirect/302`, { redirect: 'error' })],
  ['to what is no URL, error', (fetch, url) => fetch(url + to(302, 'http://'), { redirect: 'error' })],
  [
    'to what is no URL, manual',
    async (fetch, url) => seen(await fetch(url + to(302, 'http://'), { redirect: 'manual' }), url),
  ],
  ...['', '?b', '//', '../text', './302?to=/text', '/text#new', '/a b', '/ü', '#only'].map(
    (location): Case => [
      `to ${JSON.stringify(location)}`,
      async (fetch, url) => seen(await fetch(`${url + to(302, location)}#old`), url),
    ],
  ),
  ...['ftp://127.0.0.1/', 'data:,x', 'http://', 'about:blank'].map((location): Case => [
    `to ${location}`,
    (fetch, url) => fetch(url + to(302, location)),
  ]),
  [
    'to a URL with credentials',
    async (fetch, url, other) => {
      const location = `${other.replace('//', '//user:secret@')}/text`
      return (await fetch(url + to(302, location))).status
    },
  ],
  [
    'twice, back to the first origin',
    (fetch, url, other) => {
      const there = other + to(302, `${url}/echo`)
      return echoed(fetch(url + to(302, there), { headers: { authorization: 'x', 'x-a': 'b' } }))
    },
  ],
  ['20 times', async (fetch, url) => seen(await fetch(`${url}/loop?n=20`), url)],
  ['21 times', (fetch, url) => fetch(`${url}/loop?n=21`)],
  [
    'clone() of where it leads',
    async (fetch, url) => seen((await fetch(url + to(302, '/text'))).clone(), url),
  ],
  [
    'keeps the referrer',
    (fetch, url) => echoed(fetch(url + to(302, '/echo'), { referrer: `${url}/from?a#b` })),
  ],
]

/** What is refused before anything is sent, and what fails. The class of the error counts, and nothing is sent. */
export const REFUSED: readonly Case[] = [
  ...(
    [
      ['a relative URL', '/x'],
      ['no URL', 'http://'],
      ['undefined', undefined],
      ['credentials in the URL', 'http://user:secret@127.0.0.1/'],
      ['another scheme', 'ftp://127.0.0.1/'],
      ['about:blank', 'about:blank'],
      ['a port of another protocol', 'http://127.0.0.1:25/'],
    ] as const
  ).map(([name, input]): Case => [name, (fetch) => fetch(input as string)]),
  ...(
    [
      ['method CONNECT', { method: 'connect' }],
      ['method TRACE', { method: 'TRACE' }],
      ['method TRACK', { method: 'Track' }],
      ['no method', { method: '' }],
      ['a method that is no token', { method: 'A B' }],
      ['a method that is a symbol', { method: Symbol('x') }],
      ['GET with a body', { body: 'x' }],
      ['HEAD with a body', { method: 'HEAD', body: '' }],
      ['a stream without duplex', { method: 'POST', body: streamOf('x') }],
      ['duplex: full', { method: 'POST', body: 'x', duplex: 'full' }],
      ['null headers', { headers: null }],
      ['a header name that is none', { headers: { 'a b': 'c' } }],
      ['a header value beyond Latin-1', { headers: { a: '\u0100' } }],
      ['a header value with a line end in it', { headers: { a: 'b\nc' } }],
      ['header pairs that are none', { headers: [['a']] }],
      ['a header pair that is text', { headers: ['ab'] }],
      ['a header value that is a symbol', { headers: { a: Symbol('b') } }],
      ['a header pair of symbols', { headers: [[Symbol('a'), 'b']] }],
      ['an unknown priority', { priority: 'no' }],
      ['an unknown redirect', { redirect: 'no' }],
      ['an unknown mode', { mode: 'no' }],
      ['mode navigate', { mode: 'navigate' }],
      ['an unknown cache', { cache: 'no' }],
      ['cache only-if-cached', { cache: 'only-if-cached' }],
      ['unknown credentials', { credentials: 'no' }],
      ['an unknown referrer policy', { referrerPolicy: 'no' }],
      ['a referrer that is no URL', { referrer: 'x' }],
      ['a window', { window: {} }],
      ['a signal that is none', { signal: {} }],
      ['integrity that does not hold', { integrity: 'sha512-AAAA' }],
      ['a dispatcher that is none', { dispatcher: {} }],
      [
        'content-length that is not the length',
        { method: 'POST', body: 'abc', headers: { 'content-length': '5' } },
      ],
    ] as const
  ).map(([name, init]): Case => [name, (fetch, url) => fetch(`${url}/text`, init as unknown as RequestInit)]),
  ['an init that is no object', (fetch, url) => fetch(`${url}/text`, 'GET' as RequestInit)],
  [
    'a locked stream',
    (fetch, url) => {
      const body = streamOf('x')
      body.getReader()
      return fetch(`${url}/echo`, post(body, { duplex: 'half' }))
    },
  ],
  [
    'a stream that was read',
    async (fetch, url) => {
      const body = streamOf('x', 'y')
      const reader = body.getReader()
      await reader.read()
      reader.releaseLock()
      return fetch(`${url}/echo`, post(body, { duplex: 'half' }))
    },
  ],
  [
    'a Request that was used',
    async (fetch, url) => {
      const request = new Request(`${url}/echo`, post('x'))
      await request.text()
      return fetch(request)
    },
  ],
  [
    'a Request whose body somebody reads',
    (fetch, url) => {
      const request = new Request(`${url}/echo`, post('x'))
      request.body?.getReader()
      return fetch(request)
    },
  ],
  [
    'a Request with a GET of the init',
    (fetch, url) => fetch(new Request(`${url}/echo`, post('x')), { method: 'GET' }),
  ],
  [
    'a stream that fails',
    (fetch, url) => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) })
      return fetch(`${url}/echo`, post(body, { duplex: 'half' }))
    },
  ],
  ['nobody listens', (fetch) => fetch('http://127.0.0.1:2/')],
  ...['reset', 'close', 'malformed'].map((path): Case => [path, (fetch, url) => fetch(`${url}/${path}`)]),
  ...['truncated', 'truncated-chunked'].flatMap((path): Case[] => [
    [`text() of ${path}`, async (fetch, url) => (await fetch(`${url}/${path}`)).text()],
    [`blob() of ${path}`, async (fetch, url) => (await fetch(`${url}/${path}`)).blob()],
    [
      `body of ${path}`,
      async (fetch, url) => {
        for await (const chunk of (await fetch(`${url}/${path}`)).body ?? []) void chunk
      },
    ],
    [
      `both halves of ${path}`,
      async (fetch, url) => {
        const response = await fetch(`${url}/${path}`)
        const copy = response.clone()
        const ends = await Promise.allSettled([response.text(), copy.text()])
        return ends.map((end) => end.status === 'rejected' && end.reason instanceof TypeError)
      },
    ],
  ]),
]

const sentAs = (method: string, body: string, ...headers: [string, string][]): unknown => ({
  value: { method, url: method === 'PROPFIND' ? '/echo?PROPFIND' : '/echo', body, headers },
})

/** What a server sees of {@link form}. */
const FORM_SENT = sentAs(
  'POST',
  [
    '--BOUNDARY',
    'Content-Disposition: form-data; name="plain"',
    '',
    'one\r\ntwo\r\nthree\r\nfour',
    '--BOUNDARY',
    'Content-Disposition: form-data; name="na%22me%0D%0A"',
    '',
    'gr\u00c3\u00bc\u00c3\u009fe',
    '--BOUNDARY',
    'Content-Disposition: form-data; name="file"; filename="a %22b%22%0A.txt"',
    'Content-Type: text/x',
    '',
    'content',
    '--BOUNDARY',
    'Content-Disposition: form-data; name="blob"; filename="blob"',
    'Content-Type: application/octet-stream',
    '',
    'x',
    '--BOUNDARY--',
    '',
  ].join('\r\n'),
  ['content-length', 'of a multipart'],
  ['content-type', 'multipart/form-data; boundary=BOUNDARY'],
  ['host', 'HOST'],
)

const WITHOUT_BOUNDARY = {
  lines: [22, 24],
  ours: FORM_SENT,
  why: 'the boundary of the content is that of its type, also the second time',
}
const CONTENT_GONE = {
  ours: sentAs('GET', '', ['host', 'HOST']),
  why: 'a GET has no content that must be had again',
}

interface Difference {
  readonly ours: unknown
  readonly why: string
  /** The lines of Node whose fetch differs. Default: all. */
  readonly lines?: readonly number[]
}

const REFERRER = { lines: [22], why: 'undici 6 knows no policy but the default one' }
const NO_REFERER = { ...REFERRER, ours: sentAs('GET', '', ['host', 'HOST']) }
const refererOf = (url: string): Difference => ({
  ...REFERRER,
  ours: sentAs('GET', '', ['host', 'HOST'], ['referer', url]),
})

/** Cases whose values are meant to differ, with ours, and why. */
export const DIFFERENT: Readonly<Record<string, Difference>> = {
  'an unknown priority': { lines: [22], ours: { thrown: 'TypeError' }, why: 'undici 6 knows no priority' },
  'referrer across origins, no-referrer': NO_REFERER,
  'referrer from https, no-referrer': NO_REFERER,
  'referrer across origins, no-referrer-when-downgrade': refererOf('http://other.example/a?b'),
  'referrer from https, no-referrer-when-downgrade': refererOf('https://other.example/a?b'),
  'GET /gzip': {
    ours: {
      value: {
        ok: true,
        redirected: false,
        status: 200,
        statusText: 'OK',
        type: 'basic',
        url: '/gzip',
        fields: [],
        hasBody: true,
        text: 'unpacked',
        bodyUsed: true,
      },
    },
    why: 'content-encoding speaks of a content that is no longer coded: who passes the response on would code it twice',
  },
  'structuredClone(response)': {
    ours: { value: {} },
    why: 'only the platform can make a class that refuses to be cloned',
  },
  'method PROPFIND': {
    ours: sentAs('PROPFIND', '', ['host', 'HOST']),
    why: 'no content, and a method that need not have any (RFC 9110 §8.6)',
  },
  'body: an empty stream': {
    ours: sentAs('POST', '', ['host', 'HOST'], ['transfer-encoding', 'chunked']),
    why: 'nobody knows that it is empty when the head goes out',
  },
  'Request with a stream': {
    ours: sentAs('POST', 'ab', ['content-length', '2'], ['host', 'HOST']),
    why: 'what is all there is sent as one, and can be sent again',
  },
  '301 of a stream': CONTENT_GONE,
  '302 of a stream': CONTENT_GONE,
  '307 of a form': WITHOUT_BOUNDARY,
  '308 of a form': WITHOUT_BOUNDARY,
  'to "/ü"': {
    ours: {
      value: {
        ok: false,
        redirected: true,
        status: 404,
        statusText: 'Not Found',
        type: 'basic',
        url: '/%FC',
        fields: [],
        hasBody: true,
        text: '',
        bodyUsed: true,
      },
    },
    why: 'a byte of a Location that is no ASCII stays that byte',
  },
  'to a URL with credentials': {
    ours: { value: 200 },
    why: 'they are left out, and the rest of the URL is as good',
  },
}
