export { isWebSocket, upgradeWebSocket, upgradeWith } from './upgrade.ts'
export type { NodeUpgradeHandler, WebSocketUpgrader } from './upgrade.ts'
export { answerWebSocket, answerUpgradeWith } from './handshake.ts'
