// Integrity metadata (Subresource Integrity §3): `sha256-…`, `sha384-…` or `sha512-…`, several by spaces. In: the bytes of a
// response and what they are promised to be. Out: nothing, or a TypeError. Only the strongest of the algorithms counts; a
// text that names none asks for nothing.

interface Promised {
  readonly strength: number
  readonly digest: string
}

const ALGORITHMS: readonly string[] = ['sha256', 'sha384', 'sha512']

/** Throws a TypeError when the bytes are not what `metadata` says. */
export async function checkIntegrity(bytes: Uint8Array, metadata: string): Promise<void> {
  const promised = parse(metadata)
  let strength = -1
  for (const one of promised) strength = Math.max(strength, one.strength)
  const name = ALGORITHMS[strength]
  if (name === undefined) return
  const hash = await crypto.subtle.digest(`SHA-${name.slice(3)}`, bytes as Uint8Array<ArrayBuffer>)
  const actual = base64(new Uint8Array(hash))
  if (promised.some((one) => one.strength === strength && one.digest === actual)) return
  throw new TypeError(`the response is not what its integrity metadata promises: its ${name} is ${actual}`)
}

/** Whether `metadata` asks for anything. */
export function hasIntegrity(metadata: string): boolean {
  return metadata !== '' && parse(metadata).length > 0
}

function parse(metadata: string): Promised[] {
  const found: Promised[] = []
  for (const [, name, digest] of metadata.matchAll(METADATA)) {
    const strength = ALGORITHMS.indexOf((name ?? '').toLowerCase())
    // Both alphabets of base64 are allowed.
    found.push({ strength, digest: (digest ?? '').replaceAll('-', '+').replaceAll('_', '/') })
  }
  return found
}

const METADATA = /(?<=^|\s)(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?\S*)?(?=\s|$)/gi

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
