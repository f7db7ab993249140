import { expect, test } from 'vitest'
import { tlsError } from '../../src/node/tls-failure.ts'

// What a failure is said to be, where no server need fail for it.

test.each([
  [
    "Host: b.test. is not in the cert's altnames: DNS:a.test",
    'the certificate is for another name, DNS:a.test',
  ],
  ["IP: 127.0.0.1 is not in the cert's list: 192.0.2.1", 'the certificate is for another name, 192.0.2.1'],
  // A certificate of names alone, asked for an address.
  ["IP: 127.0.0.1 is not in the cert's list: ", 'the certificate is for another name'],
])('%s', (text, words) => {
  const cause = Object.assign(new Error(text), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const { message } = tlsError(cause, '127.0.0.1:443', 1)
  expect(message).toBe(`TLS with 127.0.0.1:443 failed: ${words} (ERR_TLS_CERT_ALTNAME_INVALID)`)
})
