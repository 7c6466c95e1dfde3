/** What runs inside of Redis: each step of a queue is one function there, so that no other replica sees it half done. */
import { createHash } from 'node:crypto'

/** Where the queue's name is told after each change of it, whichever replica made it. */
export const channel = 'memq:changes'

/**
 * Queues lie in shards, and all keys of a shard on one node of a cluster, by what is between the braces of their names
 * (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags). So what is said of all queues of a shard is true at
 * one time: a function gets the name of the first key, and knows the others by it.
 *
 * A shard has: queues (a sorted set of their names, by the version that their last change made), totals (a hash: which version it is, since when
 * there are versions, the last one that took a queue away, and the flow through deleted queues), leases (a sorted set of lease and queue, by
 * when they end), acked (a sorted set of finished leases, by when, in microseconds), sent-times and sent (a sorted set and a hash of senders' own keys).
 * A queue has: figures (a hash; the queue is there as long as it is), waiting (a list, of what is new), returned (a sorted set by place, of
 * what came back), held (a hash: lease to message).
 *
 * A message is one string: its place (16 digits), its id (32), when it was enqueued (13, in milliseconds since 1970), its body.
 * A held one has in front of it how long its lease is (13 digits, in milliseconds).
 */
const code = `
local function shard_at(key)
  local time = redis.call('TIME')
  local prefix = string.sub(key, 1, -7)
  local micros = time[1] * 1000000 + time[2]
  local shard = { prefix = prefix, micros = micros, made = string.format('%d', micros), time = math.floor(micros / 1000) }
  for _, part in ipairs({ 'queues', 'totals', 'leases', 'acked', 'sent', 'sent-times' }) do shard[part] = prefix .. part end
  return shard
end

local function queue_in(shard, name)
  local queue = { name = name }
  for _, part in ipairs({ 'figures', 'waiting', 'returned', 'held' }) do queue[part] = shard.prefix .. part .. ':' .. name end
  return queue
end

local function next_version(shard, queue)
  redis.call('PUBLISH', '${channel}', queue.name)
  return redis.call('HINCRBY', shard.totals, 'version', 1)
end

local function changed(shard, queue)
  redis.call('ZADD', shard.queues, next_version(shard, queue), queue.name)
end

local function give_back(shard, queue, lease)
  local entry = string.sub(redis.call('HGET', queue.held, lease), 14)
  redis.call('ZADD', queue.returned, string.sub(entry, 1, 16), entry)
  redis.call('HDEL', queue.held, lease)
  redis.call('ZREM', shard.leases, lease .. queue.name)
  changed(shard, queue)
end

-- Takes back what has expired, as whoever asks next does.
local function take_back(shard)
  for _, member in ipairs(redis.call('ZRANGE', shard.leases, '-inf', shard.time, 'BYSCORE')) do
    give_back(shard, queue_in(shard, string.sub(member, 33)), string.sub(member, 1, 32))
  end
end

-- Forgets what is older than some seconds, and all but some of the newest. Gives their names.
local function forget(shard, key, seconds, count)
  local old = redis.call('ZRANGE', key, '-inf', shard.micros - seconds * 1000000, 'BYSCORE')
  local surplus = redis.call('ZCARD', key) - #old - count
  if surplus > 0 then
    for _, member in ipairs(redis.call('ZRANGE', key, #old, #old + surplus - 1)) do table.insert(old, member) end
  end
  for _, member in ipairs(old) do redis.call('ZREM', key, member) end
  redis.call('EXPIRE', key, seconds)
  return old
end

local function depth_of(queue)
  return redis.call('LLEN', queue.waiting) + redis.call('ZCARD', queue.returned)
end

local functions = {}

-- A function on a queue that there is; its first argument is the queue's name.
local function on_queue(run)
  return function(keys, args)
    local shard = shard_at(keys[1])
    take_back(shard)
    local queue = queue_in(shard, args[1])
    queue.made = redis.call('HGET', queue.figures, 'made')
    if not queue.made then return redis.error_reply('MEMQUNKNOWN does not exist') end
    return run(shard, queue, args)
  end
end

-- A function on a lease that still runs, the second argument; the others may be told from elsewhere.
local function on_lease(settle, otherwise)
  return on_queue(function(shard, queue, args)
    local lease = args[2]
    local held = redis.call('HGET', queue.held, lease)
    if held then
      settle(shard, queue, lease, held, args)
    elseif not (otherwise and otherwise(shard, queue, lease)) then
      return redis.error_reply('MEMQGONE no such lease')
    end
    return 1
  end)
end

function functions.create(keys, args)
  local shard = shard_at(keys[1])
  local queue = queue_in(shard, args[1])
  if redis.call('EXISTS', queue.figures) == 1 then return redis.error_reply('MEMQEXISTS already exists') end
  redis.call('HSETNX', shard.totals, 'since', shard.made)
  redis.call('HSET', queue.figures, 'enqueued', 0, 'dequeued', 0, 'drained', 0, 'made', shard.made)
  changed(shard, queue)
  return 1
end

functions.delete = on_queue(function(shard, queue)
  local counts = redis.call('HMGET', queue.figures, 'enqueued', 'dequeued', 'drained')
  local leases = redis.call('HKEYS', queue.held)
  for _, lease in ipairs(leases) do redis.call('ZREM', shard.leases, lease .. queue.name) end
  redis.call('HINCRBY', shard.totals, 'enqueued', counts[1])
  redis.call('HINCRBY', shard.totals, 'dequeued', counts[2])
  redis.call('HINCRBY', shard.totals, 'drained', counts[3] + depth_of(queue) + #leases)
  redis.call('UNLINK', queue.figures, queue.waiting, queue.returned, queue.held)
  redis.call('ZREM', shard.queues, queue.name)
  redis.call('HSET', shard.totals, 'shrunk', next_version(shard, queue))
  -- Nobody's any more: those of other queues are none.
  if redis.call('EXISTS', shard.queues) == 0 then redis.call('UNLINK', shard.acked, shard.sent, shard['sent-times']) end
  return 1
end)

functions.drain = on_queue(function(shard, queue)
  redis.call('HINCRBY', queue.figures, 'drained', depth_of(queue))
  redis.call('UNLINK', queue.waiting, queue.returned)
  changed(shard, queue)
  return 1
end)

-- Arguments: id, body; and for a message that may be sent again its sender's key, the body's hash, how long and how many of them are remembered.
-- Gives the message without its body.
functions.enqueue = on_queue(function(shard, queue, args)
  local _, id, body, key, hash, seconds, count = unpack(args)
  if key then
    key = queue.made .. ' ' .. key
    for _, old in ipairs(forget(shard, shard['sent-times'], seconds, count)) do redis.call('HDEL', shard.sent, old) end
    local sent = redis.call('HGET', shard.sent, key)
    if sent then
      if string.sub(sent, 62) ~= hash then return redis.error_reply('MEMQREUSED another body') end
      return string.sub(sent, 1, 61)
    end
  end
  local place = redis.call('HINCRBY', queue.figures, 'enqueued', 1)
  local head = string.format('%016d', place) .. id .. string.format('%013d', shard.time)
  redis.call('RPUSH', queue.waiting, head .. body)
  if key then
    redis.call('ZADD', shard['sent-times'], shard.made, key)
    redis.call('HSET', shard.sent, key, head .. hash)
    for _, name in ipairs({ 'sent-times', 'sent' }) do redis.call('EXPIRE', shard[name], seconds) end
  end
  changed(shard, queue)
  return head
end)

-- Arguments: a lease's name and length, or none. Gives a message, or how many are leased.
functions.dequeue = on_queue(function(shard, queue, args)
  local entry = redis.call('ZPOPMIN', queue.returned)[1] or redis.call('LPOP', queue.waiting)
  if not entry then return redis.call('HLEN', queue.held) end
  local _, lease, length = unpack(args)
  if lease then
    redis.call('HSET', queue.held, lease, string.format('%013d', length) .. entry)
    redis.call('ZADD', shard.leases, shard.time + length, lease .. queue.name)
  else
    redis.call('HINCRBY', queue.figures, 'dequeued', 1)
  end
  changed(shard, queue)
  return entry
end)

-- Arguments: the lease, how long and how many of the acked ones are remembered. One that was acked is acked: the answer may have been lost.
functions.ack = on_lease(function(shard, queue, lease, _, args)
  local _, _, seconds, count = unpack(args)
  redis.call('HDEL', queue.held, lease)
  redis.call('ZREM', shard.leases, lease .. queue.name)
  redis.call('HINCRBY', queue.figures, 'dequeued', 1)
  redis.call('ZADD', shard.acked, shard.made, lease .. queue.made)
  forget(shard, shard.acked, seconds, count)
  changed(shard, queue)
end, function(shard, queue, lease)
  return redis.call('ZSCORE', shard.acked, lease .. queue.made)
end)

functions.nack = on_lease(give_back)

functions.renew = on_lease(function(shard, queue, lease, held)
  redis.call('ZADD', shard.leases, shard.time + string.sub(held, 1, 13), lease .. queue.name)
end)

-- Forgets half of the senders' keys, the older ones, so that there is room for messages. Gives how many.
function functions.forget(keys)
  local shard = shard_at(keys[1])
  local old = redis.call('ZPOPMIN', shard['sent-times'], math.ceil(redis.call('ZCARD', shard['sent-times']) / 2))
  for at = 1, #old, 2 do redis.call('HDEL', shard.sent, old[at]) end
  return #old / 2
end

-- What has changed in each shard since a version. Arguments: for each, since when there are versions and which one is known. Gives for each:
-- these two, how long until a lease ends or -1, the flow through deleted queues, the changed queues' names and figures, and all names
-- if a queue may be gone.
function functions.changes(keys, args)
  local replies = {}
  for index, key in ipairs(keys) do
    local shard = shard_at(key)
    take_back(shard)
    local totals = redis.call('HMGET', shard.totals, 'since', 'version', 'shrunk', 'enqueued', 'dequeued', 'drained')
    for at = 2, 6 do totals[at] = tonumber(totals[at] or 0) end
    local since, version, shrunk = totals[1] or '', totals[2], totals[3]
    local known = tonumber(args[2 * index])
    if args[2 * index - 1] ~= since or known > version then known = -1 end
    local queues = {}
    for at, name in ipairs(redis.call('ZRANGE', shard.queues, '(' .. known, '+inf', 'BYSCORE')) do
      local queue = queue_in(shard, name)
      local counts = redis.call('HMGET', queue.figures, 'enqueued', 'dequeued', 'drained')
      queues[at] = { name, tonumber(counts[1]), tonumber(counts[2]), tonumber(counts[3]), depth_of(queue), redis.call('HLEN', queue.held) }
    end
    local first = redis.call('ZRANGE', shard.leases, 0, 0, 'WITHSCORES')[2]
    local names = known < shrunk and redis.call('ZRANGE', shard.queues, 0, -1) or false
    if known < 0 then names = redis.call('ZRANGE', shard.queues, 0, -1) end
    replies[index] = { since, version, first and first - shard.time or -1, { totals[4], totals[5], totals[6] }, queues, names }
  end
  return replies
end
`

/** Those that Redis refuses when it is full; what makes room has to work then. */
const growing = ['create', 'enqueue'] as const
const others = ['delete', 'drain', 'dequeue', 'ack', 'nack', 'renew', 'forget', 'changes'] as const

/** One of its functions. */
export type RedisFunction = (typeof growing | typeof others)[number]

let library: string | undefined

/** Named by its code, so that replicas of two versions can share a Redis; hashed late, since a start without Redis does without. */
const libraryName = (): string =>
  (library ??= `memq_${createHash('sha256').update(code).digest('hex').slice(0, 8)}`)

const register = (name: RedisFunction, flags: string): string =>
  `redis.register_function{ function_name = '${functionName(name)}', callback = functions.${name}, flags = {${flags}} }`

/** What Redis knows a function by. */
export function functionName(name: RedisFunction): string {
  return `${libraryName()}_${name}`
}

/** As FUNCTION LOAD takes it (https://redis.io/docs/latest/develop/programmability/functions-intro/). */
export const libraryCode = (): string =>
  [
    `#!lua name=${libraryName()}`,
    code,
    ...growing.map((name) => register(name, '')),
    ...others.map((name) => register(name, "'allow-oom'")),
  ].join('\n')
