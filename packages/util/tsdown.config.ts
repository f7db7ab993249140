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
        { name: 'util-node-types.d', test: /[\\/]src[\\/]node[\\/].*\.d\.ts$/ },
        { name: 'util-node', test: /[\\/]src[\\/]node[\\/].*(?<!\.d)\.ts$/ },
      ],
    },
  },
})
