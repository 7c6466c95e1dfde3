/** What a namespace of 5,000 pods costs a server while one browser looks at it: memory for each, and how long a probe waits. */
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startApiServer, type TestApiServer } from '../test/support/api-server.ts'
import { atEnd, type Lifetime } from '../test/support/at-end.ts'
import { startPodIn } from '../test/support/pod.ts'
import { load, residentBytes } from './load.ts'
import { probe, type Row } from './measure.ts'
import { realPod } from './servers/real-pod.ts'

const podCount = 5_000

/** For what was needed while the list came to be given back, in milliseconds: V8 does so when there was little to do for a while. */
const restMs = 45_000

/** A server that a browser looks at, in a namespace of so many pods. */
interface Looked {
  readonly api: TestApiServer
  readonly port: number
  readonly pid: number
  /** Resolves once all pods were told. */
  readonly told: Promise<void>
}

/** Runs something with a lifetime of its own. */
async function within<Result>(run: (lifetime: Lifetime) => Promise<Result>): Promise<Result> {
  const ends: (() => Promise<void>)[] = []
  try {
    return await run({ after: (end) => ends.push(end) })
  } finally {
    for (const end of ends) await end()
  }
}

async function look(lifetime: Lifetime, pods: number): Promise<Looked> {
  const api = await startApiServer(lifetime)
  for (let index = 0; index < pods; index += 1) api.put('pods', realPod(index))
  const { kuard } = await startPodIn(lifetime, api, { namespace: 'demo' })
  const told = new Promise<void>((resolve, reject) => {
    const asked = get(`${kuard.url}/events?topics=cluster,cluster.pods`, (response) => {
      // Of the whole state or of changes to it, the last to come is told.
      const last = JSON.stringify(realPod(Math.max(0, pods - 1)).metadata?.name)
      let before = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        if (pods === 0 || `${before}${text}`.includes(last)) resolve()
        before = text.slice(-last.length)
      })
    })
    asked.on('error', reject)
    atEnd(lifetime, () =>
      asked
        .off('error', reject)
        .on('error', () => undefined)
        .destroy(),
    )
  })
  return { api, port: kuard.port, pid: kuard.child.pid ?? 0, told }
}

const restingBytes = (pods: number): Promise<number> =>
  within(async (lifetime) => {
    const { pid, told } = await look(lifetime, pods)
    await told
    await sleep(restMs)
    return residentBytes(pid)
  })

export async function clusterMemory(): Promise<Row> {
  const ours = (await restingBytes(podCount)) / 2 ** 20
  const theirs = (await restingBytes(0)) / 2 ** 20
  return {
    ours,
    theirs,
    ratio: ours / theirs,
    figure: 'resident memory with 5,000 pods in the namespace and a browser that looks, against none',
    unit: 'MiB',
    limit: `2 KB for each: at most ${((theirs + (2_000 * podCount) / 2 ** 20) / theirs).toFixed(2)}`,
  }
}

/** Changes a pod after the other, a hundred in a second, until it is told to end. */
function change(api: TestApiServer): () => void {
  let changed = 0
  const timer = setInterval(() => {
    for (let index = 0; index < 10; index += 1) {
      changed += 1
      api.put('pods', realPod(changed % podCount, changed))
    }
  }, 100)
  return () => {
    clearInterval(timer)
  }
}

/** The slowest of the probes that are sent, one after the other, until something has come true. */
async function slowestUntil(port: number, over: Promise<unknown>): Promise<number> {
  let isOver = false
  void over.then(() => (isOver = true))
  let slowest = 0
  while (!(isOver as boolean)) slowest = Math.max(slowest, await load(port, [probe], 10, 1))
  return slowest
}

const slowestProbe = (pods: number): Promise<number> =>
  within(async (lifetime) => {
    const { api, port, told } = await look(lifetime, pods)
    const whileItComes = await slowestUntil(port, told)
    const end = pods > 0 ? change(api) : () => undefined
    const whileItChanges = await slowestUntil(port, sleep(10_000))
    end()
    return Math.max(whileItComes, whileItChanges)
  })

export async function clusterProbe(): Promise<Row> {
  const ours = await slowestProbe(podCount)
  const theirs = await slowestProbe(0)
  return {
    ours,
    theirs,
    ratio: ours / theirs,
    figure: 'slowest probe while 5,000 pods are listed and then 100 of them change each second, against none',
    unit: 'ms',
    limit: 'at most 50 ms',
  }
}
