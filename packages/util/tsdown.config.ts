import { packageBuild } from '../../scripts/package-build.ts'

// As everywhere, but for what needs Node, which stays in its own door: `./web`, `./memory` and the others must load in a browser.
export default packageBuild(import.meta.dirname, {
  outputOptions: {
    minifyInternalExports: false,
    codeSplitting: {
      groups: [
        { name: 'util-types.d', test: /[\\/]src[\\/](?!node[\\/]).*\.d\.ts$/ },
        { name: 'util-shared', test: /[\\/]src[\\/](?!node[\\/]).*(?<!\.d)\.ts$/ },
      ],
    },
  },
})
