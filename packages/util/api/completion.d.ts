import { CompletionOptions, CompletionSource, completionIo } from "./util-types.js";
export { type CompletionOptions, type CompletionSource, completionIo };
