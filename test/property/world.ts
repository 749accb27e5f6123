import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FakeApiServer } from '../../src/simulation/api-server.ts'
import { Kubelet } from '../../src/simulation/kubelet.ts'
import type { Action, Scenario, Weather } from './action.ts'
import { AgentKeeper } from './agent-keeper.ts'
import { Arrival } from './arrival.ts'
import { HttpDestination } from './destination.ts'
import { FairKubelet } from './fair-kubelet.ts'
import { Ledger } from './ledger.ts'
import { ModelledPod } from './modelled-pod.ts'
import type { ModelledRun } from './modelled-run.ts'
import { NodeClock } from './node-clock.ts'
import { type ContainerAction, playContainer } from './play-container.ts'

/** Of so many scenarios one has a limit for each container: what is over is delayed, and nothing may be lost for it. */
const DELAYED_EACH = 3
/** Pods besides those of the start; with a limit of descriptors so many that there are more logs than that. */
const MORE_PODS = 2

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
  readonly #arrival: Arrival
  readonly #clock: NodeClock
  readonly #mostPods: number
  #isDestinationWell = true
  #isApiDown = false
  #isClockSet = false
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
    const { descriptorLimit } = scenario
    this.keeper = new AgentKeeper({ configPath, descriptorLimit }, this.ledger)
    const isLimited = descriptorLimit !== undefined
    const canOpenAll = () => !isLimited || (this.#isDestinationWell && !this.#isApiDown)
    const limit = { isSet: isLimited, canOpenAll }
    const { ledger, keeper } = this
    this.#fairness = new FairKubelet({ ledger, keeper, limit, http: parts.http })
    this.#clock = new NodeClock(scenario.nodeClock)
    this.#mostPods = MORE_PODS + 2 + (descriptorLimit ?? 0) / 2
    const probe = () => {
      if (this.#runs().length === 0) this.#startPod(1)
      this.#runs().at(-1)?.write('stdout', 10)
    }
    this.#arrival = new Arrival({ ledger: this.ledger, fairness: this.#fairness, http: parts.http, probe })
  }

  /** Two pods, three containers, and an agent that has started; with a limit of descriptors so many that there are more logs than that. */
  static async start(scenario: Scenario): Promise<World> {
    const ledger = new Ledger()
    const api = await FakeApiServer.start()
    const root = mkdtempSync(join(tmpdir(), 'loggy-model-'))
    const isHttp = scenario.destination === 'http'
    const http = isHttp ? await HttpDestination.start(scenario, ledger, join(root, 'refused.ndjson')) : undefined
    const world = new World(root, scenario, { api, http, ledger })
    try {
      world.#startPod(1)
      while (world.pods.length < world.#mostPods - MORE_PODS) world.#startPod(2)
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
        if (this.#livePods().length < this.#mostPods) this.#startPod(action.containers)
        return
      case 'delete pods':
        for (let count = 0; count < action.count; count += 1) await this.#playPod('delete pod', action.pod)
        return
      case 'write everywhere':
        for (const run of this.#runs()) for (let line = 0; line < action.lines; line += 1) run.write(action.stream, 20)
        return
      case 'set clock':
        return this.#setClock(action.bySeconds)
      case 'restart container':
        return this.#restart(action)
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
    await this.#arrival.of('lines')
    for (const pod of this.#livePods()) await this.#arrival.ofLabels(pod)
    for (const run of this.#runs()) if (run.links.names.length > 1) await this.#arrival.ofNewestLink(run)
    const ending = this.#livePods()
    if (this.#scenario.hasPoison) this.#startPod(1) // whose lines are taken while those of the others are refused
    for (const pod of ending) await pod.delete()
    await this.#arrival.of('lines and last words')
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
      shutdown: { timeout: '3s', grace: '10s' },
      ...(this.#scenario.seed % DELAYED_EACH === 0 && { limit: { container: { linesPerSecond: 500, burst: '1s' } } }),
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
    const permit = this.#fairness.permitDeletion.bind(this.#fairness)
    const parts = { ...this.#scenario, ledger: this.ledger, clock: this.#clock, permit }
    const names = ['app', 'side'].slice(0, containers)
    this.pods.push(new ModelledPod(this.#kubelet, { ...parts, number, name, containers: names }))
  }

  async #playPod(is: 'delete pod' | 'recreate pod' | 'change labels', pick: number): Promise<void> {
    const pods = this.#livePods()
    const pod = pods[pick % pods.length]
    if (pod === undefined) return
    if (is === 'change labels') return pod.changeLabels()
    await pod.delete()
    if (is === 'recreate pod') this.#startPod(pod.runs.length, pod.name)
  }

  #run(pick: number): ModelledRun | undefined {
    const runs = this.#runs()
    return runs[pick % runs.length]
  }

  async #restart(action: Extract<Action, { is: 'restart container' }>): Promise<void> {
    const run = this.#run(action.container)
    if (run === undefined) return
    await this.#livePods()
      .find((pod) => pod.runs.includes(run))
      ?.restart(run, action)
  }

  async #playContainer(action: ContainerAction): Promise<void> {
    const run = this.#run(action.container)
    if (run !== undefined) await playContainer(run, action)
  }

  /**
   * Not twice while the agent has no look at the logs: nobody could tell the order then. Its looks are stored a moment later. An agent that works
   * has looked at what was rotated before: on a real node ten seconds lie between two rotations.
   */
  async #setClock(bySeconds: number): Promise<void> {
    if (!this.#clock.isStepping) return
    if ((this.#isClockSet || this.keeper.isAwake) && !(await this.#fairness.haveBeenSeen(this.#runs()))) return
    this.#isClockSet = true
    this.#clock.set(bySeconds)
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
    this.#isDestinationWell = goes === 'well'
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
}
