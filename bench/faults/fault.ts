import { type ServerProcess, startServerProcess, waitUntilReady } from '../child-process'
import { dispenser, type PreparedExposure, prepareExposures } from '../exposures'
import { type BenchProject, makeProject, type Workplace } from '../workplace'
import { Ledger, type Verdict } from './ledger'
import { refusals } from './people'

export interface FaultOptions {
  workplace: Workplace
  /** The bundled server of `api-process.ts`. */
  entry: string
  /** How many times the fault is made. */
  times: number
  /** How many people give feedback meanwhile. */
  people: number
  say: (line: string) => void
}

export interface FaultResult {
  target: string
  ok: boolean
  /** Figures for the printed line. */
  figures: Record<string, number | string | boolean>
  problems: string[]
}

/** One row of `targets`: what is broken and what must hold. */
export interface Fault {
  name: string
  breaks: string
  holds: string
  /** For a full run. */
  times: number
  run(options: FaultOptions): Promise<FaultResult>
}

export interface Scenery {
  app: ServerProcess
  project: BenchProject
  ledger: Ledger
  nextExposure: () => PreparedExposure
  exposures: PreparedExposure[]
}

/** A project with exposures, a running app and an empty book. */
export async function setScene(
  name: string,
  { workplace, entry }: FaultOptions,
  { exposures: count, env = {} }: { exposures: number; env?: Record<string, string> },
): Promise<Scenery> {
  const project = await makeProject(`${name}-${Date.now().toString(36)}`)
  const exposures = await prepareExposures(project, count)
  const app = await startServerProcess(entry, {
    AMEND_HOME: workplace.home,
    AMEND_RATE_PER_SECOND: '1000000',
    ...env,
  })
  if ((await waitUntilReady(app.url, 20_000)) === null) throw new Error('the app did not get ready')
  return { app, project, exposures, ledger: new Ledger(), nextExposure: dispenser(exposures) }
}

export function resultOf(
  target: string,
  ledger: Ledger,
  verdict: Verdict,
  figures: FaultResult['figures'],
  more: string[] = [],
): FaultResult {
  const problems = [...verdict.problems, ...refusals(ledger), ...more]
  return {
    target,
    ok: problems.length === 0,
    figures: {
      ...figures,
      sent: ledger.entries.size,
      acknowledged: verdict.acknowledged,
      failedAnswers: ledger.failures,
      storedUnanswered: verdict.storedUnanswered,
      notStored: verdict.lostUnanswered,
      folded: verdict.folded,
    },
    problems,
  }
}

/** Middle value and range, for times and ratios. */
export function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(at)] ?? Number.NaN) + (sorted[Math.ceil(at)] ?? Number.NaN)) / 2
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}
