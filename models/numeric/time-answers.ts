/** Measures what an answer of the worker costs, in a process of its own; see `measure-worker.ts`. */
import { printWorkerCost } from '../measure-worker'
import { readRidership } from './ridership'
import { fitSeries } from './ridge'

const examples = readRidership()
const series = { [examples[0]?.series ?? '']: fitSeries(examples.slice(-1400), null) }
const ask = (at: number) => ({ input: examples.at(-at), series })
await printWorkerCost(
  'numeric',
  ask(1),
  Array.from({ length: 500 }, (_, at) => ask(at + 1)),
)
