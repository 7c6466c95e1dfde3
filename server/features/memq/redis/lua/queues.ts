/** How queues are made, emptied and deleted, and looked at, inside of Redis. */
import { waitingChannel } from '../channels.ts'

/** Comes after the messages'. */
export const queuesCode = `
-- Forgets the history of all but what is held.
local function forget_history(queue, held)
  if not queue.is.marked then return end
  local is_held = {}
  for _, lease in ipairs(held) do is_held[string.sub(lease, 1, 12)] = true end
  for _, place_name in ipairs(redis.call('HKEYS', queue.history)) do
    if not is_held[string.sub(place_name, 1, 12)] then redis.call('HDEL', queue.history, place_name) end
  end
end

-- Takes what is hidden off the shard's list.
local function forget_delays(shard, queue)
  if queue.is.delayed == 0 then return end
  local flat = redis.call('ZRANGE', queue.delayed, 0, -1, 'WITHSCORES')
  for at = 2, #flat, 2 do redis.call('ZREM', shard.delays, string.format('%016d', flat[at]) .. queue.name) end
end

-- Whether the queue lets go of what is old by itself, so that whoever looks has to see to it.
local function list_aging(shard, queue)
  local ages = queue.is.maxAgeSeconds and queue.is.overflow == 'drop-oldest'
  redis.call(ages and 'SADD' or 'SREM', key_in(shard, 'aging'), queue.name)
end

-- Arguments: the queue's name; and, for one that may be there already, its limits, each a text, or empty for none.
function operations.create(shard, args)
  local queue = find(shard, args[1])
  if queue and #args == 1 then return refused('MEMQEXISTS') end
  queue = queue or make(shard, args[1])
  if #args == 1 then return { 0 } end
  for at, field in ipairs(limits) do
    local value = args[at + 1]
    if value == '' then value = nil end
    if is_number[field] then value = tonumber(value) end
    set(queue, field, value)
  end
  list_aging(shard, queue)
  queue.changed = true
  return { 0 }
end

-- A queue that is there from now on, if it wasn't.
function operations.ensure(shard, args)
  if not find(shard, args[1]) then make(shard, args[1]) end
  return { 0 }
end

operations.delete = on_queue(function(shard, queue)
  local is, leases = queue.is, redis.call('HKEYS', queue.held)
  for _, lease in ipairs(leases) do redis.call('ZREM', shard.leases, lease .. queue.name) end
  forget_delays(shard, queue)
  redis.call('SREM', key_in(shard, 'aging'), queue.name)
  for _, flow in ipairs({ 'enqueued', 'dequeued', 'dead' }) do redis.call('HINCRBY', shard.totals, flow, string.format('%d', is[flow])) end
  redis.call('HINCRBY', shard.totals, 'drained', string.format('%d', is.drained + depth_of(queue) + is.delayed + #leases))
  redis.call('UNLINK', queue.figures, queue.waiting, queue.returned, queue.held, queue.delayed, queue.history, queue.waiters, queue.servers)
  if is.awaited then redis.call('PUBLISH', '${waitingChannel}', '1000000 ' .. queue.name) end
  queue.changed, queue.gone = true, true
  shard.known[queue.name] = false
  return { 0 }
end)

-- Nobody's any more: those of other queues are none.
local function forget_all(shard)
  for _, queue in ipairs(shard.order) do
    if queue.gone and redis.call('EXISTS', shard.queues) == 0 then
      for _, part in ipairs({ 'acked', 'sent', 'sent-times' }) do redis.call('UNLINK', key_in(shard, part)) end
      -- Those on their way may come once more.
      redis.call('ZREMRANGEBYSCORE', key_in(shard, 'arrived'), '-inf', '(inf')
      return
    end
  end
end

operations.drain = on_queue(function(shard, queue)
  add(queue, 'drained', depth_of(queue) + queue.is.delayed)
  forget_delays(shard, queue)
  set(queue, 'delayed', 0)
  redis.call('UNLINK', queue.waiting, queue.returned, queue.delayed)
  forget_history(queue, redis.call('HKEYS', queue.held))
  queue.changed = true
  return { 0 }
end)

-- Forgets half of the senders' keys, the older ones, so that there is room for messages. Gives how many.
function operations.forget(shard)
  local times = key_in(shard, 'sent-times')
  local old = redis.call('ZPOPMIN', times, math.ceil(redis.call('ZCARD', times) / 2))
  for at = 1, #old, 2 do redis.call('HDEL', key_in(shard, 'sent'), old[at]) end
  return { #old / 2 }
end

-- A queue as it is told of: its name, the counters, depth, leased, delayed, when the oldest was enqueued (0: nothing waits), its limits.
local function told(shard, name)
  local queue = find(shard, name)
  local is, depth, leased = queue.is, depth_of(queue), redis.call('HLEN', queue.held)
  if is.marked and depth + leased + is.delayed == 0 then
    -- What servers of the version before leave.
    redis.call('UNLINK', queue.history)
    set(queue, 'marked', nil)
  end
  local entry = depth > 0 and oldest(queue)
  local settings = {}
  for at, field in ipairs(limits) do settings[at] = is[field] or '' end
  return { name, is.enqueued, is.dequeued, is.drained, is.dead, depth, leased, is.delayed, entry and tonumber(string.sub(entry, 49, 61)) or 0, settings }
end

local function earliest(one, other) return one and other and math.min(one, other) or one or other end

-- Sees to what is old in queues that let go of it. Gives when there will be more to do, in milliseconds since 1970.
local function see_to_old(shard)
  local first
  for _, name in ipairs(redis.call('SMEMBERS', key_in(shard, 'aging'))) do
    local queue = find(shard, name)
    if queue then
      drop_old(shard, queue)
      local entry = queue.is.maxAgeSeconds and oldest(queue)
      first = earliest(first, entry and tonumber(string.sub(entry, 49, 61)) + queue.is.maxAgeSeconds * 1000 + 1)
    end
  end
  return first
end

-- When the first of a sorted set is over, once what is over now has been seen to.
local function first_over(shard, key, see_to)
  local ends = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if not ends or ends > shard.time then return ends end
  see_to(shard)
  return tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
end

-- What has changed in each shard since a version. Arguments: for each, since when there are versions and which one is known. Gives for each:
-- these two, how long until something changes by itself or -1, the flow through deleted queues, the changed queues, all names
-- if a queue may be gone, and how many messages have left for other shards.
local function changes_in(key, since_known, known)
  local shard = shard_at(key)
  local lease, delay = first_over(shard, shard.leases, take_back), first_over(shard, shard.delays, show_due)
  local first = earliest(earliest(lease, delay), see_to_old(shard))
  finish(shard)
  local totals = redis.call('HMGET', shard.totals, 'since', 'version', 'shrunk', 'enqueued', 'dequeued', 'drained', 'dead')
  for at = 2, 7 do totals[at] = tonumber(totals[at] or 0) end
  local since, version, shrunk = totals[1] or '', totals[2], totals[3]
  if since_known ~= since or known > version then known = -1 end
  local queues = {}
  for at, name in ipairs(redis.call('ZRANGE', shard.queues, '(' .. string.format('%d', known), '+inf', 'BYSCORE')) do queues[at] = told(shard, name) end
  for _, queue in ipairs(shard.order) do if next(queue.dirty) then write(queue) end end
  local names = (known < 0 or known < shrunk) and redis.call('ZRANGE', shard.queues, 0, -1) or false
  return { since, version, first and math.max(0, first - shard.time) or -1, { totals[4], totals[5], totals[6], totals[7] }, queues, names, shard.departures }
end
`
