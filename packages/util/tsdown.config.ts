import { packageBuild } from '../../scripts/package-build.ts'

// As everywhere, but for what needs a runtime of its own and stays in its doors: `./web`, `./memory` and the others must load in a browser.
export default packageBuild(import.meta.dirname, {
  outputOptions: {
    minifyInternalExports: false,
    codeSplitting: {
      // What several of them share must come first: a group takes what its files import with it.
      groups: [
        { name: 'util-types.d', test: /[\\/]src[\\/](?!(?:node|deno|bun|platform)[\\/]).*\.d\.ts$/ },
        { name: 'util-shared', test: /[\\/]src[\\/](?!(?:node|deno|bun|platform)[\\/]).*(?<!\.d)\.ts$/ },
        // Also for runtimes that have streams as Node has them, and sockets of their own.
        { name: 'util-duplex', test: /[\\/]src[\\/]node[\\/]duplex-from(?<!\.d)\.ts$/ },
        // What Bun has as Node has it, without the sockets of Node.
        {
          name: 'util-host',
          test: /[\\/]src[\\/]node[\\/](?:node-resolver|node-runtime|node-text|server-names|session-cache|signals|tls-acceptor|tls-failure(?:-table)?)\.ts$/,
        },
        ...['node', 'deno', 'bun'].flatMap((runtime) => [
          {
            name: `util-${runtime}-types.d`,
            test: new RegExp(String.raw`[\\/]src[\\/]${runtime}[\\/].*\.d\.ts$`),
          },
          {
            name: `util-${runtime}`,
            test: new RegExp(String.raw`[\\/]src[\\/]${runtime}[\\/].*(?<!\.d)\.ts$`),
          },
        ]),
      ],
    },
  },
})
