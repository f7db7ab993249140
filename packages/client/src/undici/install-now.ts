import { install } from './install.ts'

// The door `@hyper/client/undici/install`: `import` is all that it takes. Imported twice, it is installed once.

install()
