import { Tracer } from "./core-types.js";
export type { Tracer };
