export { FLOOD_ATTACKS } from './flood-table.ts'
export { FLOW_ATTACKS } from './flow-table.ts'
export { SLOW_ATTACKS } from './slow-table.ts'
export type { Attack, AttackSettings, Target } from './attack.ts'
