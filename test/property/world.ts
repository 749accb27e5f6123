import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Action, Scenario, Weather } from './action.ts'
import { AgentKeeper } from './agent-keeper.ts'
import { HttpDestination } from './destination.ts'
import { FairKubelet } from './fair-kubelet.ts'
import { describeLine, Ledger } from './ledger.ts'
import { ModelledPod } from './modelled-pod.ts'
import type { ModelledRun } from './modelled-run.ts'

/** Milliseconds in which everything has arrived once all is well again: the longest wait, for the API as for a destination, is 30 s. */
const ARRIVE_WITHIN_MS = 35_000

/** The node, its API server, the destination and the agent, and what is known about them. */
export class World {
  readonly ledger = new Ledger()
  readonly keeper: AgentKeeper
  readonly pods: ModelledPod[] = []
  /** When the API was last disturbed, again and again. */
  readonly apiTroubleMs: number[] = []
  readonly #root: string
  readonly #scenario: Scenario
  readonly #api: FakeApiServer
  readonly #kubelet: Kubelet
  readonly #http: HttpDestination | undefined
  readonly #fairness: FairKubelet
  #isApiDown = false
  #podNumber = 0

  private constructor(
    root: string,
    scenario: Scenario,
    parts: { api: FakeApiServer; http: HttpDestination | undefined; ledger: Ledger },
  ) {
    this.#root = root
    this.#scenario = scenario
    this.#api = parts.api
    this.#http = parts.http
    this.ledger = parts.ledger
    this.#kubelet = new Kubelet(root, parts.api, scenario)
    const configPath = join(root, 'loggy.yaml')
    writeFileSync(join(root, 'kubeconfig'), parts.api.kubeconfig)
    writeFileSync(configPath, JSON.stringify(this.#config()))
    this.keeper = new AgentKeeper(configPath, this.ledger)
    this.#fairness = new FairKubelet(this.ledger, this.keeper)
  }

  /** Two pods, three containers, and an agent that has started. */
  static async start(scenario: Scenario): Promise<World> {
    const ledger = new Ledger()
    const api = await FakeApiServer.start()
    const root = mkdtempSync(join(tmpdir(), 'loggy-model-'))
    const isHttp = scenario.destination === 'http'
    const http = isHttp ? await HttpDestination.start(scenario, ledger, join(root, 'refused.ndjson')) : undefined
    const world = new World(root, scenario, { api, http, ledger })
    try {
      world.#startPod(1)
      world.#startPod(2)
      await world.keeper.start()
    } catch (error) {
      await world.close()
      throw error
    }
    return world
  }

  async close(): Promise<void> {
    await this.keeper.kill()
    this.#kubelet.close()
    await this.#api.close()
    await this.#http?.close()
    rmSync(this.#root, { recursive: true, force: true })
  }

  async play(action: Action): Promise<void> {
    switch (action.is) {
      case 'wait':
        return void (await sleep(action.milliseconds))
      case 'api':
        return this.#playApi(action.goes)
      case 'destination':
        return this.#playDestination(action.goes)
      case 'agent':
        return this.#playAgent(action.goes)
      case 'start pod':
        if (this.pods.filter(({ isGone }) => !isGone).length < 4) this.#startPod(action.containers)
        return
      case 'delete pod':
      case 'recreate pod':
      case 'change labels':
        return this.#playPod(action.is, action.pod)
      default:
        return this.#playContainer(action)
    }
  }

  /** Makes all well again and waits until each line that is owed has arrived, then ends all containers, and at last the agent. */
  async settle(): Promise<void> {
    this.keeper.resume()
    await this.#playApi('up')
    this.#playDestination('well')
    await this.keeper.start()
    for (const run of this.#runs()) await run.rotate()
    await this.#arrival('lines')
    for (const pod of this.#livePods()) await this.#awaitLabels(pod)
    const ending = this.#livePods()
    if (this.#scenario.hasPoison) this.#startPod(1) // whose lines are taken while those of the others are refused
    for (const pod of ending) await pod.delete()
    await this.#arrival('lines and last words')
    for (const pod of this.#livePods()) await pod.delete()
    await this.keeper.stop()
    this.#http?.readDeadLetters()
  }

  #config(): object {
    return {
      source: { directory: this.#kubelet.logDirectory },
      state: { directory: join(this.#root, 'state') },
      kubernetes: { nodeName: this.#kubelet.nodeName, kubeconfig: join(this.#root, 'kubeconfig') },
      enrich: { waitForMetadata: '3s' },
      shutdown: { timeout: '3s' },
      ...(this.#http && { sink: this.#http.config(this.#scenario) }),
    }
  }

  #livePods(): ModelledPod[] {
    return this.pods.filter(({ isGone }) => !isGone)
  }

  #runs(): ModelledRun[] {
    return this.#livePods().flatMap((pod) => pod.runs)
  }

  #startPod(containers: number, name?: string): void {
    const number = this.#podNumber
    this.#podNumber += 1
    const { ledger } = this
    const { maxLogFiles } = this.#scenario
    const names = ['app', 'side'].slice(0, containers)
    const permit = this.#fairness.permitDeletion.bind(this.#fairness)
    this.pods.push(new ModelledPod(this.#kubelet, { number, name, containers: names, ledger, maxLogFiles, permit }))
  }

  async #playPod(is: 'delete pod' | 'recreate pod' | 'change labels', pick: number): Promise<void> {
    const pods = this.#livePods()
    const pod = pods[pick % pods.length]
    if (pod === undefined) return
    if (is === 'change labels') return pod.changeLabels()
    await pod.delete()
    if (is === 'recreate pod') this.#startPod(pod.runs.length, pod.name)
  }

  async #playContainer(action: Extract<Action, { container: number }>): Promise<void> {
    const runs = this.#runs()
    const run = runs[action.container % runs.length]
    if (run === undefined) return
    switch (action.is) {
      case 'write':
        for (let line = 0; line < action.lines; line += 1) run.write(action.stream, action.bytes)
        return
      case 'write partial':
        return run.writePartial(action.stream, action.bytes)
      case 'damage':
        return run.damage(action.stream, action)
      case 'rotate':
        for (let time = 0; time < action.times; time += 1) await run.rotate(action.late)
        return
      case 'step rotation':
        return run.stepRotation(action.late)
      case 'rename back':
        return run.renameBack()
      case 'copytruncate':
        return run.copytruncate()
      case 'restart container':
        return this.#livePods()
          .find((pod) => pod.runs.includes(run))
          ?.restart(run, action)
    }
  }

  async #playApi(goes: 'down' | 'up' | 'cut' | 'expired' | 'failing'): Promise<void> {
    this.apiTroubleMs.push(performance.now())
    // Or failures that were planned would go on for longer than the agent, which waits twice as long after each, is waited for.
    if (goes === 'up') this.#api.failNoMore()
    if (goes === 'up' && this.#isApiDown) await this.#api.up()
    if (goes === 'down' && !this.#isApiDown) await this.#api.down()
    if (goes === 'up' || goes === 'down') this.#isApiDown = goes === 'down'
    if (goes === 'expired') this.#api.expireHistory()
    if (goes === 'failing') this.#api.failNext(2, { status: 500 })
    if (goes === 'cut' || goes === 'expired') this.#api.cutConnections()
  }

  #playDestination(goes: Weather): void {
    if (this.#http !== undefined) this.#http.goes(goes)
    else if (goes === 'well') this.keeper.flow()
    else this.keeper.stall()
  }

  async #playAgent(goes: Extract<Action, { is: 'agent' }>['goes']): Promise<void> {
    if (goes === 'pause') this.keeper.pause()
    if (goes === 'resume') this.keeper.resume()
    if (goes === 'stop' || goes === 'restart') await this.keeper.stop()
    if (goes === 'kill' || goes === 'crash') await this.keeper.kill()
    if (this.keeper.agent === undefined) this.#fairness.forgiveDeleted()
    if (goes === 'start' || goes === 'restart' || goes === 'crash') await this.keeper.start()
  }

  /** Last words without a newline come when their container's files are gone, or after a minute. */
  async #arrival(of: 'lines' | 'lines and last words'): Promise<void> {
    let probes = 0
    const missing = () => {
      this.#http?.readDeadLetters()
      const owed = this.ledger.owed.filter(({ isWhole }) => isWhole || of === 'lines and last words')
      // A line that is refused alone is given up when another was taken after it.
      if (this.#http?.waitsForOthers(owed) && probes++ % 20 === 19) this.#runs().at(-1)?.write('stdout', 10)
      return owed
    }
    await waitUntil(of, () => missing().length === 0, ARRIVE_WITHIN_MS).catch(() => {
      const lost = missing()
      throw new Error(
        `${lost.length} of ${this.ledger.lines.length} lines are missing:\n${lost.slice(0, 5).map(describeLine).join('\n')}`,
      )
    })
  }

  /** A change of labels is on the lines in the end. */
  async #awaitLabels(pod: ModelledPod): Promise<void> {
    const run = pod.runs[0]
    if (run === undefined) return
    await waitUntil(
      `the latest labels of ${pod.name}`,
      async () => {
        run.write('stdout', 10)
        await this.#arrival('lines')
        const line = this.ledger.lines.findLast(({ origin }) => origin === run.origin)
        const { labels } = (line?.arrivals.at(-1)?.kubernetes ?? {}) as { labels?: { version?: string } }
        return labels?.version === `${pod.number}-${pod.version}`
      },
      ARRIVE_WITHIN_MS,
    )
  }
}
