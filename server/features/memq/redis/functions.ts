/** What runs inside of Redis: each step of a queue is one function there, so that no other replica sees it half done. */
import { createHash } from 'node:crypto'

/** Told after each change of a queue, whichever replica made it. */
export const channel = 'memq:changes'

/**
 * A message is one string: its place (16 digits), its id (32), when it was enqueued (13, in milliseconds since 1970), its body.
 * A held one has in front of it how long its lease is (13 digits, in milliseconds).
 *
 * The keys of a queue, in this order: figures (a hash; the queue is there as long as it is), waiting (a list, of what is new), returned (a
 * sorted set by place, of what came back), leases (a sorted set by when they end), held (a hash: lease to message).
 */
const code = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function changed()
  redis.call('PUBLISH', '${channel}', '')
end

local function give_back(keys, lease)
  local entry = string.sub(redis.call('HGET', keys[5], lease), 14)
  redis.call('ZADD', keys[3], string.sub(entry, 1, 16), entry)
  redis.call('HDEL', keys[5], lease)
  redis.call('ZREM', keys[4], lease)
end

-- Takes back what has expired, as whoever asks next does. Gives the time, or nil where there is no such queue.
local function at(keys)
  if redis.call('EXISTS', keys[1]) == 0 then return nil end
  local time = now()
  local ended = redis.call('ZRANGE', keys[4], '-inf', time, 'BYSCORE')
  for _, lease in ipairs(ended) do give_back(keys, lease) end
  if #ended > 0 then changed() end
  return time
end

local function unknown()
  return redis.error_reply('MEMQUNKNOWN does not exist')
end

local function on_lease(keys, lease, settle)
  local time = at(keys)
  if not time then return unknown() end
  local held = redis.call('HGET', keys[5], lease)
  if not held then return redis.error_reply('MEMQGONE no such lease') end
  settle(lease, time, held)
  return 1
end

local functions = {}

function functions.create(keys)
  if redis.call('EXISTS', keys[1]) == 1 then return redis.error_reply('MEMQEXISTS already exists') end
  redis.call('HSET', keys[1], 'enqueued', 0, 'dequeued', 0, 'drained', 0, 'made', table.concat(redis.call('TIME'), '.'))
  changed()
  return 1
end

function functions.figures(keys)
  if not at(keys) then return unknown() end
  local counts = redis.call('HMGET', keys[1], 'enqueued', 'dequeued', 'drained')
  local depth = redis.call('LLEN', keys[2]) + redis.call('ZCARD', keys[3])
  local first = redis.call('ZRANGE', keys[4], 0, 0, 'WITHSCORES')
  local rest = first[2] and first[2] - now() or -1
  return { tonumber(counts[1]), tonumber(counts[2]), tonumber(counts[3]), depth, redis.call('ZCARD', keys[4]), rest }
end

function functions.delete(keys)
  local last = functions.figures(keys)
  if last.err then return last end
  redis.call('UNLINK', unpack(keys))
  changed()
  return last
end

function functions.drain(keys)
  if not at(keys) then return unknown() end
  local count = redis.call('LLEN', keys[2]) + redis.call('ZCARD', keys[3])
  redis.call('UNLINK', keys[2], keys[3])
  redis.call('HINCRBY', keys[1], 'drained', count)
  changed()
  return count
end

-- A sixth key is that of the sender's own key for the message. It holds since when there is the queue that it was sent to, which may have
-- been deleted and made anew, and the message.
function functions.enqueue(keys, args)
  local time = at(keys)
  if not time then return unknown() end
  local id, body, seconds = args[1], args[2], args[3]
  local made = keys[6] and redis.call('HGET', keys[1], 'made') .. ' '
  local sent = keys[6] and redis.call('GET', keys[6])
  if sent and string.sub(sent, 1, #made) == made then return string.sub(sent, #made + 1) end
  local place = redis.call('HINCRBY', keys[1], 'enqueued', 1)
  local entry = string.format('%016d', place) .. id .. string.format('%013d', time) .. body
  redis.call('RPUSH', keys[2], entry)
  if keys[6] then redis.call('SET', keys[6], made .. entry, 'EX', seconds) end
  changed()
  return entry
end

function functions.dequeue(keys, args)
  local time = at(keys)
  if not time then return unknown() end
  local entry = redis.call('ZPOPMIN', keys[3])[1] or redis.call('LPOP', keys[2])
  if not entry then return redis.call('ZCARD', keys[4]) end
  local lease, length = args[1], args[2]
  if lease then
    redis.call('HSET', keys[5], lease, string.format('%013d', length) .. entry)
    redis.call('ZADD', keys[4], time + length, lease)
  else
    redis.call('HINCRBY', keys[1], 'dequeued', 1)
  end
  changed()
  return entry
end

function functions.ack(keys, args)
  return on_lease(keys, args[1], function(lease)
    redis.call('HDEL', keys[5], lease)
    redis.call('ZREM', keys[4], lease)
    redis.call('HINCRBY', keys[1], 'dequeued', 1)
    changed()
  end)
end

function functions.nack(keys, args)
  return on_lease(keys, args[1], function(lease)
    give_back(keys, lease)
    changed()
  end)
end

function functions.renew(keys, args)
  return on_lease(keys, args[1], function(lease, time, held)
    redis.call('ZADD', keys[4], time + string.sub(held, 1, 13), lease)
  end)
end
`

/** Those that Redis refuses when it is full; what makes room has to work then. */
const growing = ['create', 'enqueue'] as const
const others = ['delete', 'drain', 'dequeue', 'ack', 'nack', 'renew', 'figures'] as const

/** One of its functions. */
export type RedisFunction = (typeof growing | typeof others)[number]

let library: string | undefined

/** Named by its code, so that replicas of two versions can share a Redis; hashed late, since most servers have none. */
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
