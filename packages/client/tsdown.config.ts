import { packageBuild } from '../../scripts/package-build.ts'

// As everywhere, but for what is of undici, and of Node alone: it stays in doors of its own, and installs nothing by being built.
export default packageBuild(import.meta.dirname, {
  outputOptions: {
    minifyInternalExports: false,
    codeSplitting: {
      groups: [
        { name: 'client-types.d', test: /[\\/]src[\\/](?!undici[\\/]).*\.d\.ts$/ },
        { name: 'client-shared', test: /[\\/]src[\\/](?!undici[\\/]).*(?<!\.d)\.ts$/ },
        { name: 'undici-shared', test: /[\\/]src[\\/]undici[\\/](?!in(?:dex|stall-now)\.).*(?<!\.d)\.ts$/ },
      ],
    },
  },
})
