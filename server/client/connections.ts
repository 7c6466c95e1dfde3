/** Connections that are kept from one request to the next. */
import type { Agent, AgentOptions } from 'node:http'

type AgentClass = new (options: AgentOptions) => Agent

/** Those of one client, closed by themselves when nothing is asked any more. */
export class Connections {
  readonly #options: AgentOptions
  readonly #agents = new Map<AgentClass, Agent>()

  /** @param idleMs how long one is kept that nothing is asked on, in milliseconds */
  constructor(idleMs: number) {
    this.#options = { keepAlive: true, timeout: idleMs }
  }

  /** @param agentClass of node:http or of node:https */
  agent(agentClass: AgentClass): Agent {
    const agent = this.#agents.get(agentClass) ?? new agentClass(this.#options)
    this.#agents.set(agentClass, agent)
    return agent
  }
}
