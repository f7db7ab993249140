import { createNodeRuntime, nodeRuntime } from "./util-node-types.js";
import "./util-deno-types.js";
export { createNodeRuntime as createDenoRuntime, nodeRuntime as denoRuntime };
