/**
 * Measures the forecast model on the series that ships: `npm run train:numbers`. Writes card.json and card.md; every
 * number on the card comes from here. What a project forecasts with is learned from its own outcomes, later and there.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { cardHead, shareCells } from '../card-text'
import { measureWorker } from '../measure-worker'
import type { ModelCard } from '../model'
import { cardOf, learn } from './learn'
import { readRidership } from './ridership'
import { ridgePenalty } from './ridge'

// Raise it when the code answers differently from the same weights.
const codeVersion = 1
const folder = join(process.cwd(), 'models', 'numeric')

async function measure(): Promise<void> {
  const examples = readRidership()
  const begun = performance.now()
  const learned = learn(examples)
  const learnMs = Math.round(performance.now() - begun)
  const { quality, thresholds, notes } = cardOf(learned)
  const snapshot = createHash('sha256')
    .update(`${codeVersion}\n${ridgePenalty}\n`)
    .update(readFileSync(join(folder, 'ridge.ts')))
    .update(readFileSync(join(process.cwd(), 'domain', 'calendar-forecast.ts')))
    .digest('hex')
    .slice(0, 12)
  const card: ModelCard = {
    name: 'Forecasts from the calendar',
    summary:
      'Forecasts a number from weekday, month, hour, special days and a trend, by ridge regression on log1p of the number, with a 95 % interval from held-out periods. It knows a series once it was trained on its outcomes.',
    goodAt: [
      'Series that follow weekday, season and hour.',
      'Saying how far off it may be: the interval comes from periods that it had not seen.',
    ],
    failsAt: [
      'What no calendar knows: weather, strikes, a new line, a closed road.',
      'Special days that it has seen once or never.',
      'The first weeks after a lasting change; it learns them with the next training.',
      'Numbers below zero: they count as 0.',
    ],
    trainingData: [
      {
        what: 'Nothing by itself. Measured on daily rides at Clark/Lake, Chicago (modeldata; City of Chicago)',
        rows: examples.length,
        licence: 'MIT (package), open data of the city',
      },
    ],
    licence: 'Apache-2.0',
    offline: true,
    telemetry: false,
    measured: {
      at: new Date().toISOString().slice(0, 10),
      machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB, Node ${process.versions.node}`,
      how: 'Split by time: every day that was judged lies after every day that set the interval, and those after every day that was learned.',
    },
    quality,
    thresholds,
    cost: { ...(await measureWorker('numeric')), sizeMb: 0, learnMs },
    notes: [
      ...notes,
      'Learned from the last four years at most.',
      'Confidence is the share of held-out periods of the same kind of day whose truth was within a tenth of the forecast.',
    ],
  }
  writeFileSync(join(folder, 'card.json'), `${JSON.stringify({ snapshot, card }, null, 2)}\n`)
  writeFileSync(join(folder, 'card.md'), cardText(card, snapshot))
}

function cardText(card: ModelCard, snapshot: string): string {
  return `${cardHead(card, snapshot)} Intervals of shares are 95 % Wilson.

| measure | value | interval | n |
|---|---|---|---|
${card.quality.map(row => `| ${row.measure} | ${shareCells(row.result)} |`).join('\n')}

By confidence threshold:

| threshold | within a tenth | interval | shown | periods forecast | interval | periods |
|---|---|---|---|---|---|---|
${card.thresholds.map(row => `| ${row.threshold} | ${row.precision ? shareCells(row.precision) : 'none shown | | 0'} | ${shareCells(row.coverage)} |`).join('\n')}

${card.notes.map(line => `- ${line}`).join('\n')}

## Cost

| | |
|---|---|
| answer, median | ${card.cost.latencyP50Ms} ms |
| answer, 95th percentile | ${card.cost.latencyP95Ms} ms |
| start | ${card.cost.loadMs} ms |
| memory | ${card.cost.memoryMb} MB |
| learning ${card.trainingData[0]?.rows.toLocaleString('en')} days | ${card.cost.learnMs} ms |
| works offline | yes |
| telemetry | none |

The model itself: ${card.licence}.
`
}

await measure()
