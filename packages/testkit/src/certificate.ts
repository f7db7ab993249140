/** A self-signed certificate and its key, both PEM. The certificate is its own CA. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

const made: { promise: Promise<TestCertificate> | null } = { promise: null }

/**
 * A certificate for `localhost`, `*.localhost`, `example.test`, 127.0.0.1 and ::1 (EC P-256), valid for a day; one per process, since
 * making a key takes time.
 */
export function testCertificate(): Promise<TestCertificate> {
  made.promise ??= makeCertificate()
  return made.promise
}

async function makeCertificate(): Promise<TestCertificate> {
  // Loaded here, because it takes longer to load than most test files run.
  const { generate } = await import('selfsigned')
  // A clock that is a little slow on the other side must not make it "not yet valid".
  const notBeforeDate = new Date(Date.now() - 3_600_000)
  const notAfterDate = new Date(Date.now() + 86_400_000)
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate,
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: '*.localhost' },
          { type: 2, value: 'example.test' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { cert, key }
}
