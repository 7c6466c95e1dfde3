/** What runs inside of Redis: each step of a queue is one call there, so that no other replica sees it half done. */
import { createHash } from 'node:crypto'
import { deadLettersCode } from './lua/dead-letters.ts'
import { messagesCode } from './lua/messages.ts'
import { peekCode } from './lua/peek.ts'
import { queuesCode } from './lua/queues.ts'
import { shardCode } from './lua/shard.ts'
import { waitingCode } from './lua/waiting.ts'

/**
 * Queues lie in shards, and all keys of a shard on one node of a cluster, by what is between the braces of their names
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags). So what is said of all queues of a shard is true at
 * one time: a function gets the name of a key that is none, and knows the others by it (shards.ts says why).
 *
 * A shard has: queues (a sorted set of their names, by the version that their last change made), totals (a hash: which version it is, since when
 * there are versions, the last one that took a queue away, the flow through deleted queues, and how many left for other queues), leases (a
 * sorted set of lease and queue, by when they end), delays (one of place and queue, by when they are over), aging (a set of queues that let
 * go of what is old), acked (a sorted set of finished leases, by when, in microseconds), sent-times and sent (a sorted set and a hash of
 * senders' own keys), outbox (a sorted set of what leaves for other queues), outbox-traces (a hash: their traces, by their ids), arrived (one of
 * what came from there).
 * A queue has: figures (a hash, with its limits; the queue is there as long as it is), waiting (a list, of what is new), returned (a sorted set
 * by place, of what came back), held (a hash: lease to message), delayed (a sorted set by place), history (a hash: place to record, of what
 * was more than handed out once, and place with a t to the trace that it was sent in), waiters and servers (sorted sets: who waits, and when each
 * server of those was heard of last).
 *
 * A message is one string: its place (16 digits), its id (32), when it was enqueued (13, in milliseconds since 1970), its body.
 * A held one has in front of it how long its lease is (13 digits, in milliseconds). Ids and leases begin with the place, in 12 hex digits.
 * Servers of the version before know all this but delays, aging, outbox, arrived, delayed, history, waiters and servers; those of the version
 * after them all but the traces, which they leave behind until the queue is empty or gone.
 */
const code = `
${shardCode}${messagesCode}${queuesCode}${peekCode}${deadLettersCode}${waitingCode}
local functions = {}

-- Many operations on a shard, as if they were one. Arguments: for each its name, how many arguments it has, and these. Gives how many
-- messages have left for other shards, and a reply for each.
function functions.run(keys, args)
  local shard, replies, at = shard_at(keys[1]), {}, 1
  take_back(shard)
  while at < #args do
    local count = tonumber(args[at + 1])
    table.insert(replies, operations[args[at]](shard, { unpack(args, at + 2, at + 1 + count) }))
    at = at + 2 + count
  end
  finish(shard)
  forget_all(shard)
  table.insert(replies, 1, shard.departures)
  return replies
end

-- The same, where it needs room.
functions.grow = functions.run

function functions.changes(keys, args)
  local replies = {}
  for index, key in ipairs(keys) do replies[index] = changes_in(key, args[2 * index - 1], tonumber(args[2 * index])) end
  return replies
end

-- Whether each shard has anything in its outbox.
function functions.departed(keys)
  local replies = {}
  for index, key in ipairs(keys) do replies[index] = redis.call('EXISTS', string.sub(key, 1, -7) .. 'outbox') end
  return replies
end
`

/** Whether Redis refuses a function when it is full; what makes room has to work then. */
const flags = { grow: '', run: "'allow-oom'", changes: "'allow-oom'", departed: "'no-writes'" } as const

/** One of its functions. */
export type RedisFunction = keyof typeof flags

let library: string | undefined

/** Named by its code, so that replicas of two versions can share a Redis; hashed late, since a start without Redis does without. */
const libraryName = (): string =>
  (library ??= `memq_${createHash('sha256').update(code).digest('hex').slice(0, 8)}`)

/** What Redis knows a function by. */
export function functionName(name: RedisFunction): string {
  return `${libraryName()}_${name}`
}

/** As FUNCTION LOAD takes it (https://redis.io/docs/latest/develop/programmability/functions-intro/). */
export const libraryCode = (): string =>
  [
    `#!lua name=${libraryName()}`,
    code,
    ...Object.entries(flags).map(
      ([name, flag]) =>
        `redis.register_function{ function_name = '${functionName(name as RedisFunction)}', callback = functions.${name}, flags = {${flag}} }`,
    ),
  ].join('\n')
