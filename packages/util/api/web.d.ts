import { WebRuntimeOptions, WebStreamPair, createWebRuntime, fromReadableStream, toReadableStream, webIo, webRuntime } from "./util-types.js";
export { type WebRuntimeOptions, type WebStreamPair, createWebRuntime, fromReadableStream, toReadableStream, webIo, webRuntime };
