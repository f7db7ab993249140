export { createNodeRuntime as createDenoRuntime, nodeRuntime as denoRuntime } from '../node/node-runtime.ts'
