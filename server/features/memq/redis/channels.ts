/** Where Redis tells servers of what the others do. */

/** Where the name of a queue is told after each change of it, whichever replica made it. */
export const changesChannel = 'memq:changes'
/** Where those who wait are told that a queue has messages, or when some may come back. */
export const waitingChannel = 'memq:waiting'
/** Where it is told that a shard’s outbox has something: how the names of its keys begin. */
export const outboxChannel = 'memq:outbox'
