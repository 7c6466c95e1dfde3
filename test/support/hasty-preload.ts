/** Preloaded with `--import`, has timers of at least HASTE_FROM_MS run out after a part of their time: one HASTE_BY-th. */
const [from, by] = [Number(process.env.HASTE_FROM_MS), Number(process.env.HASTE_BY)]

const { setTimeout } = globalThis
const hasty = (act: () => void, ms = 0) => setTimeout(act, ms < from ? ms : ms / by)
globalThis.setTimeout = Object.assign(hasty, setTimeout)
