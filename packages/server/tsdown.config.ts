import { packageBuild } from '../../scripts/package-build.ts'

// As everywhere, but for the doors that are of Node alone: what speaks Node's own HTTP, and what hands connections to
// libraries of Node. They stay by themselves, with what they load.
export default packageBuild(import.meta.dirname, {
  outputOptions: {
    minifyInternalExports: false,
    codeSplitting: {
      groups: [
        { name: 'server-types.d', test: /[\\/]src[\\/](?!(?:node|websocket)[\\/]).*\.d\.ts$/ },
        { name: 'server-shared', test: /[\\/]src[\\/](?!(?:node|websocket)[\\/]).*(?<!\.d)\.ts$/ },
        { name: 'node-shared', test: /[\\/]src[\\/]node[\\/](?!index\.).*(?<!\.d)\.ts$/ },
      ],
    },
  },
})
