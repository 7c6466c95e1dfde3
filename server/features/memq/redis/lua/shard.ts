/** The shard and its queues, as every function in Redis sees them: read once in a call, and written once at its end. */

import { changesChannel, outboxChannel, waitingChannel } from '../channels.ts'

/** Comes first. */
export const shardCode = `
local function shard_at(key)
  local time = redis.call('TIME')
  local micros = time[1] * 1000000 + time[2]
  local shard = { prefix = string.sub(key, 1, -7), micros = micros, made = string.format('%d', micros), time = math.floor(micros / 1000) }
  for _, part in ipairs({ 'queues', 'totals', 'leases', 'delays' }) do shard[part] = shard.prefix .. part end
  -- The queues that this call has to do with, by name (false: there is none) and in order; what left for other shards; what was tidied.
  shard.known, shard.order, shard.departures, shard.tidied = {}, {}, 0, {}
  return shard
end

local function key_in(shard, part) return shard.prefix .. part end

local counters = { 'enqueued', 'dequeued', 'drained', 'dead', 'delayed' }
local limits = { 'maxDeliveries', 'deadLetter', 'maxLength', 'maxAgeSeconds', 'overflow' }
local is_number = { maxDeliveries = true, maxLength = true, maxAgeSeconds = true, called = true, arrivals = true }

local function queue_in(shard, name)
  local queue = { name = name, figures = shard.prefix .. 'figures:' .. name, is = {}, dirty = {} }
  for _, part in ipairs({ 'waiting', 'returned', 'held', 'delayed', 'history', 'waiters', 'servers' }) do
    queue[part] = shard.prefix .. part .. ':' .. name
  end
  return queue
end

local function set(queue, field, value)
  queue.is[field] = value
  queue.dirty[field] = true
end

local function add(queue, field, count) set(queue, field, (queue.is[field] or 0) + count) end

-- What a server of the version before leaves behind when it deletes a queue.
local function begin_anew(queue)
  redis.call('UNLINK', queue.delayed, queue.history, queue.waiters, queue.servers)
  set(queue, 'format', '2')
end

-- A queue; nil if there is none.
local function find(shard, name)
  local queue = shard.known[name]
  if queue ~= nil then return queue or nil end
  queue = queue_in(shard, name)
  local flat = redis.call('HGETALL', queue.figures)
  shard.known[name] = #flat > 0 and queue
  if #flat == 0 then return nil end
  for at = 1, #flat, 2 do queue.is[flat[at]] = is_number[flat[at]] and tonumber(flat[at + 1]) or flat[at + 1] end
  for _, field in ipairs(counters) do queue.is[field] = tonumber(queue.is[field] or 0) end
  table.insert(shard.order, queue)
  if queue.is.format ~= '2' then begin_anew(queue) end
  return queue
end

local function make(shard, name)
  local queue = queue_in(shard, name)
  redis.call('HSETNX', shard.totals, 'since', shard.made)
  set(queue, 'made', shard.made)
  for _, field in ipairs(counters) do set(queue, field, 0) end
  begin_anew(queue)
  queue.changed = true
  shard.known[name] = queue
  table.insert(shard.order, queue)
  return queue
end

local function depth_of(queue)
  return redis.call('LLEN', queue.waiting) + redis.call('ZCARD', queue.returned)
end

local function write(queue)
  local values, gone, dirty = {}, {}, queue.dirty
  queue.dirty = {}
  for field in pairs(dirty) do
    local value = queue.is[field]
    if value == nil then
      table.insert(gone, field)
    else
      table.insert(values, field)
      table.insert(values, type(value) == 'number' and string.format('%d', value) or value)
    end
  end
  if #values > 0 then redis.call('HSET', queue.figures, unpack(values)) end
  if #gone > 0 then redis.call('HDEL', queue.figures, unpack(gone)) end
end

-- Tells those who wait what is there, and those who wait in vain when something may come back.
local function tell_waiters(shard, queue)
  if queue.made_available or queue.changed then
    local depth = depth_of(queue)
    if depth == 0 then set(queue, 'called', nil) elseif not queue.is.called then set(queue, 'called', shard.time) end
    if queue.made_available and depth > 0 then
      if redis.call('EXISTS', queue.waiters) == 1 then
        redis.call('PUBLISH', '${waitingChannel}', depth .. ' ' .. queue.name)
      else
        set(queue, 'awaited', nil)
      end
    end
  end
  if queue.due then redis.call('PUBLISH', '${waitingChannel}', '@' .. queue.due - shard.time .. ' ' .. queue.name) end
end

-- Writes what a call has changed, and tells of it. What it changed has one version, since nobody sees a part of it.
local function finish(shard)
  local version
  for _, queue in ipairs(shard.order) do
    if queue.is.awaited and not queue.gone then tell_waiters(shard, queue) end
    if next(queue.dirty) and not queue.gone then write(queue) end
    if queue.changed then
      version = version or redis.call('HINCRBY', shard.totals, 'version', 1)
      if queue.gone then
        redis.call('ZREM', shard.queues, queue.name)
        redis.call('HSET', shard.totals, 'shrunk', version)
      else
        redis.call('ZADD', shard.queues, version, queue.name)
      end
      redis.call('PUBLISH', '${changesChannel}', queue.name)
    end
  end
  if shard.departures > 0 then redis.call('PUBLISH', '${outboxChannel}', shard.prefix) end
end

-- Forgets what is older than some seconds, and all but some of the newest, and what is as old as the oldest of these: what one call adds is
-- equally old. Gives their names.
local function forget(shard, key, seconds, count)
  local old = redis.call('ZRANGE', key, '-inf', shard.micros - seconds * 1000000, 'BYSCORE')
  local surplus = redis.call('ZCARD', key) - #old - count
  if surplus > 0 then
    local oldest_kept = redis.call('ZRANGE', key, -count, -count, 'WITHSCORES')[2]
    old = redis.call('ZRANGE', key, '-inf', '(' .. oldest_kept, 'BYSCORE')
  end
  for _, member in ipairs(old) do redis.call('ZREM', key, member) end
  return old
end

local function refused(code, words) return { -1, code, words or '' } end
`
