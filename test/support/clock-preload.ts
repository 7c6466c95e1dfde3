/** Preloaded with `--import`, sets the process's clock ahead by CLOCK_AHEAD_MS, or behind if that is negative. */
const ahead = Number(process.env.CLOCK_AHEAD_MS)
const { now } = Date

Date.now = () => now() + ahead
globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[]) =>
    Reflect.construct(target, args.length === 0 ? [now() + ahead] : args) as Date,
})
