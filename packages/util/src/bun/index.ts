export { createNodeRuntime as createBunRuntime, nodeRuntime as bunRuntime } from '../node/node-runtime.ts'
