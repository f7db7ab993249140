import { ERROR_CODES, ErrorBy, ErrorCode, ErrorPhase, HyperError, HyperErrorChanges, HyperErrorInit, userError } from "./core-types.js";
export { ERROR_CODES, type ErrorBy, type ErrorCode, type ErrorPhase, HyperError, type HyperErrorChanges, type HyperErrorInit, userError };
