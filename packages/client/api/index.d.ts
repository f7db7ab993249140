import { Client, ClientOptions, ClientTimeouts, Connector, Destination, RequestBody, RequestOptions, UpgradeOptions, Upgraded, VerbOptions } from "./client-types.js";
export { Client, type ClientOptions, type ClientTimeouts, type Connector, type Destination, type RequestBody, type RequestOptions, type UpgradeOptions, Upgraded, type VerbOptions };
