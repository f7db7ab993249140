import "./util-node-types.js";
