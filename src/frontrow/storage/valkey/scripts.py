"""All that is ever run in Valkey. A script is atomic; each says what it expects to find and refuses otherwise.

| key (after `frontrow:`) | holds | lives |
|---|---|---|
| `head` | where the state stands: `form.Told` | for ever |
| `lease` | that all committed when it was set is here | `state.lease_ms` |
| `EPOCH:who:ID` | the number of a profile | `state.keep_hours` since it was read |
| `EPOCH:record:NUMBER` | a list: the key `who` that leads here; number, generation and record | likewise |
| `EPOCH:viewer:NUMBER`, `EPOCH:trail:NUMBER` | a list: header, fold, then events that came after it | likewise |
| `held` | the keys with a life, by when they were last read; at most `state.max_keys` | for ever |
| `feed` | the newest events of all profiles, packed, by offset | for ever, by number |
| `titles`, `titles.by` | records by number; numbers by version | for ever |
| `experiments` | all of them | for ever |
| `changes` | the newest changes of profiles, by number | for ever, by number |
| `wanted`, `answer:TOKEN` | what servers that read ask for; that it is there | seconds |

A list is one key, so that it goes as a whole, whether it expires or is evicted: what is there is complete.
"""

from __future__ import annotations

from typing import Final

_COMMON: Final = """
local P = 'frontrow:'
local head = redis.call('GET', P .. 'head')
local told = head and cmsgpack.unpack(head)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

READ: Final = (
    _COMMON
    + """
