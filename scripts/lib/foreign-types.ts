// Which names in a package's declarations come from somewhere else. In: the text of its .d.ts files. Out: foreign names, sorted.
// A type of a dependency that shows in our surface is part of our promise, so every one of them is listed and reviewed.
// Tokens are enough here: emitted declarations are regular text, and a name too many only asks for one more look.

// ECMAScript's own types, and the helpers TypeScript adds to them. They come with the language, not with a platform.
const LANGUAGE = new Set(
  `Array ArrayBuffer ArrayBufferLike ArrayBufferView AsyncDisposable AsyncGenerator AsyncIterable AsyncIterableIterator AsyncIterator
  AsyncIteratorObject Awaited BigInt64Array Boolean ConstructorParameters DataView Date Disposable Error ErrorOptions Exclude Extract
  Float32Array Float64Array Function Generator Infinity InstanceType Int16Array Int32Array Int8Array Iterable IterableIterator Iterator
  IteratorObject IteratorResult Map MapIterator Math NaN NonNullable Number Object Omit Parameters Partial Pick Promise PromiseLike
  PropertyKey Readonly ReadonlyArray ReadonlyMap ReadonlySet Record RegExp Required ReturnType Set SetIterator SharedArrayBuffer String
  Symbol Uint16Array Uint32Array Uint8Array WeakMap WeakRef WeakSet`.split(/\s+/),
)

const IMPORT = /import(?: type)? (\{[^}]*\}|\* as \w+|\w+) from ["']([^"']+)["'];?/g
const DECLARED = /\b(?:class|interface|type|enum|namespace|const|let|var|function)\s+(\w+)/g
const TYPE_PARAMETER = /[<,]\s*(?:const\s+)?([A-Z]\w*)(?=\s+extends\b|\s*=[^>]|\s*[,>])/g
const INFERRED = /\binfer\s+(\w+)|\b(\w+)\s+in\s+keyof\b/g
// A capital name used as a type: not a member (`x.Name`), not a key (`Name:` or `Name?:`), not a method (`Name(`).
const USED = /(?<![.\w$'"#])([A-Z]\w*)\b(?!\s*\??:(?!:)|\s*\()/g

export function foreignTypes(files: readonly string[]): string[] {
  const foreign = new Set<string>()
  const known = new Set(LANGUAGE)
  const bodies = files.map((text) => stripImports(stripTrivia(text), known, foreign))
  for (const body of bodies) for (const name of declaredNames(body)) known.add(name)
  for (const body of bodies) {
    for (const [, name] of body.matchAll(USED)) if (name !== undefined && !known.has(name)) foreign.add(name)
  }
  return [...foreign].toSorted()
}

function stripTrivia(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/\/\/.*$/gm, '')
}

// Imports between our own files and packages are not foreign; any other becomes `module#Name`.
function stripImports(text: string, known: Set<string>, foreign: Set<string>): string {
  const body = text.replace(IMPORT, (_, clause: string, from: string) => {
    for (const { imported, local } of importedNames(clause)) {
      known.add(local)
      if (!from.startsWith('.') && !from.startsWith('@hyper/')) foreign.add(`${from}#${imported}`)
    }
    return ''
  })
  return body.replace(/(["'`])(?:(?!\1)[^\\\n]|\\.)*\1/g, "''")
}

function importedNames(clause: string): { imported: string; local: string }[] {
  if (!clause.startsWith('{'))
    return [{ imported: clause.startsWith('*') ? '*' : 'default', local: clause.replace('* as ', '') }]
  return clause
    .slice(1, -1)
    .split(',')
    .map((part) => part.replace(/^\s*type\s/, '').trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [imported = '', local = imported] = part.split(/\s+as\s+/)
      return { imported, local }
    })
}

function* declaredNames(body: string): Generator<string> {
  for (const pattern of [DECLARED, INFERRED]) {
    for (const match of body.matchAll(pattern)) yield match[1] ?? match[2] ?? ''
  }
  for (const head of body.matchAll(
    /(?:\b(?:class|interface|type|function)\s+\w+|[\w)]\s*|[(=:]\s*)<([^;{}]*?)>/g,
  )) {
    for (const [, name] of `<${head[1] ?? ''}>`.matchAll(TYPE_PARAMETER)) {
      if (name !== undefined && (name.length === 1 || head[0].match(/^(class|interface|type|function)/)))
        yield name
    }
  }
}
