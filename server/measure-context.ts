import 'server-only'
import type { MeasuredRow, MetricContext } from '@/domain/metrics/metric'
import { seededRandom, unitOf } from '@/domain/metrics/resample'
import type { DatasetLine } from '@/exchange/registry'
import type { EvaluationWork } from './evaluation-work'
import type { MeasuredInput } from './find-contamination'
import { readVersion } from './version-lines'

/** What measuring one row takes from the others, and what is counted of all. */
export interface MeasureContext {
  ofMetrics: MetricContext
  inputs: MeasuredInput[]
  withoutTruth: number
  erased: number
}

/** A row as metrics see it; null of one that was erased or says nothing true. */
export function rowOfLine(line: DatasetLine): MeasuredRow | null {
  if (line.erased || line.input === null) return null
  const truths = line.values
    .filter(({ value, verdict }) => value !== null && verdict !== 'wrong')
    .map(({ value }) => value)
  if (truths.length === 0) return null
  return {
    number: line.number,
    groupKey: line.group_key,
    clusterKey: line.cluster,
    payload: line.input,
    truths,
  }
}

/** Reads the whole version once: what its values are, and what of the split there is to measure. */
export async function openMeasureContext(projectId: string, work: EvaluationWork): Promise<MeasureContext> {
  const { task, split } = work
  const values: { value: unknown; text: string; unit: string | null }[] = []
  const context: MeasureContext = {
    ofMetrics: { others: (row, count) => draw(row, count) },
    inputs: [],
    withoutTruth: 0,
    erased: 0,
  }
  for await (const read of readVersion(projectId, work.datasetVersionId))
    for (const { line } of read) {
      const row = rowOfLine(line)
      for (const value of row?.truths ?? [])
        values.push({ value, text: task.textOf(value), unit: row && unitOf(row) })
      if (split !== 'all' && line.split !== split) continue
      if (line.erased) context.erased += 1
      else if (!row) context.withoutTruth += 1
      else
        context.inputs.push({
          number: line.number,
          itemId: line.item_id,
          groupKey: line.group_key,
          clusterKey: line.cluster,
          text: task.mediaOf ? '' : task.inputText(line.input),
        })
    }
  values.push(...(task.metrics.others ?? []).map(value => ({ value, text: task.textOf(value), unit: null })))

  /** From a place that the row's number decides, each text once: those of the version, then the task’s own. */
  function draw(row: MeasuredRow, count: number): unknown[] {
    const own = unitOf(row)
    const taken = new Set(row.truths.map(truth => task.textOf(truth)))
    const start = Math.floor(seededRandom(work.options.seed * 31 + row.number)() * values.length)
    const drawn: unknown[] = []
    for (let step = 0; step < values.length && drawn.length < count; step++) {
      const one = values[(start + step) % values.length]
      if (!one || one.unit === own || taken.has(one.text)) continue
      taken.add(one.text)
      drawn.push(one.value)
    }
    return drawn
  }
  return context
}