-- kind, what, milliseconds of life, first title (or the offset of the fold that the caller has), how many -> head,
-- whether the lease runs, milliseconds now, what was asked (the fold '' where the caller's is as good)
local kind, what, life = ARGV[1], ARGV[2], ARGV[3]
local found = false
if told then
  if kind == 'record' or kind == 'viewer' or kind == 'trail' then
    local who = P .. told[4] .. ':who:' .. what
    local number = kind ~= 'record' and what or redis.call('GET', who)
    local key = number and P .. told[4] .. ':' .. kind .. ':' .. number
    local header = number and redis.call('LINDEX', key, 0)
    if header and kind ~= 'record' and cmsgpack.unpack(header)[2] <= tonumber(ARGV[4]) then
      found = {header, '', unpack(redis.call('LRANGE', key, 2, -1))}
    else found = header and redis.call('LRANGE', key, 0, -1) or {} end
    if #found > 0 then
      redis.call('PEXPIRE', key, life)
      redis.call('ZADD', P .. 'held', 'XX', time[1], key)
      if kind == 'record' then redis.call('PEXPIRE', who, life) end
    end
  elseif kind == 'titles' then
    local numbers = redis.call('ZRANGEBYSCORE', P .. 'titles.by', '(' .. what, '+inf', 'LIMIT', ARGV[4], ARGV[5])
    found = #numbers > 0 and redis.call('HMGET', P .. 'titles', unpack(numbers)) or {}
  elseif kind == 'experiments' then
    found = redis.call('GET', P .. 'experiments')
  elseif kind == 'feed' or kind == 'changes' then
    found = redis.call('ZRANGEBYSCORE', P .. kind, '(' .. what, '+inf')
  end
end
return {head, redis.call('EXISTS', P .. 'lease'), now, found}
"""
)

PUBLISH: Final = (
    _COMMON
    + """
-- expected head ('' none), new head, lease ms (0: not yet all), until when, most parts after a fold, anew, oldest of
-- the feed, experiments ('' as they are); then counted lists: gone, viewer, trail, feed, titles, changes
-- -> 1; 0: another was faster; -1: too late, whoever sent it has given it up
if now > tonumber(ARGV[4]) then return -1 end
if (head or '') ~= ARGV[1] then return 0 end
local epoch = P .. cmsgpack.unpack(ARGV[2])[4] .. ':'
local place = 9
local function each(width, act)
  local count = tonumber(ARGV[place])
  for n = 0, count - 1 do act(unpack(ARGV, place + 1 + n * width, place + (n + 1) * width)) end
  place = place + 1 + count * width
end
if ARGV[6] == '1' then
  redis.call('UNLINK', P .. 'feed', P .. 'titles', P .. 'titles.by', P .. 'experiments', P .. 'changes', P .. 'lease')
end
each(1, function(number)
  local record = epoch .. 'record:' .. number
  local who = redis.call('LINDEX', record, 0)
  if who then redis.call('UNLINK', who) end
  redis.call('UNLINK', record, epoch .. 'viewer:' .. number, epoch .. 'trail:' .. number)
end)
for _, kind in ipairs({'viewer:', 'trail:'}) do
  each(2, function(number, part)
    local key = epoch .. kind .. number
    if part == '' then redis.call('UNLINK', key)
    elseif redis.call('RPUSHX', key, part) > 2 + tonumber(ARGV[5]) then redis.call('UNLINK', key) end
  end)
end
each(2, function(last, part)
  redis.call('ZREMRANGEBYSCORE', P .. 'feed', last, last)
  redis.call('ZADD', P .. 'feed', last, part)
end)
redis.call('ZREMRANGEBYSCORE', P .. 'feed', '-inf', '(' .. ARGV[7])
each(3, function(number, version, title)
  redis.call('HSET', P .. 'titles', number, title)
  redis.call('ZADD', P .. 'titles.by', version, number)
end)
each(2, function(change, what) redis.call('ZADD', P .. 'changes', change, what) end)
redis.call('ZREMRANGEBYRANK', P .. 'changes', 0, -4097)
if ARGV[8] ~= '' then redis.call('SET', P .. 'experiments', ARGV[8]) end
redis.call('SET', P .. 'head', ARGV[2])
if tonumber(ARGV[3]) > 0 then redis.call('SET', P .. 'lease', '1', 'PX', ARGV[3])
else redis.call('DEL', P .. 'lease') end
return 1
"""
)

KEEP: Final = (
    _COMMON
    + """
-- workspace, offset, change, life ms, most keys, kind, number, value, fold or profile's id -> 1, or 0: what is here
-- is newer than what is brought
if not told or told[1] ~= ARGV[1] or told[5] > tonumber(ARGV[2]) or told[11] > tonumber(ARGV[3]) then return 0 end
local key = P .. told[4] .. ':' .. ARGV[6] .. ':' .. ARGV[7]
redis.call('DEL', key)
if ARGV[6] == 'record' then
  local who = P .. told[4] .. ':who:' .. ARGV[9]
  redis.call('SET', who, ARGV[7], 'PX', ARGV[4])
  redis.call('RPUSH', key, who, ARGV[8])
else
  redis.call('RPUSH', key, ARGV[8], ARGV[9])
end
redis.call('PEXPIRE', key, ARGV[4])
redis.call('ZADD', P .. 'held', time[1], key)
while redis.call('ZCARD', P .. 'held') > tonumber(ARGV[5]) do
  redis.call('UNLINK', redis.call('ZPOPMIN', P .. 'held')[1])
end
return 1
"""
)

WANT: Final = """
-- request, most that may wait -> 1, or 0: too many wait
if redis.call('LLEN', 'frontrow:wanted') >= tonumber(ARGV[2]) then return 0 end
redis.call('LPUSH', 'frontrow:wanted', ARGV[1])
redis.call('PEXPIRE', 'frontrow:wanted', 5000)
return 1
"""

ANSWER: Final = """
-- token, answer: says to who waits for it that what was wanted is there, or that nobody has this id
local key = 'frontrow:answer:' .. ARGV[1]
redis.call('LPUSH', key, ARGV[2])
redis.call('PEXPIRE', key, 5000)
return 1
"""

STATUS: Final = """
return {redis.call('INFO', 'memory'), redis.call('ZCARD', 'frontrow:held')}
"""
