/** What is done to a store and to its model, one thing after the other. */
import fc from 'fast-check'
import { assertAgree, assertAnswered, type Act, type Real, type Run } from './agree.ts'
import * as leases from './lease-commands.ts'
import * as messages from './message-commands.ts'
import type { Model } from './model.ts'
import * as queues from './queue-commands.ts'
import { assertRefused } from './refusals.ts'
import type { StandingClock } from './stores.ts'
import * as waits from './wait-commands.ts'

type Command = fc.AsyncCommand<Model, Real>

function command(words: string, run: Run): Command {
  return {
    toString: () => words,
    check: () => true,
    async run(model, real) {
      // So that no two commands begin something that ends at the same time.
      model.time += 1
      real.clock?.pass(1)
      await run(model, real)
      await assertAgree(model, real)
    },
  }
}

/** A command about a queue; when there is none, the store has to say so. */
const onQueue = (action: string, name: string, act: Act): Command =>
  command(`${action} ${name}`, async (model, real) => {
    const queue = model.queues.get(name)
    await (queue
      ? act(queue, model, real)
      : assertRefused('queue unknown', async () => real.store.dequeue(name)))
  })

/** Names of queues; one of them has most of what is done. */
export const names = fc.constantFrom('a', 'a', 'a', 'b')
/** How often something is done at a time, or to how many. */
const counts = fc.integer({ min: 1, max: 8 })
const picks = fc.nat({ max: 60 })
/** Where dead letters are looked for: most are of the queue that has most of what is done. */
const deadLetters = fc.constantFrom('a', 'b', 'b', 'b')

const once = (action: string, act: Act, queues = names): fc.Arbitrary<Command> =>
  queues.map((name) => onQueue(action, name, act))

/** With a number of its own. */
const counted = (
  action: string,
  act: (count: number) => Act,
  numbers = counts,
  queues = names,
): fc.Arbitrary<Command> =>
  fc.tuple(numbers, queues).map(([count, name]) => onQueue(`${action} ${count} of`, name, act(count)))

const repeatedly = (action: string, act: Act): fc.Arbitrary<Command> =>
  counted(action, (count) => async (queue, model, real) => {
    for (let done = 0; done < count; done += 1) {
      await act(queue, model, real)
      // What is done next may take away what those who wait elsewhere were told of.
      await assertAnswered(model, real)
    }
  })

const picked = (action: string, run: (pick: number) => Run): fc.Arbitrary<Command> =>
  picks.map((pick) => command(`${action} ${pick}`, run(pick)))

/** The same several times, so that it comes more often. */
const often = (times: number, commands: fc.Arbitrary<Command>): fc.Arbitrary<Command>[] =>
  Array.from({ length: times }, () => commands)

/** What can only be had of a store whose time passes as it is told, and what only of the others. */
const ofTime = (clock: StandingClock | undefined): fc.Arbitrary<Command>[] =>
  clock
    ? often(
        3,
        fc
          .constantFrom(1, 1700, 1800, 3700)
          .map((seconds) => command(`wait ${seconds} s`, leases.passSeconds(seconds))),
      )
    : [
        once('lease and delete', leases.leaseAndDelete),
        once('lease and forget', leases.leaseAndForget),
        once('hide for a moment in', messages.hideBriefly),
        once('outlive the age of', queues.outlive),
        once('wait in vain for', waits.waitInVain),
      ]

/** What a run is made of. @param clock for a store that takes its time from it */
export const commandsFor = (clock: StandingClock | undefined) =>
  fc.commands(
    [
      ...often(
        2,
        names.map((name) => command(`create ${name}`, queues.create(name))),
      ),
      ...often(
        5,
        fc
          .tuple(names, queues.settingsFor(clock))
          .map(([name, settings]) =>
            command(`settings of ${name}: ${JSON.stringify(settings)}`, queues.keepTo(name, settings)),
          ),
      ),
      once('delete', queues.remove),
      once('drain', queues.drain),
      ...often(
        2,
        fc
          .tuple(counts, picks, names)
          .map(([count, after, name]) =>
            onQueue(`peek behind ${after} by ${count} into`, name, queues.peek(count, after)),
          ),
      ),
      ...often(3, once('redrive all of', queues.redriveAll, deadLetters)),
      ...often(2, counted('redrive the dead one', queues.redriveOne, picks, deadLetters)),
      ...ofTime(clock),
      ...often(6, repeatedly('enqueue', messages.enqueue)),
      ...often(3, counted('enqueue a batch', messages.enqueueBatch)),
      ...often(2, counted('enqueue hidden', messages.enqueueHidden)),
      repeatedly('enqueue with a key', messages.enqueueKeyed),
      ...often(
        3,
        fc
          .tuple(picks, fc.boolean())
          .map(([pick, isOther]) =>
            command(
              `send ${pick} again${isOther ? ' with another body' : ''}`,
              messages.sendAgain(pick, isOther),
            ),
          ),
      ),
      repeatedly('dequeue', messages.dequeue),
      counted('dequeue at once', messages.dequeueSome(false)),
      ...often(4, repeatedly('lease', messages.lease)),
      counted('lease at once', messages.dequeueSome(true)),
      ...often(3, picked('ack', leases.ack)),
      ...often(6, picked('nack', leases.nack(0))),
      ...often(2, picked('nack hidden', leases.nack(messages.delaySeconds))),
      picked('renew', leases.renew),
      counted('take and give back, times over,', leases.giveBackOften),
      ...often(
        2,
        fc
          .array(picks, { minLength: 1, maxLength: 8 })
          .map((all) => command(`ack all of ${all.join()}`, leases.ackAll(all))),
      ),
      ...often(
        3,
        fc
          .tuple(fc.array(picks, { minLength: 1, maxLength: 8 }), fc.constantFrom(0, messages.delaySeconds))
          .map(([all, delay]) =>
            command(`nack all of ${all.join()} for ${delay} s`, leases.nackAll(all, delay)),
          ),
      ),
      ...often(
        2,
        fc
          .tuple(counts, fc.boolean(), names)
          .map(([count, isLeased, name]) =>
            onQueue(
              `wait for ${count} ${isLeased ? 'under a lease' : ''} of`,
              name,
              waits.wait(count, isLeased),
            ),
          ),
      ),
      counted('leave the wait', waits.leave),
    ],
    { maxCommands: 120, size: 'max' },
  )
