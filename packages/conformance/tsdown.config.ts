import { packageBuild } from '../../scripts/package-build.ts'

export default packageBuild(import.meta.dirname, {
  entry: {
    demo: 'src/demo.ts',
    prober: 'src/prober.ts',
    'reference-client': 'src/reference-client.ts',
    'reference-server': 'src/reference-server.ts',
  },
  platform: 'node',
  dts: false,
  outputOptions: {},
})
