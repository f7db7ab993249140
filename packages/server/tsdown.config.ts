import { packageBuild } from '../../scripts/package-build.ts'

// As everywhere, but for what hands connections to libraries of Node: it stays in a door of its own, with what it loads.
export default packageBuild(import.meta.dirname, {
  outputOptions: {
    minifyInternalExports: false,
    codeSplitting: {
      groups: [
        { name: 'server-types.d', test: /[\\/]src[\\/](?!websocket[\\/]).*\.d\.ts$/ },
        { name: 'server-shared', test: /[\\/]src[\\/](?!websocket[\\/]).*(?<!\.d)\.ts$/ },
      ],
    },
  },
})
