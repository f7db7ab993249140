import { createNodeRuntime, nodeRuntime } from "./util-node-types.js";
import "./util-bun-types.js";
export { nodeRuntime as bunRuntime, createNodeRuntime as createBunRuntime };
