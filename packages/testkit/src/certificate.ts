/** A certificate and its key, both PEM. Without an issuer it is its own CA. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** What a certificate says. */
export interface TestCertificateOptions {
  /** Names and addresses that it is for. */
  readonly names?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** Who signs it. */
  readonly issuer?: TestCertificate
  /** Whether it may sign others. Default true. */
  readonly isAuthority?: boolean
}

const made: { promise: Promise<TestCertificate> | null } = { promise: null }
const HOUR = 3_600_000

/**
 * A certificate for `localhost`, `*.localhost`, `example.test`, 127.0.0.1 and ::1 (EC P-256), valid for a day; one per process, since
 * making a key takes time.
 */
export function testCertificate(): Promise<TestCertificate> {
  made.promise ??= 'Deno' in globalThis ? makeTestChain() : makeTestCertificate()
  return made.promise
}

/**
 * A certificate with the authority that has signed it behind it, to be served and to be trusted as they are: rustls, which Deno has,
 * takes no server's certificate that is an authority itself.
 */
async function makeTestChain(): Promise<TestCertificate> {
  const issuer = await makeTestCertificate({ names: ['an authority for tests'] })
  const { cert, key } = await makeTestCertificate({ issuer, isAuthority: false })
  return { cert: `${cert.trim()}\n${issuer.cert}`, key }
}

/** One that is not the usual one: for another name, out of its time, signed by another. */
export async function makeTestCertificate(options: TestCertificateOptions = {}): Promise<TestCertificate> {
  // Loaded here, because it takes longer to load than most test files run.
  const { generate } = await import('selfsigned')
  const names = options.names ?? ['localhost', '*.localhost', 'example.test', '127.0.0.1', '::1']
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A clock that is a little slow on the other side must not make it "not yet valid".
    notBeforeDate: options.notBefore ?? new Date(Date.now() - HOUR),
    notAfterDate: options.notAfter ?? new Date(Date.now() + 24 * HOUR),
    ...(options.issuer === undefined ? {} : { ca: options.issuer }),
    extensions: [
      { name: 'basicConstraints', cA: options.isAuthority ?? true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: options.isAuthority ?? true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: names.map(nameEntry) },
    ],
  })
  return { cert, key }
}

function nameEntry(name: string): { type: 2; value: string } | { type: 7; ip: string } {
  return /^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }
}
